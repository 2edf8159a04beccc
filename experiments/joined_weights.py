r"""
How much surprisal should weigh in the joined embeddings of `alps-encoder`.

    python experiments/joined_weights.py FOLDER... --output runs/joined-weights --cache cache --sub-pools 20 \
        --table docs/results/joined-weights.csv

The sub-pools, budgets and classifier are those of `cold_start.py`. An arm is a weight w of
`alps.representations.joined` with the text nearest to each centre of k-means: 0 is BERT-KM and 1 is ALPS. All arms of a
sub-pool and budget start k-means from the same stream. About 4 seconds for each sub-pool and data set on one free core,
once the texts are represented. What is finished is not computed again.

The table has gains over Random in points of accuracy, averaged over 16 to 128 labels, and over `BEFORE`, the weight
that was taken before anything was measured; intervals are the bootstrap's at 95 %, sub-pools resampled inside data
sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.analysis.bootstrap import bootstrap_interval, mean_over_groups
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import surprisal
from alps.representations.features import Features
from alps.representations.joined import join
from alps.selectors import kmeans, random
from cold_start import BUDGETS, NOTHING, RANDOM_DRAWS, SubPool, compute, options
from cold_start_tables import Cells, mean, read, write

WEIGHTS, BEFORE = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0), 0.3
ALL = "all"
COLUMNS = ("weight", "data_set", "n", "gain", "lower", "upper", "over_before", "lower_over", "upper_over")


def cell(pool: SubPool) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    bench, seed = pool.bench, pool.seed
    copies, everything = np.ones(len(pool.rows), dtype=np.int64), np.arange(len(pool.rows))
    meaning = bench.embeddings[pool.rows]
    strange = surprisal.represent(Texts.of(bench.train.pool, pool.rows), copies, bench.resources, Stream(seed)).matrix
    joined = {weight: Features(join(meaning, strange, weight), copies) for weight in WEIGHTS}
    for k in BUDGETS:
        stream = Stream(seed, f"budget {k}")
        for draw in range(RANDOM_DRAWS):
            picks = random.select(joined[0.0], everything, NOTHING, k, stream.child(f"random {draw}")).rows
            yield bench.name, seed, k, "random", draw, *pool.measured(picks, None)
        for weight, features in joined.items():
            picks = kmeans.select(features, everything, NOTHING, k, stream.child("kmeans")).rows
            yield bench.name, seed, k, f"weight {weight}", 0, *pool.measured(picks, None)


def table(folder: Path) -> list[dict[str, Any]]:
    """A line for each weight, of every data set and of all."""
    cells = read(folder)
    lines = []
    for weight in WEIGHTS:
        over_random, over_before = (
            differences(cells, f"weight {weight}", other) for other in ("random", f"weight {BEFORE}")
        )
        for name in (ALL, *over_random):
            gain, lower, upper = average(over_random, name)
            over, lower_over, upper_over = average(over_before, name)
            n = sum(len(values) for values in over_random.values()) if name == ALL else len(over_random[name])
            values = (weight, name, n, gain, lower, upper, over, lower_over, upper_over)
            lines.append(dict(zip(COLUMNS, values, strict=True)))
    return lines


def differences(cells: Cells, arm: str, other: str) -> dict[str, npt.NDArray[np.float64]]:
    """Accuracy of one arm minus that of another in points, mean over budgets: data set -> (sub-pools,)."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (data_set, _), arms in sorted(cells.items()):
        for seed in sorted(arms[arm]):
            own, others = (mean(arms[name][seed])["accuracy"] for name in (arm, other))
            found[data_set][seed].append(100 * (own - others))
    return {name: np.array([np.mean(values) for values in seeds.values()]) for name, seeds in found.items()}


def average(groups: dict[str, npt.NDArray[np.float64]], name: str) -> tuple[float, float, float]:
    """The mean over data sets, or that of one, with its interval."""
    some = groups if name == ALL else {name: groups[name]}
    return mean_over_groups(some), *(bootstrap_interval(some, Stream(0, name)) or (np.nan, np.nan))


def main() -> None:
    """Compute what is not there yet."""
    parser = options(__doc__, sub_pools=20)
    parser.add_argument("--table", type=Path, required=True)
    arguments = parser.parse_args()
    compute(arguments, cell)
    write(arguments.table, COLUMNS, table(arguments.output))


if __name__ == "__main__":
    main()
