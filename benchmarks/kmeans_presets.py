"""
What further starts and iterations of k-means buy: inertia and seconds as ratios to the preset `released`.

On surprisal embeddings, mean over some seeds; inertia below 1 is better than what the published code computes, and
`nearest pick` is the mean distance from a text to its nearest pick, which is what the picks are for.

    python benchmarks/kmeans_presets.py agnews/train.tsv --rows 5000 --cache-dir /var/tmp/alps-cache
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from alps.representations.features import Features
from alps.selectors.kmeans import PRESETS
from alps.selectors.nearest import nearest_distinct
from embeddings import surprisal_features

STARTS = (1, 3, 10)
ITERATIONS = (10, 30, 100, 300)
BASE = "released"


def main() -> None:
    """Print one table per file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, help="files that `alps select` reads")
    parser.add_argument("--rows", type=int, default=5000, help="texts of each file, drawn at random (default: 5000)")
    parser.add_argument("-k", type=int, default=100, help="clusters (default: 100)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each setting (default: 3)")
    parser.add_argument("--cache-dir", type=Path, help="where token surprisal is kept from run to run")
    arguments = parser.parse_args()
    grid = {
        f"n_init {n_init}, max_iter {max_iter}": {"n_init": n_init, "max_iter": max_iter, "tol": 1e-4}
        for n_init in STARTS
        for max_iter in ITERATIONS
    }
    settings = {BASE: PRESETS[BASE], **PRESETS, **grid}
    for path in arguments.paths:
        features = surprisal_features(path, arguments.rows, arguments.cache_dir)
        print(f"\n{path.parent.name}/{path.name}: {features.n:,} texts, k = {arguments.k}, {arguments.seeds} seeds\n")
        print("| setting | inertia | worst seed | nearest pick | iterations | seconds |")
        print("|---|---|---|---|---|---|")
        base = None
        for name, options in settings.items():
            runs = np.array([run(features, arguments.k, seed, options) for seed in range(arguments.seeds)])
            base = runs if base is None else base
            ratios = runs / base
            inertia, nearest, _, seconds = ratios.mean(axis=0)
            print(
                f"| {name} | {inertia:.4f} | {ratios[:, 0].max():.4f} | {nearest:.4f} "
                f"| {runs[:, 2].mean():.0f} | {seconds:.3f} |",
                flush=True,
            )
        if base is not None:
            print(f"\nOne run of `{BASE}` took {base[:, 3].mean():.1f} s of processor time.")


def run(features: Features, k: int, seed: int, options: Mapping[str, Any]) -> tuple[float, float, int, float]:
    """Inertia, mean distance to the nearest pick, iterations of the best start, seconds of processor time."""
    weights = features.copies.astype(np.float32)
    kmeans = KMeans(k, init="k-means++", random_state=seed, **options)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        started = time.process_time()  # not the clock on the wall: other programs run beside
        kmeans.fit(features.matrix, sample_weight=weights)
        seconds = time.process_time() - started
        rows, _ = nearest_distinct(features, kmeans.cluster_centers_)
        distances = np.sqrt(features.squared_distances(features.dense(rows)).min(axis=1))
    return kmeans.inertia_, float(np.average(distances, weights=features.copies)), kmeans.n_iter_, seconds


if __name__ == "__main__":
    main()
