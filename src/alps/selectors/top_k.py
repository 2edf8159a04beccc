"""
Uncertainty sampling: the k texts about which the classifier is least sure.

`entropy`: of the predicted distribution (Lewis & Gale, 1994; the paper, 5.2). `least-confidence`: one minus the largest
probability. `margin`: one minus the difference of the two largest (Scheffer et al., 2001). `bald`: how much the
label would tell about the classifier (Houlsby et al., 2011). `egl`: how long the gradient of the last layer would be
(Settles, Craven & Ray, 2007).

In the multi-label case the classes are taken as independent given the text: `entropy` is that of the set of labels, the
sum over the classes; `least-confidence` looks at the likeliest set; `margin` at the class with the closest race
between yes and no (Brinker, 2006); `bald` is the sum over the classes of what each tells. `egl` has no form for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.entropy import predictive_entropy
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
    return predictive_entropy(features.probabilities, multi_label=features.multi_label)


def least_confidence(features: PredictedFeatures) -> Array:
    """One minus the probability of the likeliest class, or set of classes, (n,)."""
    p = features.probabilities.astype(np.float64)
    return np.asarray(1.0 - (np.maximum(p, 1.0 - p).prod(axis=1) if features.multi_label else p.max(axis=1)))


def margin(features: PredictedFeatures) -> Array:
    """
    One minus the difference between the two largest probabilities, (n,); 0 for a single class.

    In the multi-label case, one minus the smallest difference between a class's yes and no.
    """
    probabilities = features.probabilities.astype(np.float64)
    if features.multi_label:
        return np.asarray(1.0 - np.abs(2.0 * probabilities - 1.0).min(axis=1))
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
    several = features.multi_label
    mean_entropy = predictive_entropy(draws, multi_label=several).mean(axis=1)
    return np.asarray(predictive_entropy(draws.mean(axis=1), multi_label=several) - mean_entropy)


def egl(features: PredictedFeatures) -> Array:
    """
    Expected gradient length in the last layer's weights, (n,): the sum over y of p_y |p - e_y| |h|.

    Raises
    ------
    AlpsError
        In the multi-label case, where the sum goes over 2^C sets.

    """
    if features.multi_label:
        raise AlpsError("EGL is for one label a text; choose another strategy, such as entropy.")
    p = features.probabilities.astype(np.float64)
    squares = np.square(p).sum(axis=1, keepdims=True)
    lengths = np.sqrt(np.maximum(squares - 2 * p + 1, 0.0))  # |p - e_y| for every y, (n, C)
    return np.asarray((p * lengths).sum(axis=1) * np.sqrt(features.squared_norms()))


SCORES: Mapping[str, Callable[[PredictedFeatures], Array]] = MappingProxyType(
    {"entropy": entropy, "least-confidence": least_confidence, "margin": margin, "bald": bald, "egl": egl}
)
