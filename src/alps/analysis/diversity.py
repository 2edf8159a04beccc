"""
Diversity of what was picked (equation 3): how far its word pieces are those of the texts that were not.

G_d(D) is the Jaccard similarity of V_D, the set of word pieces of the texts in D, and V_D', that of the
others, U minus D. Word pieces beyond the first 128 tokens of a text and special tokens are left out. Larger is more
diverse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.models.tokens import Tokens

MAX_PIECES = 128


def diversity(tokens: Tokens, rows: npt.ArrayLike, *, max_pieces: int = MAX_PIECES) -> float:
    """
    Equation 3 of the texts D against all others.

    Parameters
    ----------
    tokens
        Of all n texts of the pool.
    rows
        Which of them are D, int (m,). Cumulative when D is everything labelled so far, as in the published numbers.
    max_pieces
        How many tokens of each text count, from its first.

    Returns
    -------
    float
        Between 0 and 1; 0 where neither has a word piece.

    Raises
    ------
    AlpsError
        When a row is not one of the pool.

    """
    return diversities(tokens, [np.asarray(rows)], max_pieces=max_pieces)[0]


def diversities(
    tokens: Tokens, batches: Sequence[npt.ArrayLike], *, cumulative: bool = True, max_pieces: int = MAX_PIECES
) -> list[float]:
    """
    Equation 3 after every round.

    Parameters
    ----------
    tokens
        Of all n texts of the pool.
    batches
        The rows that each round queried, none of them twice.
    cumulative
        Whether D is everything labelled up to a round (the published numbers), or the round's batch alone.
    max_pieces
        How many tokens of each text count, from its first.

    """
    ids, offsets = _word_pieces(tokens, max_pieces)
    total = np.bincount(ids)  # how often each word piece comes in the pool
    labelled = np.zeros(len(offsets) - 1, dtype=bool)
    found = []
    for batch in batches:
        rows = np.asarray(batch, dtype=np.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= len(labelled)):
            raise AlpsError(f"Row {rows.max()} or {rows.min()} is not one of the {len(labelled)} texts of the pool.")
        if not cumulative:
            labelled[:] = False
        labelled[rows] = True
        inside = np.bincount(ids[np.repeat(labelled, np.diff(offsets))], minlength=len(total))
        ours, others = inside > 0, total > inside
        union = np.count_nonzero(ours | others)
        found.append(np.count_nonzero(ours & others) / union if union else 0.0)
    return found


def _word_pieces(tokens: Tokens, max_pieces: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Ids of all texts without special tokens and what is beyond the limit, and where each text begins."""
    lengths = tokens.lengths
    place = np.arange(len(tokens.ids)) - np.repeat(tokens.offsets[:-1], lengths)
    last = np.repeat(np.minimum(lengths - tokens.n_suffix, max_pieces), lengths)
    kept = (place >= tokens.n_prefix) & (place < last)
    sizes = np.maximum(np.minimum(lengths - tokens.n_suffix, max_pieces) - tokens.n_prefix, 0)
    return tokens.ids[kept].astype(np.int64), np.concatenate([[0], np.cumsum(sizes)])
