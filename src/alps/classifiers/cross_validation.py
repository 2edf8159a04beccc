"""How well a classifier does on labelled texts that it did not see: cross-validation."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.models.linear_head import MULTI_LABEL
from alps.representations import prediction
from alps.representations.resources import Resources


class CrossValidation(NamedTuple):
    """
    What a cross-validation gives.

    Attributes
    ----------
    scores
        ``micro_f1`` (single-label: accuracy) and ``macro_f1`` (over the classes that occur in truth or prediction, as
        in `alps.simulation.evaluate`) over all texts, ``n_texts`` and ``folds``. The texts are
        those that were chosen for labelling: on texts drawn at random the scores may be higher or lower.
    probabilities
        Of every class for each of n texts by the classifier that had not seen it, float32 (n, C).

    """

    scores: dict[str, Any]
    probabilities: npt.NDArray[np.float32]


def cross_validate(
    kind: str, recipe: str, labelled: Labelled, resources: Resources, stream: Stream, *, folds: int = 5
) -> CrossValidation:
    """
    Score a classifier on each fold after training on the others (Stone, JRSS B 1974).

    Folds keep the shares of the classes as far as they can (single-label), and copies of a text together.

    Parameters
    ----------
    kind, recipe, labelled, resources, stream
        As `alps.classifiers.train.train`.
    folds
        At least 2.

    Raises
    ------
    AlpsError
        When there are fewer distinct texts than folds.

    """
    n_distinct = int(labelled.groups().max()) + 1
    if not 2 <= folds <= n_distinct:
        raise AlpsError(f"There are {n_distinct} different labelled texts; name between 2 and {n_distinct} folds.")
    probabilities = np.zeros(labelled.targets.shape, dtype=np.float32)
    for number, (rest, out) in enumerate(_folds(labelled, folds, stream.child("cross-validation"))):
        trained = train(kind, recipe, labelled.take(rest), resources, stream.child(f"fold {number}"))
        probabilities[out] = _probabilities(labelled.take(out), resources.with_classifier(trained))
    predicted = _predictions(probabilities, labelled.problem_type)
    scores = f1_scores(labelled.targets, predicted)
    return CrossValidation({**scores, "n_texts": labelled.n, "folds": folds}, probabilities)


def f1_scores(true: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> dict[str, float]:
    """
    ``micro_f1`` and ``macro_f1`` of indicators, bool (n, C) each; 0 where nothing occurs in either.

    scikit-learn takes a single column of indicators for two classes, and counts the texts without the label as hits.

    >>> f1_scores(np.array([[True], [False]]), np.array([[False], [False]]))
    {'micro_f1': 0.0, 'macro_f1': 0.0}
    """
    hits = (true & predicted).sum(axis=0)  # (C,)
    said = true.sum(axis=0) + predicted.sum(axis=0)  # (C,): 2 TP + FP + FN
    occurs = said > 0
    if not occurs.any():
        return {"micro_f1": 0.0, "macro_f1": 0.0}
    return {
        "micro_f1": float(2 * hits.sum() / said.sum()),
        "macro_f1": float((2 * hits[occurs] / said[occurs]).mean()),
    }


def _folds(labelled: Labelled, folds: int, stream: Stream) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """For each fold, the texts outside and inside it."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    settings = {"n_splits": folds, "shuffle": True, "random_state": stream.integer() % 2**32}
    nothing, groups = np.zeros(labelled.n), labelled.groups()
    if labelled.problem_type == MULTI_LABEL or labelled.targets.sum(axis=0).max() < folds:  # nothing to share out
        return list(GroupKFold(**settings).split(nothing, groups=groups))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class of fewer texts than folds is told in the counts
        return list(StratifiedGroupKFold(**settings).split(nothing, labelled.targets.argmax(axis=1), groups))


def _probabilities(labelled: Labelled, resources: Resources) -> npt.NDArray[np.float32]:
    """What the classifier of some resources says of labelled texts, float32 (n, C)."""
    distinct, rows = np.unique(labelled.rows, return_inverse=True)
    texts = labelled.texts.subset(distinct)
    return prediction.represent(texts, np.ones(texts.n, np.int64), resources, Stream(0)).probabilities[rows]


def _predictions(probabilities: npt.NDArray[np.float32], problem_type: str) -> npt.NDArray[np.bool_]:
    """Indicators of the predicted classes, bool (n, C)."""
    if problem_type == MULTI_LABEL:
        return np.asarray(probabilities > 0.5)
    return np.asarray(np.arange(probabilities.shape[1]) == probabilities.argmax(axis=1)[:, None])
