"""
What BatchBALD saves by looking only at the texts that it may choose: processor time of all over that of some.

A probe is trained on some random labels of a data set, and both choose from all its texts. The one that looks at all
computes for every pick what each of the 1,000 highest texts by BALD would add. Both draw the same configurations, so
that their picks differ only where sampled ones decide; how many are the same is shown.

    OMP_NUM_THREADS=1 python benchmarks/batch_bald.py cut/trec6/train.parquet cut/agnews/train.parquet --cache-dir cache
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.probe import train_probe
from alps.representations import prediction
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.selectors.batch_bald import MAX_TEXTS, Joint, select
from alps.selectors.top_k import bald
from alps.simulation.data_sets import read_part

PICKS = (20, 100)

Rows = npt.NDArray[np.int64]


def main() -> None:
    """Print one table row for each file and number of picks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", help="files with a label for every text")
    parser.add_argument("--labelled", type=int, default=100, help="random labels that the probe has (default: 100)")
    parser.add_argument("--cache-dir", type=Path, help="where encoder embeddings are kept from run to run")
    arguments = parser.parse_args()
    print("| pool | texts, draws, classes | picks | all : some | the same picks |")
    print("|---|---|---|---|---|")
    for path in arguments.paths:
        features = predictions(path, arguments.labelled, Resources(cache_folder=arguments.cache_dir))
        assert features.samples is not None
        sizes = ", ".join(f"{size:,}" for size in features.samples.shape)
        for k in PICKS:
            every, with_every = timed(looking_at_all, features, k)
            some, with_some = timed(looking_at_some, features, k)
            same = len({*every.tolist()} & {*some.tolist()})
            print(f"| {Path(path).parent.name} | {sizes} | {k} | {with_every / with_some:.1f} | {same} |", flush=True)


def predictions(path: str, n_labelled: int, resources: Resources) -> Features:
    """What a probe with some random labels predicts of all texts of a file, with samples."""
    part = read_part(path)
    rows = Stream(0).generator().permutation(part.pool.n)[:n_labelled]
    labelled = Labelled.of(part.texts, part.labels[rows].tolist(), rows=rows)
    probe = train_probe(labelled, resources, Stream(0), samples=True)
    copies = np.ones(part.pool.n, np.int64)
    return prediction.represent(part.texts, copies, resources.with_classifier(probe), Stream(0), samples=True)


def timed(choose: Callable[[Features, int], Rows], features: Features, k: int) -> tuple[Rows, float]:
    """The rows that are chosen, and the processor's seconds."""
    start = time.process_time()
    rows = choose(features, k)
    return rows, time.process_time() - start


def looking_at_some(features: Features, k: int) -> Rows:
    """BatchBALD as it is."""
    everything = np.arange(features.n)
    return select(features, everything, everything[:0], k, Stream(0)).rows


def looking_at_all(features: Features, k: int) -> Rows:
    """The same by the gains of all."""
    waiting = np.argsort(-bald(features), kind="stable")
    joint, chosen = Joint(*features.samples.shape[1:], Stream(0)), []
    while len(chosen) < k:
        best = int(np.argmax(np.rint(joint.gains(features.samples[waiting[:MAX_TEXTS]]) * 2**20)))
        joint.add(features.samples[waiting[best]])
        chosen.append(waiting[best])
        waiting = np.delete(waiting, best)
    return np.array(chosen)


if __name__ == "__main__":
    main()
