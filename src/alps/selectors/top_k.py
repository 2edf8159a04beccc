"""
Uncertainty sampling: the k texts about whose class the classifier is least sure.

`entropy`: the entropy of the predicted distribution (Lewis & Gale 1994; the paper, 5.2). `least-confidence`: one
minus the largest probability. `margin`: one minus the difference of the two largest (Scheffer et al. 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.picks import Picks

Array = npt.NDArray[np.float64]


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
    *,
    score: str = "entropy",
) -> Picks:
    """
    Take the k candidates with the highest scores; ties go by row.

    Parameters
    ----------
    features
        Predicted probabilities, dense (n, C).
    candidates
        Rows to choose from, int64.
    labelled, stream
        Not used.
    k
        How many, at most ``len(candidates)``.
    score
        One of `SCORES`.

    """
    if score not in SCORES:
        raise AlpsError(f"The score {score!r} is unknown; choose one of {', '.join(SCORES)}.")
    scores = SCORES[score](features.dense(candidates).astype(np.float64))
    return Picks(candidates[np.lexsort((candidates, -scores))[:k]])


def entropy(probabilities: Array) -> Array:
    """
    Predictive entropy in nats, (n,).

    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3).tolist()
    [0.693, 0.0]

    """
    return np.asarray(entr(probabilities).sum(axis=1))


def least_confidence(probabilities: Array) -> Array:
    """One minus the largest probability, (n,)."""
    return np.asarray(1.0 - probabilities.max(axis=1))


def margin(probabilities: Array) -> Array:
    """One minus the difference between the two largest probabilities, (n,); 0 for a single class."""
    if probabilities.shape[1] < 2:
        return np.zeros(len(probabilities))
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (two[:, 1] - two[:, 0]))


SCORES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {"entropy": entropy, "least-confidence": least_confidence, "margin": margin}
)
