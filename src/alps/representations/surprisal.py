"""
Surprisal embeddings s_x (paper 4.2): token surprisal at the evaluated positions, 0 elsewhere, L2-normalised.

This is the cheap function; `alps.representations.token_surprisal` is the costly one.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.representations.token_surprisal import TokenSurprisal, token_surprisal


def represent(
    texts: Texts,
    copies: np.ndarray[tuple[int], np.dtype[np.int64]],
    resources: Resources,
    stream: Stream,
    *,
    evaluated_fraction: float = 0.15,
    masked: bool = False,
) -> Features:
    """
    Surprisal embeddings of distinct texts.

    Parameters
    ----------
    texts, copies
        The texts and how many of the pool each stands for, n.
    resources
        The masked language model, runner and store.
    stream
        Its seed decides which tokens are evaluated.
    evaluated_fraction
        Probability p that a token is evaluated.
    masked
        Whether the evaluated tokens are masked in the input (the paper's variant).

    Returns
    -------
    Features
        CSR float32 (n, max_length); rows have norm 1, or 0 where no token was evaluated. Facts: ``surprisal`` (mean
        nats over the evaluated tokens), ``zero``, ``cut``, ``n_tokens``, ``n_unknown``, ``n_short``.

    """
    surprisal = token_surprisal(texts, resources, seed=stream.seed, fraction=evaluated_fraction, masked=masked)
    matrix = surprisal_embeddings(surprisal, resources.max_length)
    facts = {
        "surprisal": surprisal.mean(),
        "zero": np.diff(matrix.indptr) == 0,
        "cut": surprisal.cut,
        "n_tokens": surprisal.n_tokens,
        "n_unknown": surprisal.n_unknown,
        "n_short": surprisal.n_short,
    }
    return Features(matrix, copies, facts)


def surprisal_embeddings(surprisal: TokenSurprisal, length: int) -> sp.csr_array:
    """
    Scatter token surprisal to its positions and normalise each row.

    Parameters
    ----------
    surprisal
        Surprisal of the evaluated tokens of n texts.
    length
        The embedding's length l.

    Returns
    -------
    scipy.sparse.csr_array
        float32 (n, length).

    """
    rows = surprisal.rows
    squares = np.bincount(rows, np.square(surprisal.nats, dtype=np.float64), minlength=len(surprisal.n_tokens))
    norms = np.sqrt(squares)
    values = np.divide(surprisal.nats, norms[rows], out=np.zeros(len(rows)), where=norms[rows] > 0)
    index_type = np.int32 if len(rows) < 2**31 else np.int64  # scikit-learn takes 32 bits only
    matrix = sp.csr_array(
        (values.astype(np.float32), surprisal.positions.astype(index_type), surprisal.offsets.astype(index_type)),
        shape=(len(surprisal.n_tokens), length),
    )
    matrix.eliminate_zeros()
    return matrix
