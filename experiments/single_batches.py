r"""
All labels in one batch against batches of 100: ALPS at 200, 500 and 1,000 labels (the paper, appendix A.3).

    python experiments/single_batches.py runs/learning-curves-probe runs/single-batches-200 runs/single-batches-500 \
        runs/single-batches-1000 --output docs/results/analyses/single-batches.csv

The first run has ALPS, `alps-single` and Random in rounds, each other one ALPS with a single batch: chosen anew for
each number of labels, as the paper does it. `alps-single` is one batch of all labels of the rounds, of which a
beginning is labelled. A line has the seeds that all four have, in points of micro-F1 on test.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from alps.simulation.results import read_run
from cold_start_tables import write

COLUMNS = ("data_set", "n_labelled", "n", "single_batch", "beginning", "batches", "random")
SINGLE, IN_ROUNDS = COLUMNS[3], {"alps-single": "beginning", "alps": "batches", "random": "random"}

Scores = dict[tuple[str, int], dict[str, dict[int, float]]]  # data set, labels -> column -> seed -> points


def read(rounds: Path, singles: list[Path]) -> Scores:
    """The scores of every curve at every number of labels."""
    found: Scores = defaultdict(lambda: defaultdict(dict))
    for folder in (rounds, *singles):
        for curve in read_run(folder):
            column = IN_ROUNDS.get(curve.cell.strategy) if folder == rounds else SINGLE
            for each in curve.rounds if column else ():
                score = 100 * each.scores["test"]["micro_f1"]
                found[curve.cell.dataset, each.n_labelled][str(column)][curve.cell.seed] = score
    return found


def lines(scores: Scores) -> list[dict[str, Any]]:
    """One line for each data set and number of labels that a single batch has."""
    table = []
    for (data_set, n_labelled), columns in sorted(scores.items()):
        seeds = sorted(set.intersection(*({*columns[name]} for name in COLUMNS[3:])))
        if seeds:
            means = {name: float(np.mean([columns[name][seed] for seed in seeds])) for name in COLUMNS[3:]}
            table.append({"data_set": data_set, "n_labelled": n_labelled, "n": len(seeds), **means})
    return table


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=Path)
    parser.add_argument("single", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    write(options.output, COLUMNS, lines(read(options.rounds, options.single)))


if __name__ == "__main__":
    main()
