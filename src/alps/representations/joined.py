"""Surprisal embeddings and encoder embeddings side by side: what is strange about a text, and what it means."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations import encoding, surprisal
from alps.representations.features import Features
from alps.representations.resources import Resources

# The best of seven from 0 to 1, for k-means, 16 to 128 labels and a probe: +2.1 points over Random on six data sets; 0
# has +1.6, 0.3 has +0.3 and 1 has -1.1 (experiments/joined_weights.py, docs/results/joined-weights.md).
SURPRISAL_WEIGHT = 0.1


def represent(
    texts: Texts,
    copies: npt.NDArray[np.int64],
    resources: Resources,
    stream: Stream,
    *,
    surprisal_weight: float = SURPRISAL_WEIGHT,
    evaluated_fraction: float = 0.15,
    masked: bool = False,
) -> Features:
    """
    The rows [sqrt(1 - w) z; sqrt(w) s] of encoder embeddings z and surprisal embeddings s, each of norm 1.

    A squared distance is then (1 - w) times that of the encoder embeddings plus w times that of the surprisal
    embeddings.

    Parameters
    ----------
    texts, copies, resources, stream, evaluated_fraction, masked
        As in `alps.representations.surprisal` and `alps.representations.encoding`.
    surprisal_weight
        w, from 0 to 1.

    Returns
    -------
    Features
        Dense float32 (n, hidden size + max_length), with the facts of the surprisal embeddings.

    Raises
    ------
    AlpsError
        When the weight is not from 0 to 1.

    """
    if not 0.0 <= surprisal_weight <= 1.0:
        raise AlpsError(f"The surprisal weight {surprisal_weight} is not from 0 to 1.")
    strange = surprisal.represent(
        texts, copies, resources, stream, evaluated_fraction=evaluated_fraction, masked=masked
    )
    meaning = encoding.represent(texts, copies, resources, stream)
    return Features(join(meaning.matrix, strange.matrix, surprisal_weight), copies, strange.facts)


def join(z: npt.NDArray[np.float32], s: sp.csr_array, weight: float) -> npt.NDArray[np.float32]:
    """
    Put two embeddings of the same texts side by side.

    Parameters
    ----------
    z, s
        Rows of norm 1, dense (n, d) and CSR (n, l).
    weight
        The share w of the second in a squared distance.

    >>> join(np.array([[1.0]], np.float32), sp.csr_array([[0.0, 1.0]]), 0.25).round(3)
    array([[0.866, 0.   , 0.5  ]], dtype=float32)

    """
    parts = [math.sqrt(1 - weight) * z, math.sqrt(weight) * s.toarray()]
    return np.concatenate(parts, axis=1).astype(np.float32)
