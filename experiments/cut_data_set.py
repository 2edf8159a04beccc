r"""
Cut a data set to a size that an afternoon can simulate: a folder with train, test and no dev file.

    python experiments/cut_data_set.py FOLDER --output cut/NAME --train 4000 --test 2000

The texts are drawn at random by a fixed seed; `cold_start.py` draws the same ones, so that what it computed is found in
the cache.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa

from alps.base.streams import Stream
from alps.pool.write import write_table
from alps.simulation.data_sets import DataSet, Part, read_folder


def cut(data: DataSet, most_train: int, most_test: int) -> tuple[Part, Part]:
    """Train and test part, each of at most so many texts."""
    train, test = (
        part.take(np.sort(Stream(0, name).generator().permutation(part.pool.n)[:most]))
        for name, part, most in (("train", data.train, most_train), ("test", data.test, most_test))
    )
    return train, test


def write(folder: Path, train: Part, test: Part, *, force: bool = False) -> None:
    """Write both parts into a folder that is there, and say how many texts they have."""
    for name, part in (("train", train), ("test", test)):
        table = pa.table({"text": part.pool.texts, "label": part.labels.tolist()})
        write_table(table, folder / f"{name}.parquet", force=force)
        print(f"{folder.name} {name}: {part.pool.n} texts")


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--test", type=int, default=2000)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True)
    train, test = cut(read_folder(arguments.folder), arguments.train, arguments.test)
    write(arguments.output, train, test)


if __name__ == "__main__":
    main()
