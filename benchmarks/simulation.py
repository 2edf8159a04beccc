r"""What sharing saves in a simulation, and what the runner itself costs, as a Markdown table.

    python benchmarks/simulation.py trec6 --texts 2000

The folder has train and test files. Ten cells (five strategies, two seeds) of the probe run in one process, once with
everything shared from an empty cache, and once alone: each cell in a process of its own with an empty cache of its own,
so that it shares between its rounds only. The overhead is what a round takes beyond represent, select, train, evaluate.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alps.pool.read import read_pool
from alps.pool.write import write_table
from alps.simulation.grid import Grid, Settings
from alps.simulation.results import read_run
from alps.simulation.runner import Step, simulate

STRATEGIES = ("random", "alps", "bert-km", "badge", "margin")
SEEDS = (0, 1)
TEST_TEXTS = 500


def cut(folder: Path, smaller: Path, n: int) -> None:
    """The first texts of a data set."""
    smaller.mkdir()
    for name, size in (("train", n), ("test", TEST_TEXTS)):
        pool = read_pool(next(folder.glob(f"{name}.*")))
        write_table(pool.take(range(min(size, pool.n))), smaller / f"{name}.csv")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-k", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        data = place / arguments.folder.name
        cut(arguments.folder, data, arguments.texts)
        settings = Settings(k=arguments.k, rounds=arguments.rounds)
        grid = Grid((str(data),), STRATEGIES, ("probe",), SEEDS, settings)
        ends: list[float] = []

        def told(_: Step) -> None:
            ends.append(time.perf_counter())

        start = time.perf_counter()
        simulate(grid, place / "shared", jobs=1, cache_folder=place / "cache", told=told)
        shared = time.perf_counter() - start
        curves = read_run(place / "shared")
        parts = [sum(each.seconds.values()) for curve in curves for each in curve.rounds]
        computed = sum(parts) - parts[0]  # the first round ends where the clock of the others begins
        overhead = (ends[-1] - ends[0]) / computed - 1

        start = time.perf_counter()
        for strategy in STRATEGIES:
            for seed in SEEDS:
                line = [
                    sys.executable,
                    "-m",
                    "alps.cli.main",
                    "simulate",
                    "--dataset",
                    str(data),
                    "--strategy",
                    strategy,
                ]
                line += ["--seeds", f"{seed},", "--rounds", str(arguments.rounds), "-k", str(arguments.k)]
                line += ["--jobs", "1", "--cache-dir", str(place / f"cache-{strategy}-{seed}")]
                line += ["--quiet", "--output-dir", str(place / "alone")]
                subprocess.run(line, check=True)
        alone = time.perf_counter() - start
        same = [[each.picks for each in curve.rounds] for curve in curves] == [
            [each.picks for each in curve.rounds] for curve in read_run(place / "alone")
        ]
    row = (
        arguments.folder.name, f"{arguments.texts:,}", len(curves), arguments.rounds, f"{shared:.0f}", f"{alone:.0f}",
        f"{alone / shared:.1f}", f"{100 * overhead:.1f} %", "yes" if same else "no",
    )  # fmt: skip
    sys.stdout.write(
        "| data | texts | cells | rounds | shared, s | alone, s | alone / shared | overhead | same picks |\n"
    )
    sys.stdout.write("|---" * len(row) + "|\n| " + " | ".join(map(str, row)) + " |\n")


if __name__ == "__main__":
    main()
