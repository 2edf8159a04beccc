"""
What random labelling would have brought: a learning curve of the audit.

The texts of the audit were drawn at random, so classifiers trained on some of them and asked about the others show how
accuracy would have grown with random labels: up to two thirds of the audit. What lies beyond is an extrapolation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from alps.base.streams import Stream
from alps.classifiers.labelled import Answer, Labelled
from alps.models.linear_head import MULTI_LABEL, fit_probe
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.resources import Resources

FEWEST = 100  # labels of the audit
REPEATS = 40
N_SIZES = 6
_SMALLEST = 10


def learning_curve_of_random_texts(
    texts: Sequence[str], answers: Sequence[Answer], resources: Resources, seed: int
) -> dict[str, Any] | None:
    """
    Accuracies of `probe` after training on random texts.

    Parameters
    ----------
    texts, answers
        The n labelled texts of the audit.
    resources
        The encoder.
    seed
        Decides the splits.

    Returns
    -------
    dict or None
        ``sizes``, how many texts were trained on, and ``scores``, the accuracy on a third of the audit that was left
        out, one list for each of `REPEATS` splits; None for fewer than `FEWEST` texts, or where all have one label.

    """
    if len(texts) < FEWEST:
        return None
    labelled = Labelled.of(Texts.of_strings(list(texts)), list(answers))
    if labelled.constant:
        return None
    stream = Stream(seed).child("against-random")
    copies = np.ones(labelled.texts.n, np.int64)
    embeddings = encoding.represent(labelled.texts, copies, resources, stream).matrix
    most = 2 * labelled.n // 3
    sizes = np.unique(np.geomspace(_SMALLEST, most, N_SIZES).astype(np.int64))
    generator, scores = stream.generator(), []
    for _ in range(REPEATS):
        order = generator.permutation(labelled.n)
        out = order[most:]
        found = []
        for size in sizes:
            head = fit_probe(embeddings[order[:size]], labelled.targets[order[:size]], labelled.labels,
                             problem_type=labelled.problem_type)  # fmt: skip
            probabilities = head.probabilities(embeddings[out])
            if labelled.problem_type == MULTI_LABEL:
                right = ((probabilities > 0.5) == labelled.targets[out]).all(axis=1)
            else:
                right = labelled.targets[out, probabilities.argmax(axis=1)]
            found.append(round(float(right.mean()), 4))
        scores.append(found)
    return {"sizes": sizes.tolist(), "scores": scores}
