"""
Uncertainty of what was picked (equation 4): its mean predictive entropy under a classifier that saw every label.

The classifier must be trained. The published values, 1.34 for four classes and 1.58 for five, are next to ln 4 = 1.386
and ln 5 = 1.609: what a classifier gives that knows nothing, so that the published figure says nothing of uncertainty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.models.entropy import predictive_entropy

_NEAR_UNIFORM = 0.95  # of ln C: the published values are 0.96 and more of it
_SIGMAS = 3.0


def check_trained(probabilities: npt.ArrayLike, gold: npt.ArrayLike) -> None:
    """
    Refuse a classifier that knows nothing.

    Parameters
    ----------
    probabilities
        Its probabilities of texts it was not trained on, (n, C).
    gold
        Their classes, int (n,).

    Raises
    ------
    AlpsError
        When its mean entropy is next to ln C, or its accuracy is not above the share of the largest class by more than
        three standard errors.

    """
    rows, classes = np.asarray(probabilities, dtype=np.float64), np.asarray(gold)
    n, n_classes = rows.shape
    accuracy = float(np.mean(rows.argmax(axis=1) == classes))
    chance = float(np.bincount(classes).max() / n)
    check_scores(float(predictive_entropy(rows).mean()), accuracy, chance, n=n, n_classes=n_classes)


def check_scores(entropy: float, accuracy: float, chance: float, *, n: int, n_classes: int) -> None:
    """
    Refuse as `check_trained`, by what is known of a classifier.

    Parameters
    ----------
    entropy
        Its mean predictive entropy in nats.
    accuracy, chance
        On n texts it was not trained on, and the share of the largest class among them.
    n, n_classes
        Texts and classes.

    Raises
    ------
    AlpsError
        See `check_trained`.

    """
    most = float(np.log(n_classes))
    if entropy >= _NEAR_UNIFORM * most:
        raise AlpsError(
            f"The classifier is not trained: its mean entropy, {entropy:.3f} nats, is next to "
            f"ln {n_classes} = {most:.3f}, that of a guess; train it on the full training set before "
            "measuring uncertainty."
        )
    if accuracy <= chance + _SIGMAS * np.sqrt(chance * (1.0 - chance) / n):
        raise AlpsError(
            f"The classifier is not trained: it is right on {accuracy:.1%} of {n} texts, and naming the largest class "
            f"always would be on {chance:.1%}; train it on the full training set before measuring uncertainty."
        )


def uncertainty(probabilities: npt.ArrayLike, rows: npt.ArrayLike) -> float:
    """
    Equation 4 of the texts D: their mean predictive entropy, between 0 and ln C nats.

    Parameters
    ----------
    probabilities
        Of all n texts of the pool, (n, C), under a classifier that `check_trained` let pass.
    rows
        Which of them are D, int (m,).

    Raises
    ------
    AlpsError
        When D is empty.

    Examples
    --------
    >>> uncertainty([[0.5, 0.5], [1.0, 0.0]], [0, 1])  # (ln 2 + 0) / 2
    0.34657359027997264

    """
    return uncertainties(probabilities, [rows])[0]


def uncertainties(
    probabilities: npt.ArrayLike, batches: Sequence[npt.ArrayLike], *, cumulative: bool = True
) -> list[float]:
    """Equation 4 after every round: of everything labelled up to it, or of the round's batch alone."""
    return mean_entropies(predictive_entropy(probabilities), batches, cumulative=cumulative)


def mean_entropies(
    entropy: npt.NDArray[np.float64], batches: Sequence[npt.ArrayLike], *, cumulative: bool = True
) -> list[float]:
    """As `uncertainties`, from the predictive entropy of each text of the pool, float64 (n,)."""
    found = []
    labelled = np.empty(0, dtype=np.int64)
    for batch in batches:
        rows = np.asarray(batch, dtype=np.int64)
        labelled = np.concatenate([labelled, rows]) if cumulative else rows
        if not len(labelled):
            raise AlpsError("Nothing is labelled, so there is no uncertainty of it; give at least one text.")
        found.append(float(entropy[labelled].mean()))
    return found
