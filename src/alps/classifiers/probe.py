"""The classifier `probe`: logistic regression on embeddings of the frozen pre-trained encoder, calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.models.calibration import temperature
from alps.models.classifier import DRAWS, Classifier
from alps.models.linear_head import LinearHead, fit_probe
from alps.representations import encoding
from alps.representations.resources import Resources

_FOLDS = 5
_FEWEST_CALIBRATED = 20  # different texts; of fewer, what is held out tells too little

Rows = npt.NDArray[np.int64]


def train_probe(labelled: Labelled, resources: Resources, stream: Stream, *, samples: bool = False) -> Classifier:
    """
    A classifier trained on labelled texts.

    Parameters
    ----------
    labelled
        n texts and their labels.
    resources
        The encoder, runner and store.
    stream
        The randomness of the folds and samples.
    samples
        Whether `Classifier.samples` is wanted: heads fitted to bootstrap samples of the texts (Efron, 1979), which
        stand for the posterior.

    """
    copies = np.ones(labelled.texts.n, np.int64)
    examples = _Examples(labelled, encoding.represent(labelled.texts, copies, resources, stream).matrix[labelled.rows])
    heads = [examples.fit(np.arange(labelled.n))]
    if samples:
        draws = stream.child("bootstrap").generator().integers(labelled.n, size=(DRAWS, labelled.n))
        heads += [examples.fit(rows) for rows in draws]
    sureness = 1.0 / examples.held_out_temperature(stream.child("folds"))
    head, *drawn = (each.scaled(sureness) for each in heads)
    return Classifier(head, drawn_heads=tuple(drawn))


@dataclass(frozen=True)
class _Examples:
    labelled: Labelled
    embeddings: npt.NDArray[np.float32]

    def fit(self, rows: Rows) -> LinearHead:
        """A head for some of the texts, repeated where their rows are."""
        known = self.labelled
        weights = None if known.weights is None else known.weights[rows]
        return fit_probe(
            self.embeddings[rows], known.targets[rows], known.labels, weights=weights, problem_type=known.problem_type
        )

    def held_out_temperature(self, stream: Stream) -> float:
        """
        The temperature of heads that are each fitted without one fold and asked about it.

        Copies of a text are in one fold: a head that knew one of them would be too sure of the others.
        """
        targets, groups = self.labelled.targets, self.labelled.groups()
        n_groups = int(groups.max()) + 1
        if n_groups < _FEWEST_CALIBRATED or self.labelled.constant:
            return 1.0
        folds = stream.generator().permutation(n_groups)[groups] % _FOLDS
        logits = np.empty(targets.shape, dtype=np.float32)
        fair = np.ones(len(targets), dtype=bool)
        for fold in range(_FOLDS):
            out, rest = folds == fold, np.flatnonzero(folds != fold)
            logits[out] = self.fit(rest).logits(self.embeddings[out])
            # A class that no text outside the fold has, or every one, cannot be told; that says nothing of the others.
            unknown, given = ~targets[rest].any(axis=0), targets[rest].all(axis=0)
            fair[out] = ~((targets[out] & unknown) | (~targets[out] & given)).any(axis=1)
        return temperature(logits[fair], targets[fair], self.labelled.problem_type) if fair.any() else 1.0
