"""
What a trained classifier predicts for each text, and the embeddings from which it does (the warm strategies).

BALD and BatchBALD need draws from the posterior of the classifier. Here they are heads on one and the same embedding:
with `probe`, fitted to bootstrap samples of the labelled texts; with `finetune`, Monte-Carlo dropout on the input of
the last layer alone, at 0.1 whatever the recipe trained with. The recipes `stable` and `many` train without dropout, so
that the argument of Gal & Ghahramani (ICML 2016), who draw in every layer as in training, does not cover them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.predicted import PredictedFeatures
from alps.representations.resources import Resources


def represent(
    texts: Texts,
    copies: npt.NDArray[np.int64],
    resources: Resources,
    stream: Stream,
    *,
    samples: bool = False,
    normalised: bool = False,
) -> PredictedFeatures:
    """
    Predictions of the acquisition model.

    Parameters
    ----------
    texts, copies
        The texts and how many of the pool each stands for, n.
    resources
        Its `classifier`, encoder, runner and store.
    stream
        Not used: what is random was drawn when the classifier was trained.
    samples
        Whether predictions under draws from the classifier's posterior are wanted.
    normalised
        Whether the embeddings are scaled to norm 1, as CAL's authors do; those of a frozen encoder always are.

    Returns
    -------
    PredictedFeatures
        With the facts of `alps.representations.encoding`.

    Raises
    ------
    AlpsError
        When there is no classifier, or it gives no samples.

    """
    classifier = resources.classifier
    if classifier is None:
        raise AlpsError("This strategy looks through a trained classifier; give labelled texts to train one on.")
    if classifier.encoder is None:
        encoded = encoding.represent(texts, copies, resources, stream)
    else:
        encoded = encoding.encodings(texts, copies, resources)
    return PredictedFeatures(
        encoding.normalise(encoded.matrix) if normalised else encoded.matrix,
        copies,
        encoded.facts,
        probabilities=classifier.head.probabilities(encoded.matrix),
        samples=classifier.samples(encoded.matrix) if samples else None,
        multi_label=classifier.multi_label,
    )
