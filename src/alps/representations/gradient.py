"""
BADGE's gradient embeddings (Ash et al., ICLR 2020; the paper, 5.2): the gradient of the loss in the last layer.

With the most likely class taken for the true one, the gradient of the cross-entropy in the weights of the last linear
layer is g_i = (p_i - 1[i = argmax p]) h, h being the input of that layer. Long where the classifier is unsure, and
pointing where the text would move it. In the multi-label case every class is a question of its own, whose likelier
answer is taken for the true one: g_i = (p_i - 1[p_i > 1/2]) h.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import encoding, prediction
from alps.representations.outer_product import OuterProductFeatures
from alps.representations.resources import Resources

Array = npt.NDArray[np.float32]


def represent(
    texts: Texts,
    copies: npt.NDArray[np.int64],
    resources: Resources,
    stream: Stream,
    *,
    normalised: bool = False,
) -> OuterProductFeatures:
    """
    Gradient embeddings of distinct texts under the acquisition model.

    Parameters and errors as in `alps.representations.prediction` and `gradient_embeddings`.
    """
    known = prediction.represent(texts, copies, resources, stream)
    return gradient_embeddings(
        known.probabilities, known.matrix, copies, known.facts, normalised=normalised, multi_label=known.multi_label
    )


def gradient_embeddings(
    probabilities: Array,
    hidden: Array,
    copies: npt.NDArray[np.int64],
    facts: Mapping[str, npt.NDArray[Any]] | None = None,
    *,
    normalised: bool = False,
    multi_label: bool = False,
) -> OuterProductFeatures:
    """
    Gradient embeddings, never written out.

    Parameters
    ----------
    probabilities
        Predicted, float32 (n, C).
    hidden
        Inputs h of the last linear layer, float32 (n, d).
    copies
        How many texts of the pool each row stands for, int64 (n,).
    facts
        What else is known of each text.
    normalised
        Whether rows are scaled to norm 1, as in the code that the ALPS paper's authors released. That takes away how
        unsure the classifier is.
    multi_label
        Whether the probabilities are of C questions of their own.

    Returns
    -------
    OuterProductFeatures
        n rows of length C d.

    """
    left = probabilities.copy()
    if multi_label:
        left -= left > 0.5
    else:
        left[np.arange(len(left)), left.argmax(axis=1)] -= 1.0
    right = hidden
    if normalised:
        left, right = encoding.normalise(left), encoding.normalise(right)
    return OuterProductFeatures(left, copies, facts or {}, right=right)
