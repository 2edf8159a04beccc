"""How good a classifier is on texts with gold labels: micro- and macro-F1, and the scores of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.models.classifier import Classifier
from alps.models.entropy import predictive_entropy
from alps.pool.texts import Texts
from alps.representations import prediction
from alps.representations.resources import Resources
from alps.simulation.data_sets import Part


@dataclass(frozen=True)
class Scores:
    """
    Scores of one part.

    Attributes
    ----------
    overall
        ``micro_f1`` (with one label a text it is the accuracy) and ``macro_f1``, the plain mean of F1 over the classes
        that occur in truth or prediction.
    per_class
        Label -> ``precision``, ``recall``, ``f1``, ``support``.

    """

    overall: dict[str, float]
    per_class: dict[str, dict[str, float]]


def evaluate(trained: Classifier, part: Part, resources: Resources) -> Scores:
    """Score what a classifier predicts for a part."""
    looked_through = resources.with_classifier(trained)
    predicted = prediction.represent(part.texts, np.ones(part.pool.n, np.int64), looked_through, Stream(0))
    names = np.array(trained.head.labels, dtype=object)
    return score(part.labels, names[predicted.probabilities.argmax(axis=1)], trained.head.labels)


def entropies(trained: Classifier, part: Part, resources: Resources) -> npt.NDArray[np.float64]:
    """Predictive entropy of every text of a part in nats, float64 (n,), ordered by id."""
    texts = Texts.of(part.pool, part.pool.distinct().rows)
    looked_through = resources.with_classifier(trained)
    found = prediction.represent(texts, np.ones(texts.n, np.int64), looked_through, Stream(0))
    return predictive_entropy(found.probabilities)


def score(true: npt.NDArray[np.object_], predicted: npt.NDArray[np.object_], classes: Sequence[str]) -> Scores:
    """
    Scores of predicted labels (n,) against the true ones (n,).

    >>> score(np.array(["a", "a", "b"], object), np.array(["a", "b", "b"], object), ["a", "b"]).overall
    {'micro_f1': 0.6666666666666666, 'macro_f1': 0.6666666666666666}
    """
    per_class = {}
    for name in classes:
        hits = int(np.sum((true == name) & (predicted == name)))
        n_true, n_predicted = int(np.sum(true == name)), int(np.sum(predicted == name))
        if n_true or n_predicted:
            per_class[name] = {
                "precision": hits / n_predicted if n_predicted else 0.0,
                "recall": hits / n_true if n_true else 0.0,
                "f1": 2 * hits / (n_true + n_predicted),
                "support": float(n_true),
            }
    macro = sum(values["f1"] for values in per_class.values()) / len(per_class)
    return Scores({"micro_f1": float(np.mean(true == predicted)), "macro_f1": macro}, per_class)
