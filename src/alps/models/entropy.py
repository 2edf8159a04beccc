"""Predictive entropy: how unsure a classifier is of a text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import entr


def predictive_entropy(probabilities: npt.ArrayLike, *, multi_label: bool = False) -> npt.NDArray[np.float64]:
    """
    Entropy in nats along the last axis, float64 (...,).

    Parameters
    ----------
    probabilities
        (..., C), adding up to one along the last axis; any from 0 to 1 in the multi-label case.
    multi_label
        Whether each class is a yes or no of its own: the entropy is then that of the set of labels, their sum.

    >>> predictive_entropy([[0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]]).round(4)
    array([1.3863, 0.    ])

    """
    p = np.asarray(probabilities, dtype=np.float64)
    return np.asarray((entr(p) + entr(1.0 - p) if multi_label else entr(p)).sum(axis=-1))
