r"""
Why `usl` falls behind: its neighbourhood and its repulsion varied, on the sub-pools of `cold_start.py`.

    python experiments/usl_anatomy.py FOLDER... --output runs/usl-anatomy --cache cache --sub-pools 10
    python experiments/cold_start_tables.py runs/usl-anatomy --output docs/results --prefix usl-anatomy

The published density is that of the 400 nearest texts, made for pools of tens of thousands of images; a sub-pool has
1,000 texts. `usl` with fewer neighbours and without repulsion stands beside k-means (`bert-km`) and beside the text of
each cluster that is nearest to the mean of the whole *pool* (`to the pool's mean`), which is what a density over many
neighbours comes down to. Single batches of 32, 64 and 128, the classifier is the probe.

Besides, `usl-terms.csv` beside the folder says of four sub-pools how well the density follows the nearness to that
mean (Pearson's r), and how far density and repulsion differ between the texts of one cluster (standard deviation, as
they add up in the choice): the larger one decides.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans, usl
from alps.selectors.one_of_each_cluster import best_of_each
from alps.simulation.grid import Settings
from alps.simulation.shared import resources_for
from cold_start import NOTHING, SubPool, compute, options, prepared, random_lines, sub_pool

BUDGETS = (32, 64, 128)
NEIGHBOURS = (10, 40, 400)
REPULSIONS = (0.5, 0.0)
TERM_SUB_POOLS = 4


def cell(pool: SubPool) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    everything = np.arange(len(pool.rows))
    features = Features(pool.bench.embeddings[pool.rows], np.ones(len(pool.rows), dtype=np.int64))
    to_mean = -np.linalg.norm(features.matrix - features.matrix.mean(axis=0), axis=1).astype(np.float64)
    for k in BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        yield from random_lines(pool, features, k, stream)
        arms = {"bert-km": kmeans.select(features, everything, NOTHING, k, stream.child("bert-km")).rows}
        for repulsion in REPULSIONS:
            for neighbours in NEIGHBOURS:
                arms[f"usl {neighbours} neighbours, repulsion {repulsion}"] = usl.select(
                    features, everything, NOTHING, k, stream.child("usl"), neighbours=neighbours, weight=repulsion
                ).rows
        centres = kmeans.fit_centres(features, k, stream.child("usl"))
        arms["to the pool's mean"] = best_of_each(kmeans.assign(features, centres), to_mean)
        for name, rows in arms.items():
            yield pool.bench.name, pool.seed, k, name, 0, *pool.measured(rows, None)


def terms(folders: list[Path], cache: Path) -> Iterator[tuple[object, ...]]:
    """Data set, measure, and its mean over sub-pools."""
    resources = resources_for(Settings(), cache)
    yield "data_set", "measure", "n", "mean"
    for folder in folders:
        bench = prepared(folder, resources)
        found: dict[str, list[float]] = defaultdict(list)
        for seed in range(TERM_SUB_POOLS):
            pool = sub_pool(bench, seed)
            for name, value in terms_of(Features(bench.embeddings[pool.rows], np.ones(len(pool.rows), dtype=np.int64))):
                found[name].append(value)
        for name, values in found.items():
            yield bench.name, name, len(values), f"{np.mean(values):.3f}"


def terms_of(features: Features) -> Iterator[tuple[str, float]]:
    """Every measure of one pool."""
    from_mean = np.linalg.norm(features.matrix - features.matrix.mean(axis=0), axis=1)
    densities = {neighbours: usl.density(features, neighbours, Stream(0)) for neighbours in NEIGHBOURS}
    for neighbours, density in densities.items():
        yield f"r of density, {neighbours} neighbours, and nearness to the mean", np.corrcoef(density, -from_mean)[0, 1]
    density = densities[usl.NEIGHBOURS]
    for k in BUDGETS:
        cluster = kmeans.assign(features, kmeans.fit_centres(features, k, Stream(0)))
        chosen = features.take(best_of_each(cluster, density))
        repulsion = usl.WEIGHT * usl.repulsion_from(features, chosen, cluster)
        yield f"sd of density within clusters, k = {k}", sd_within(density, cluster)
        yield f"sd of repulsion within clusters, k = {k}", sd_within(repulsion, cluster)


def sd_within(values: np.ndarray, cluster: np.ndarray) -> float:
    """The pooled standard deviation within clusters."""
    means = np.bincount(cluster, values) / np.maximum(np.bincount(cluster), 1)
    return float(np.sqrt(np.mean((values - means[cluster]) ** 2)))


def main() -> None:
    """Compute what is missing."""
    arguments = options(__doc__, sub_pools=10).parse_args()
    compute(arguments, cell)
    with (arguments.output.parent / "usl-terms.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(terms(arguments.folders, arguments.cache))


if __name__ == "__main__":
    main()
