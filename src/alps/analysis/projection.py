"""Many dimensions in two, to be drawn: principal components, or t-SNE."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.streams import Stream

PROJECTIONS = ("pca", "tsne")
_PERPLEXITY = 30.0  # the usual one; smaller where there are few rows
_FEWEST_FOR_TSNE = 5


@dataclass(frozen=True)
class Projection:
    """
    Points of a plane.

    Attributes
    ----------
    name
        One of `PROJECTIONS`.
    points
        float64 (n, 2).
    explained
        The share of the variance along each axis; None where axes mean nothing (t-SNE).

    """

    name: str
    points: npt.NDArray[np.float64]
    explained: tuple[float, float] | None


def check_projection(name: str) -> None:
    """
    Refuse a name that is not in `PROJECTIONS`.

    Raises
    ------
    AlpsError
        When it is not; lists those there are.

    """
    if name not in PROJECTIONS:
        raise AlpsError(f"The map {name!r} is unknown; choose one of {', '.join(PROJECTIONS)}.")


def project(matrix: npt.NDArray[np.float32], fitted: npt.NDArray[np.bool_], name: str, stream: Stream) -> Projection:
    """
    Lay rows out in a plane.

    Parameters
    ----------
    matrix
        float32 (n, d).
    fitted
        Which rows the axes of PCA are found from, bool (n,); t-SNE has to look at all.
    name
        ``pca``, or ``tsne`` (van der Maaten & Hinton, JMLR 2008), which falls back to PCA for fewer than 5 rows.
    stream
        The randomness of t-SNE.

    Raises
    ------
    AlpsError
        When the name is unknown.

    """
    check_projection(name)
    if name == "tsne" and len(matrix) >= _FEWEST_FOR_TSNE:
        return Projection("tsne", _tsne(matrix, stream), None)
    return _principal_components(matrix.astype(np.float64), fitted)


def _principal_components(matrix: npt.NDArray[np.float64], fitted: npt.NDArray[np.bool_]) -> Projection:
    if matrix.shape[1] == 1:  # a plane has two axes
        matrix = np.pad(matrix, ((0, 0), (0, 1)))
    mean = matrix[fitted].mean(axis=0)
    centred = matrix[fitted] - mean
    variances, axes = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = axes[:, ::-1][:, :2]
    # The sign of an axis is arbitrary: let its largest entry be positive.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    total = variances.sum()
    shares = np.maximum(variances[::-1][:2], 0.0) / total if total > 0 else np.zeros(2)
    points = (matrix - mean) @ axes
    return Projection("pca", points, (float(shares[0]), float(shares[1])))


def _tsne(matrix: npt.NDArray[np.float32], stream: Stream) -> npt.NDArray[np.float64]:
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (len(matrix) - 1) / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # texts that are all alike
        points = TSNE(perplexity=perplexity, init="random", random_state=stream.integer()).fit_transform(matrix)
    return np.nan_to_num(np.asarray(points, dtype=np.float64))
