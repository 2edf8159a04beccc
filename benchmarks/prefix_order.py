"""
Is every prefix of the picks a good batch? Our order of them against random orders of the same picks.

For the first k/10, k/4 and k/2 picks: the mean Euclidean distance from a text of the pool to its nearest pick, over
the strategy's embeddings, as a ratio to the same in a random order. Below 1, our order is nearer to the pool.
`stratified` keeps the order of its clusters, `alps` has one that is greedy on this very distance.

    python benchmarks/prefix_order.py agnews/train.tsv sst2/train.tsv --strategy stratified --cache-dir /var/tmp/alps
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans, stratified
from alps.selectors.prefix_order import prefix_order
from embeddings import encoder_features, surprisal_features

SHARES = (0.1, 0.25, 0.5)
N_RANDOM_ORDERS = 20


def main() -> None:
    """Print one table row per file and prefix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="files that `alps select` reads")
    parser.add_argument("--strategy", choices=ORDERS, default="alps")
    parser.add_argument("--rows", type=int, default=5000, help="texts of each file, drawn at random (default: 5000)")
    parser.add_argument("-k", type=int, default=100, help="picks (default: 100)")
    parser.add_argument("--cache-dir", type=Path, help="where token surprisal is kept from run to run")
    arguments = parser.parse_args()
    print(f"k = {arguments.k}; {N_RANDOM_ORDERS} random orders; distance in our order : in a random order.\n")
    print("| pool | texts | first picks | our distance | ratio, mean | ratio, range |")
    print("|---|---|---|---|---|---|")
    for path in arguments.paths:
        embed, choose = ORDERS[arguments.strategy]
        features = embed(path, arguments.rows, arguments.cache_dir)
        ours, at_random = compare(features, choose(features, arguments.k))
        for share, distance, others in zip(SHARES, ours, at_random.T, strict=True):
            ratios = distance / others
            first = n_first(share, arguments.k)
            print(
                f"| {path.parent.name}/{path.name} | {features.n:,} | {first} | {distance:.4f} "
                f"| {ratios.mean():.3f} | {ratios.min():.3f} - {ratios.max():.3f} |"
            )


def alps_order(features: Features, k: int) -> npt.NDArray[np.int64]:
    """The picks of k-means in our order."""
    everything = np.arange(features.n)
    picks = kmeans.select(features, everything, everything[:0], k, Stream(0, "kmeans")).rows
    return picks[prefix_order(features, everything, picks, Stream(0, "order"))]


def stratified_order(features: Features, k: int) -> npt.NDArray[np.int64]:
    """The picks of `stratified` in the order that they come in."""
    everything = np.arange(features.n)
    return stratified.select(features, everything, everything[:0], k, Stream(0)).rows


ORDERS = {"alps": (surprisal_features, alps_order), "stratified": (encoder_features, stratified_order)}


def compare(
    features: Features, picks: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Mean distance to the nearest of the first picks.

    Returns
    -------
    ours, at_random
        For each of `SHARES` in our order, float64 (3,), and in the random orders, float64 (20, 3).

    """
    k = len(picks)
    distances = np.sqrt(features.squared_distances(features.dense(picks)))  # (n, k)

    def coverage(order: npt.NDArray[np.int64]) -> list[float]:
        nearest = [distances[:, order[: n_first(share, k)]].min(axis=1) for share in SHARES]
        return [float(np.average(column, weights=features.copies)) for column in nearest]

    generator = np.random.default_rng(0)
    ours = coverage(np.arange(k))
    at_random = [coverage(generator.permutation(k)) for _ in range(N_RANDOM_ORDERS)]
    return np.array(ours), np.array(at_random)


def n_first(share: float, k: int) -> int:
    """How many picks a share of them is, at least one."""
    return max(1, round(share * k))


if __name__ == "__main__":
    main()
