"""
A linear classification head: the last layer of every classifier here, and the whole of what `probe` trains.

A classifier is an encoder and this head. `probe` leaves the encoder as it was pre-trained and fits the head by
logistic regression in a fraction of a second; `finetune` trains both. What a strategy looks at (probabilities, the
input h of this layer, gradients) is the same for both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from alps.base.atomic import atomic_file
from alps.base.errors import AlpsError
from alps.models.exact_product import exact_product

SINGLE_LABEL, MULTI_LABEL = "single_label_classification", "multi_label_classification"  # transformers' words

# Inverse strength of the L2 penalty on embeddings of norm 1; fixed before any result was seen.
INVERSE_PENALTY = 10.0
_MAX_ITERATIONS = 1000
_IMPOSSIBLE = -1e4  # a logit whose probability is 0 in float32

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LinearHead:
    """
    Labels as a linear function of embeddings.

    Attributes
    ----------
    labels
        Names of the C classes.
    weight, bias
        float32 (C, d) and (C,).
    problem_type
        ``single_label_classification`` (softmax) or ``multi_label_classification`` (a sigmoid for each class).

    """

    labels: tuple[str, ...]
    weight: Array = field(repr=False)
    bias: Array = field(repr=False)
    problem_type: str = SINGLE_LABEL

    def logits(self, embeddings: Array) -> Array:
        """
        Logits, float32 (n, C), of embeddings (n, d).

        Those of a text do not depend on the others, nor on the threads.
        """
        return np.asarray(exact_product(embeddings, self.weight) + self.bias, dtype=np.float32)

    def probabilities(self, embeddings: Array) -> Array:
        """Probabilities, float32 (n, C): rows add up to 1 in the single-label case."""
        logits = self.logits(embeddings)
        return np.asarray(expit(logits) if self.problem_type == MULTI_LABEL else softmax(logits, axis=1))

    def scaled(self, factor: float) -> LinearHead:
        """The head whose logits are multiplied by a factor: one over the temperature of temperature scaling."""
        scale = np.float32(factor)
        return LinearHead(self.labels, self.weight * scale, self.bias * scale, self.problem_type)

    def save(self, folder: Path, *, force: bool = False) -> None:
        """
        Write ``head.safetensors`` into a folder that exists.

        Raises
        ------
        AlpsError
            When it exists and `force` is not set, or cannot be written.

        """
        facts = {"labels": json.dumps(self.labels), "problem_type": self.problem_type}
        with atomic_file(folder / "head.safetensors", force=force) as temporary:
            save_file({"weight": self.weight, "bias": self.bias}, temporary, facts)

    @staticmethod
    def load(folder: Path) -> LinearHead:
        """
        Read what `save` wrote.

        Raises
        ------
        AlpsError
            When there is nothing, or it is not a head.

        """
        path = folder / "head.safetensors"
        try:
            with safe_open(path, "np") as file:
                facts = file.metadata()
                weight, bias = file.get_tensor("weight"), file.get_tensor("bias")
            return LinearHead(tuple(json.loads(facts["labels"])), weight, bias, facts["problem_type"])
        except FileNotFoundError as error:
            raise AlpsError(f"There is no classifier in {folder}: {path.name} is missing.") from error
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise AlpsError(f"{path} is not a classifier's head or is damaged; train it again.") from error


def fit_probe(
    embeddings: Array,
    targets: npt.NDArray[np.bool_],
    labels: Sequence[str],
    *,
    weights: npt.NDArray[np.floating] | None = None,
    problem_type: str = SINGLE_LABEL,
) -> LinearHead:
    """
    Logistic regression on frozen embeddings.

    Parameters
    ----------
    embeddings
        float32 (n, d), best of norm 1.
    targets
        Indicators, bool (n, C); in the single-label case exactly one in every row.
    labels
        Names of the C classes.
    weights
        Of the texts, (n,), for example the sizes of the clusters they stand for; their mean is made 1.
    problem_type
        See `LinearHead`.

    Returns
    -------
    LinearHead
        A class that no text has gets the probability 0; where all texts have one class, the head is constant.

    Raises
    ------
    AlpsError
        When there are no texts, or targets are not as described.

    """
    inputs = np.asarray(embeddings, dtype=np.float64)
    n, n_classes = len(inputs), len(labels)
    if not n:
        raise AlpsError("There are no labelled texts to train on; label some first.")
    if targets.shape != (n, n_classes):
        raise AlpsError(f"The targets have the shape {targets.shape}, not {(n, n_classes)}.")
    sample_weight = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64) / np.mean(weights)
    with threadpool_limits(1):
        if problem_type == MULTI_LABEL:
            heads = [_binary(inputs, targets[:, c], sample_weight) for c in range(n_classes)]
            weight, bias = np.stack([head[0] for head in heads]), np.array([head[1] for head in heads])
        else:
            if not (targets.sum(axis=1) == 1).all():
                raise AlpsError("Every text needs exactly one label here; use the multi-label problem type for more.")
            weight, bias = _softmax(inputs, targets.argmax(axis=1), n_classes, sample_weight)
    return LinearHead(tuple(labels), weight.astype(np.float32), bias.astype(np.float32), problem_type)


def _softmax(
    embeddings: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    n_classes: int,
    weights: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    weight, bias = np.zeros((n_classes, embeddings.shape[1])), np.full(n_classes, _IMPOSSIBLE)
    seen = np.unique(classes)
    if len(seen) == 1:
        bias[seen] = 0.0
        return weight, bias
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=_MAX_ITERATIONS).fit(embeddings, classes, weights)
    if len(seen) == 2:  # scikit-learn gives one row, the log-odds of the second class
        weight[seen[1]], bias[seen[0]], bias[seen[1]] = model.coef_[0], 0.0, model.intercept_[0]
    else:
        weight[seen], bias[seen] = model.coef_, model.intercept_
    return weight, bias


def _binary(
    embeddings: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    if positive.all() or not positive.any():
        return np.zeros(embeddings.shape[1]), -_IMPOSSIBLE if positive.all() else _IMPOSSIBLE
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=_MAX_ITERATIONS).fit(embeddings, positive, weights)
    return model.coef_[0], float(model.intercept_[0])
