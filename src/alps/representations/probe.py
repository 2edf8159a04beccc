"""Train the classifier `probe`: logistic regression on embeddings of the frozen pre-trained encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.models.classifier import Classifier
from alps.models.linear_head import bootstrap, fit_probe
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.resources import Resources

DRAWS = 20  # heads for BALD


def train_probe(
    texts: Texts,
    labels: Sequence[str],
    resources: Resources,
    stream: Stream,
    *,
    weights: npt.NDArray[np.floating] | None = None,
    samples: bool = False,
) -> Classifier:
    """
    A classifier trained on labelled texts.

    Parameters
    ----------
    texts
        n distinct texts.
    labels
        Their labels, (n,).
    resources
        The encoder, runner and store.
    stream
        The randomness of the samples.
    weights
        Of the texts, (n,); see `fit_probe`.
    samples
        Whether `Classifier.samples` is wanted.

    Returns
    -------
    Classifier
        Its labels are in alphabetical order.

    """
    names, classes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    embeddings = encoding.represent(texts, np.ones(texts.n, np.int64), resources, stream).matrix
    targets = np.eye(len(names), dtype=bool)[classes]
    head = fit_probe(embeddings, targets, names.tolist(), weights=weights)
    classifier = Classifier(head)
    if samples:
        drawn = bootstrap(embeddings, targets, names.tolist(), DRAWS, stream.child("bootstrap").generator())
        classifier = replace(classifier, drawn_heads=tuple(drawn))
    return classifier
