"""
k-means, then the text nearest to each centre (paper 4.2; BERT-KM, paper 5.2).

Two centres can share a nearest text. The published code fills up at random; here the closest pair of a free centre and
a free text is taken again and again (ties by id), so that exactly k distinct texts come back.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.nearest import blocks, nearest_distinct, rows_for
from alps.selectors.picks import Picks

# paper: 10 iterations, as section 4.2 says. released: what scikit-learn 0.22, which the authors' code calls, does.
# default: one start from k-means++, run until it settles (docs/speed.md: inertia and seconds of the three).
PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "default": {"n_init": 1, "max_iter": 100, "tol": 1e-4},
        "paper": {"n_init": 1, "max_iter": 10, "tol": 0.0},
        "released": {"n_init": 10, "max_iter": 300, "tol": 1e-4},
    }
)

# Above this many texts the centres are fitted on a sample of as many; every text is still assigned to them.
FIT_ROWS = 1_000_000


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
    *,
    preset: str = "default",
) -> Picks:
    """
    Cluster the candidates into k clusters and take the nearest text of each centre.

    Parameters
    ----------
    features
        Embeddings of n texts; a text with copies weighs as often as it occurs.
    candidates
        Rows to cluster and choose from, int64.
    labelled
        Not used, as published.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness of the start.
    preset
        One of `PRESETS`.

    """
    check_preset(preset)
    pool = features.take(candidates)
    with threadpool_limits(1):  # more threads add up in another order, which changes last bits
        centres = fit_centres(pool, k, stream, preset)
        clusters = assign(pool, centres)
        sizes = np.bincount(clusters, pool.copies, minlength=k).astype(np.int64)
        rows, distances = nearest_distinct(pool, centres)
    clusters[rows] = np.arange(k)  # also where a nearer centre took another text
    return Picks(rows, sizes, distances, centres, clusters).among(candidates, features.n)


def check_preset(preset: str) -> None:
    """
    Refuse a preset that is not in `PRESETS`.

    Raises
    ------
    AlpsError
        When it is not; lists those there are.

    """
    if preset not in PRESETS:
        raise AlpsError(f"The k-means preset {preset!r} is unknown; choose one of {', '.join(PRESETS)}.")


def fit_centres(features: Features, k: int, stream: Stream, preset: str = "default") -> npt.NDArray[np.float32]:
    """
    Centres of k-means on all rows, or on a sample of `FIT_ROWS` of them.

    Returns
    -------
    numpy.ndarray
        float32 (k, d), the same whatever the number of threads.

    """
    generator = stream.generator()
    if features.n > FIT_ROWS:
        features = features.take(np.sort(generator.choice(features.n, FIT_ROWS, replace=False)))
    kmeans = KMeans(k, init="k-means++", random_state=int(generator.integers(2**31)), **PRESETS[preset])
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct embeddings than k: see nearest_distinct
        kmeans.fit(features.matrix, sample_weight=features.copies.astype(np.float32))
    return np.asarray(kmeans.cluster_centers_, dtype=np.float32)


def assign(features: Features, centres: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """The nearest centre of each row, int64 (n,); ties go to the first centre."""
    nearest = [
        np.argmin(block.squared_distances(centres), axis=1) for block in blocks(features, rows_for(len(centres)))
    ]
    return np.concatenate(nearest)
