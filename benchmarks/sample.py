"""
What a random sample of the pool costs the batch: `alps select --sample`.

`stratified` chooses 100 texts from all of a labelled file, and from random samples of it, with as many seeds as asked
for. The variance tells how far the classes in the batch are from those of the file: that of their counts, summed over
the classes, divided by that of 100 texts drawn at random (computed, not drawn). The last column is the seconds that
choosing takes, from embeddings that are there, divided by those for the whole file.

    python benchmarks/sample.py agnews/train.tsv trec6/train.tsv --cache-dir /var/tmp/alps
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from alps.base.streams import Stream
from alps.pool.pool import Distinct, Pool
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations.encoding import represent
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.selectors import stratified

K = 100


def main() -> None:
    """Print one table row per file and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="files with the columns text and label")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 1000], help="sizes of samples")
    parser.add_argument("--seeds", type=int, default=200, help="batches of each (default: 200)")
    parser.add_argument("--cache-dir", type=Path, help="where embeddings are kept from run to run")
    arguments = parser.parse_args()
    print("| file | texts | of | variance, random = 1 | choosing |")
    print("|---|---|---|---|---|")
    for path in arguments.paths:
        pool = read_pool(path, text_column="text")
        resources = Resources("bundled", cache_folder=arguments.cache_dir)
        distinct = pool.distinct()
        features = represent(Texts.of(pool, distinct.rows), distinct.copies, resources, Stream(0))
        whole = 0.0
        for size in [pool.n, *(size for size in arguments.sizes if size < pool.n)]:
            variance, seconds = measure(pool, distinct, features, size, arguments.seeds)
            whole = whole or seconds
            print(
                f"| {path.parent.name} | {size:,} | {pool.n:,} | {variance:.2f} | {seconds / whole:.2f} |", flush=True
            )


def measure(pool: Pool, distinct: Distinct, features: Features, size: int, n_seeds: int) -> tuple[float, float]:
    """
    Batches from samples of one size.

    Returns
    -------
    variance, seconds
        Of the counts of the classes, as a ratio to random batches; of the quickest choice.

    """
    classes, labels = np.unique(pool.table["label"].to_numpy(), return_inverse=True)
    share = np.bincount(labels) / pool.n
    expected = K * share
    at_random = (K * share * (1 - share)).sum() * (pool.n - K) / (pool.n - 1)
    squares, times = [], []
    for seed in range(n_seeds):
        drawn = pool.drawn(size, seed, np.ones(pool.n, dtype=np.bool_))
        copies = np.bincount(distinct.group[drawn], minlength=features.n)
        looked_at = np.flatnonzero(copies)
        start = time.perf_counter()
        seen = replace(features.take(looked_at), copies=copies[looked_at])
        everything = np.arange(seen.n)
        picks = stratified.select(seen, everything, everything[:0], K, Stream(seed)).rows
        times.append(time.perf_counter() - start)
        counts = np.bincount(labels[distinct.rows[looked_at[picks]]], minlength=len(classes))
        squares.append(((counts - expected) ** 2).sum())
    return float(np.mean(squares) / at_random), min(times)


if __name__ == "__main__":
    main()
