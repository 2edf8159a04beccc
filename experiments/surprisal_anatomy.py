r"""
What surprisal clusters are clusters of: positions, lengths or classes; and what lies nearest to their centres.

    python experiments/surprisal_anatomy.py FOLDER... --output docs/results/surprisal-anatomy.csv --cache cache

On the sub-pools of `cold_start.py`, at 64 labels: k-means and the nearest texts, as in ALPS, on variants of its
embedding:

- `surprisal`: ALPS; `every token`: all tokens evaluated;
- `positions`: 1 instead of the surprisal, so that only which positions were evaluated is left;
- `sorted`: the same surprisals, largest first, so that the positions are lost;
- `length`: the number of tokens alone; `encoder`: what texts mean (BERT-KM).

R^2 is the share of the variance between clusters: of the number of tokens, and of the class (its indicators added up).
`r2_class_chance` is that of shuffled classes: so many clusters explain that much of anything. `ari_position` is the
adjusted Rand index of the clusters and the position of the most surprising evaluated token.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import surprisal
from alps.representations.encoding import normalise
from alps.representations.features import Features
from alps.selectors import kmeans, random
from alps.simulation.grid import Settings
from alps.simulation.shared import resources_for
from cold_start import NOTHING, RANDOM_DRAWS, SubPool, prepared, sub_pool

BUDGET = 64
COLUMNS = (
    "data_set", "representation", "n", "accuracy", "gain", "macro_f1_gain", "classes_seen", "class_error",
    "tokens_picked", "tokens_pool", "evaluated_picked", "evaluated_pool", "r2_length", "r2_class",
    "r2_class_chance", "ari_position",
)  # fmt: skip


def variants(pool: SubPool) -> Iterator[tuple[str, Features]]:
    """Each embedding of the texts."""
    copies = np.ones(len(pool.rows), dtype=np.int64)
    texts = Texts.of(pool.bench.train.pool, pool.rows)
    rare = surprisal.represent(texts, copies, pool.bench.resources, Stream(pool.seed)).matrix
    every = surprisal.represent(texts, copies, pool.bench.resources, Stream(pool.seed), evaluated_fraction=1.0).matrix
    yield "surprisal", Features(rare, copies)
    yield "every token", Features(every, copies)
    yield "positions", Features(normalise((rare > 0).toarray().astype(np.float32)), copies)
    yield "sorted", Features(-np.sort(-rare.toarray(), axis=1), copies)
    yield "length", Features(pool.bench.n_tokens[pool.rows, None].astype(np.float32), copies)
    yield "encoder", Features(pool.bench.embeddings[pool.rows], copies)


def explained(values: npt.NDArray[np.float64], cluster: npt.NDArray[np.int64]) -> float:
    """The share of the variance of columns (n, m), added up, that lies between clusters."""
    sizes = np.bincount(cluster)
    between = sum(
        np.sum(np.bincount(cluster, column)[sizes > 0] ** 2 / sizes[sizes > 0]) - column.sum() ** 2 / len(column)
        for column in values.T
    )
    return float(between / np.sum((values - values.mean(axis=0)) ** 2))


def lines(pool: SubPool) -> Iterator[tuple[str, list[float]]]:
    """The columns of each representation, from `accuracy` on."""
    everything = np.arange(len(pool.rows))
    bench = pool.bench
    found = list(variants(pool))
    rare: sp.csr_array = found[0][1].matrix
    evaluated = np.diff(rare.indptr)
    strangest = np.where(evaluated > 0, rare.argmax(axis=1), -1)
    labels = bench.train.labels[pool.rows]
    indicators = (labels[:, None] == np.array(bench.classes, dtype=object)[None]).astype(np.float64)
    stream = Stream(pool.seed, f"budget {BUDGET}")
    shuffled = stream.child("shuffled classes").generator().permutation(indicators)
    tokens = bench.n_tokens[pool.rows]
    by_chance = [
        random.select(found[0][1], everything, NOTHING, BUDGET, stream.child(f"random {draw}")).rows
        for draw in range(RANDOM_DRAWS)
    ]
    baseline = np.mean([pool.measured(rows, None) for rows in by_chance], axis=0)
    for name, features in found:
        picks = kmeans.select(features, everything, NOTHING, BUDGET, stream.child("surprisal").child("kmeans"))
        assert picks.centres is not None
        cluster = kmeans.assign(features, picks.centres)
        accuracy, macro_f1, seen, error, _ = pool.measured(picks.rows, None)
        yield name, [
            100 * accuracy, 100 * (accuracy - baseline[0]), 100 * (macro_f1 - baseline[1]), seen, error,
            float(tokens[picks.rows].mean()), float(tokens.mean()),
            float(evaluated[picks.rows].mean()), float(evaluated.mean()),
            explained(tokens[:, None].astype(np.float64), cluster), explained(indicators, cluster),
            explained(shuffled, cluster), adjusted_rand_score(strangest, cluster),
        ]  # fmt: skip


def main() -> None:
    """Write one line for each data set and representation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--sub-pools", type=int, default=20)
    arguments = parser.parse_args()
    resources = resources_for(Settings(), arguments.cache)
    table = []
    for folder in arguments.folders:
        bench = prepared(folder, resources)
        found: dict[str, list[list[float]]] = {}
        for seed in range(arguments.sub_pools):
            for name, values in lines(sub_pool(bench, seed)):
                found.setdefault(name, []).append(values)
        for name, rows in found.items():
            means = [f"{value:.3f}" for value in np.mean(rows, axis=0)]
            table.append([bench.name, name, len(rows), *means])
        print(bench.name, flush=True)
    with arguments.output.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *table])


if __name__ == "__main__":
    main()
