"""
Uncertainty sampling: the k texts about which the classifier is least sure.

`entropy`: of the predicted distribution (Lewis & Gale, 1994; the paper, 5.2). `least-confidence`: one minus the largest
probability. `margin`: one minus the difference of the two largest (Scheffer et al., 2001). `bald`: how much the
label would tell about the classifier (Houlsby et al., 2011). `egl`: how long the gradient of the last layer would be
(Settles, Craven & Ray, 2007).
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
from alps.representations.predicted import PredictedFeatures, predicted
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
        `PredictedFeatures` of n texts.
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
    scores = SCORES[score](predicted(features.take(candidates)))
    return Picks(candidates[np.lexsort((candidates, -scores))[:k]])


def entropy(features: PredictedFeatures) -> Array:
    """Predictive entropy in nats, (n,)."""
    return _entropy(features.probabilities)


def least_confidence(features: PredictedFeatures) -> Array:
    """One minus the largest probability, (n,)."""
    return np.asarray(1.0 - features.probabilities.max(axis=1).astype(np.float64))


def margin(features: PredictedFeatures) -> Array:
    """One minus the difference between the two largest probabilities, (n,); 0 for a single class."""
    probabilities = features.probabilities.astype(np.float64)
    if probabilities.shape[1] < 2:
        return np.zeros(len(probabilities))
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (two[:, 1] - two[:, 0]))


def bald(features: PredictedFeatures) -> Array:
    """
    Mutual information of label and parameters, (n,): the entropy of the mean prediction minus the mean entropy.

    Raises
    ------
    AlpsError
        When the classifier gives no samples.

    """
    if features.samples is None:
        raise AlpsError("BALD needs samples of the predictions; train the classifier with some.")
    draws = features.samples.astype(np.float64)  # (n, draws, C)
    return np.asarray(_entropy(draws.mean(axis=1)) - _entropy(draws).mean(axis=1))


def egl(features: PredictedFeatures) -> Array:
    """Expected gradient length in the last layer's weights, (n,): the sum over y of p_y |p - e_y| |h|."""
    p = features.probabilities.astype(np.float64)
    squares = np.square(p).sum(axis=1, keepdims=True)
    lengths = np.sqrt(np.maximum(squares - 2 * p + 1, 0.0))  # |p - e_y| for every y, (n, C)
    return np.asarray((p * lengths).sum(axis=1) * np.sqrt(features.squared_norms()))


def _entropy(probabilities: npt.NDArray[np.floating]) -> Array:
    """Entropy in nats along the last axis."""
    return np.asarray(entr(probabilities.astype(np.float64)).sum(axis=-1))


SCORES: Mapping[str, Callable[[PredictedFeatures], Array]] = MappingProxyType(
    {"entropy": entropy, "least-confidence": least_confidence, "margin": margin, "bald": bald, "egl": egl}
)
