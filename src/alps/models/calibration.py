"""Temperature scaling (Guo et al., ICML 2017): probabilities that mean what they say, from predictions held out."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

from alps.models.linear_head import MULTI_LABEL

_WIDEST = math.log(20.0)  # temperatures from 1/20 to 20


def temperature(logits: npt.NDArray[np.floating], targets: npt.NDArray[np.bool_], problem_type: str) -> float:
    """
    The temperature under which held-out logits have the least cross-entropy.

    Parameters
    ----------
    logits
        Of texts that the classifier was not trained on, (n, C).
    targets
        Indicators, bool (n, C).
    problem_type
        See `LinearHead`.

    Returns
    -------
    float
        T; logits / T are calibrated. One text's worth of the loss is spent on staying near 1, so that a few texts
        that are all told right do not make the classifier certain of everything.

    >>> logits = np.array([[4.0, 0.0]] * 1000)
    >>> targets = np.array([[True, False]] * 700 + [[False, True]] * 300)
    >>> p = 1 / (1 + np.exp(-4.0 / temperature(logits, targets, "single_label_classification")))
    >>> bool(0.69 < p < 0.71)
    True

    """

    def loss(log_t: float) -> float:
        scaled = np.asarray(logits, dtype=np.float64) / math.exp(log_t)
        if problem_type == MULTI_LABEL:
            total = -np.where(targets, log_expit(scaled), log_expit(-scaled)).sum() / targets.shape[1]
        else:
            total = -log_softmax(scaled, axis=1)[targets].sum()
        return float(total + log_t**2)

    return math.exp(minimize_scalar(loss, bounds=(-_WIDEST, _WIDEST), method="bounded").x)
