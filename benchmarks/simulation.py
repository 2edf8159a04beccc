r"""What sharing saves in a simulation, and what the runner itself costs, as a Markdown table.

    python benchmarks/simulation.py trec6 --texts 1000

The folder has train and test files. Ten cells (ten strategies, one seed) of the probe run in one process, with
everything shared from an empty cache. The same cells run in two other ways: each in a process of its own with an empty
cache of its own, so that it shares between its rounds only; and with --no-share, where every round computes everything
itself. The overhead is what a round takes beyond represent, select, train and evaluate.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from alps.pool.read import read_pool
from alps.pool.write import write_table
from alps.simulation.grid import Grid, Settings
from alps.simulation.results import read_run
from alps.simulation.runner import Step, simulate

STRATEGIES = (
    "random", "alps", "alps-kmeans++", "alps-single", "bert-km", "stratified", "coreset", "badge", "margin", "entropy",
)  # fmt: skip
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
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-k", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        data = place / arguments.folder.name
        cut(arguments.folder, data, arguments.texts)
        settings = Settings(k=arguments.k, rounds=arguments.rounds)
        grid = Grid((str(data),), STRATEGIES, ("probe",), (0,), settings)
        ends: list[float] = []

        def told(_: Step) -> None:
            ends.append(time.perf_counter())

        start = time.perf_counter()
        simulate(grid, place / "shared", jobs=1, cache_folder=place / "cache", told=told)
        shared = time.perf_counter() - start
        curves = read_run(place / "shared")
        parts = {curve.cell.strategy: [sum(each.seconds.values()) for each in curve.rounds] for curve in curves}
        computed = sum(map(sum, parts.values())) - parts[STRATEGIES[0]][0]  # the clock begins when the first round ends
        overhead = (ends[-1] - ends[0]) / computed - 1

        start = time.perf_counter()
        simulate(replace(grid, settings=replace(settings, share=False)), place / "every-round", jobs=1)
        every_round = time.perf_counter() - start

        start = time.perf_counter()
        for strategy in STRATEGIES:
            line = [
                sys.executable, "-m", "alps.cli.main", "simulate", "--dataset", str(data), "--strategy", strategy,
                "--seeds", "0,", "--rounds", str(arguments.rounds), "-k", str(arguments.k), "--jobs", "1",
                "--cache-dir", str(place / f"cache-{strategy}"), "--quiet", "--output-dir", str(place / "alone"),
            ]  # fmt: skip
            subprocess.run(line, check=True)
        alone = time.perf_counter() - start
        picks = [
            [[each.picks for each in curve.rounds] for curve in read_run(place / name)]
            for name in ("shared", "alone", "every-round")
        ]
    row = (
        arguments.folder.name, f"{arguments.texts:,}", len(curves), arguments.rounds, f"{shared:.0f}", f"{alone:.0f}",
        f"{alone / shared:.1f}", f"{every_round:.0f}", f"{every_round / shared:.1f}", f"{100 * overhead:.1f} %",
        "yes" if picks[0] == picks[1] == picks[2] else "no",
    )  # fmt: skip
    sys.stdout.write(
        "| data | texts | cells | rounds | shared, s | processes, s | / shared | no-share, s | / shared | overhead "
        "| same picks |\n"
    )
    sys.stdout.write("|---" * len(row) + "|\n| " + " | ".join(map(str, row)) + " |\n")


if __name__ == "__main__":
    main()
