r"""
Why `usl` falls behind: its neighbourhood and its repulsion varied, on the sub-pools of `cold_start.py`.

    python experiments/usl_anatomy.py FOLDER... --output runs/usl-anatomy --cache cache --sub-pools 10
    python experiments/cold_start_tables.py runs/usl-anatomy --output docs/results --prefix usl-anatomy

The published density is that of the 400 nearest texts, made for pools of tens of thousands of images; a sub-pool has
1,000 texts. `usl` with fewer neighbours and without repulsion stands beside k-means (`bert-km`) and beside the text of
each cluster that is nearest to the mean of the whole *pool* (`to the pool's mean`), which is what a density over many
neighbours comes down to. Single batches of 32, 64 and 128, the classifier is the probe.
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans, random, usl
from alps.selectors.one_of_each_cluster import best_of_each
from cold_start import NOTHING, RANDOM_DRAWS, SubPool, compute, options

BUDGETS = (32, 64, 128)
NEIGHBOURS = (10, 40, 400)
REPULSIONS = (0.5, 0.0)


def cell(pool: SubPool) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    everything = np.arange(len(pool.rows))
    features = Features(pool.bench.embeddings[pool.rows], np.ones(len(pool.rows), dtype=np.int64))
    to_mean = -np.linalg.norm(features.matrix - features.matrix.mean(axis=0), axis=1).astype(np.float64)
    for k in BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        for draw in range(RANDOM_DRAWS):
            rows = random.select(features, everything, NOTHING, k, stream.child(f"random {draw}")).rows
            yield pool.bench.name, pool.seed, k, "random", draw, *pool.measured(rows, None)
        arms = {"bert-km": kmeans.select(features, everything, NOTHING, k, stream.child("bert-km")).rows}
        for repulsion in REPULSIONS:
            for neighbours in NEIGHBOURS:
                with patch.object(usl, "WEIGHT", repulsion):
                    picks = usl.select(features, everything, NOTHING, k, stream.child("usl"), neighbours=neighbours)
                arms[f"usl {neighbours} neighbours, repulsion {repulsion}"] = picks.rows
        centres = kmeans.fit_centres(features, k, stream.child("usl"))
        arms["to the pool's mean"] = best_of_each(kmeans.assign(features, centres), to_mean)
        for name, rows in arms.items():
            yield pool.bench.name, pool.seed, k, name, 0, *pool.measured(rows, None)


if __name__ == "__main__":
    compute(options(__doc__, sub_pools=10).parse_args(), cell)
