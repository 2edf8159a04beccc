"""
Which tokens are evaluated (paper 4.2: 15 % of them), and how they are masked in the masked variant.

The draw depends on (seed, text, position) only. A token that is evaluated at one fraction is evaluated at every larger
one, so what was computed for 10 % serves 15 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.streams import uniform_hash

_EVALUATE, _MASK, _REPLACEMENT = 0, 1, 2  # lanes of the hash
_TEXTS_AT_ONCE = 16_384


@dataclass(frozen=True)
class EvaluatedTokens:
    """
    The evaluated tokens of n texts, by text and then position.

    Attributes
    ----------
    rows, positions
        Which text, and where in it counting special tokens, int64 (P,).

    """

    rows: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]


def draw_evaluated_tokens(
    seed: int, fraction: float, keys: npt.NDArray[np.uint64], n_tokens: npt.NDArray[np.integer], first: int
) -> EvaluatedTokens:
    """
    Draw the evaluated tokens.

    Parameters
    ----------
    seed
        The seed of the run.
    fraction
        Probability p that a token is evaluated.
    keys
        64-bit keys of the texts, (n,).
    n_tokens
        Tokens of each text without special tokens, (n,).
    first
        Position of the first of them (special tokens before it).

    >>> draw_evaluated_tokens(0, 1.0, np.array([7, 8], np.uint64), np.array([2, 1]), first=1).positions.tolist()
    [1, 2, 1]

    """
    rows, positions = [], []
    for start in range(0, len(keys), _TEXTS_AT_ONCE):
        counts = np.asarray(n_tokens[start : start + _TEXTS_AT_ONCE], dtype=np.int64)
        row = np.repeat(np.arange(start, start + len(counts)), counts)
        begins = np.repeat(np.cumsum(counts) - counts, counts)
        position = np.arange(len(row)) - begins + first
        drawn = uniform_hash(seed, _EVALUATE, keys[row], position) < fraction
        rows.append(row[drawn])
        positions.append(position[drawn])
    empty = [np.empty(0, dtype=np.int64)]
    return EvaluatedTokens(np.concatenate(rows or empty), np.concatenate(positions or empty))


def mask_tokens(
    seed: int,
    keys: npt.NDArray[np.uint64],
    positions: npt.NDArray[np.int64],
    tokens: npt.NDArray[np.int64],
    mask_id: int,
    n_vocabulary: int,
) -> npt.NDArray[np.int64]:
    """
    What stands in the input in place of the evaluated tokens: 80 % mask, 10 % a random token, 10 % unchanged.

    The recipe of BERT's pre-training (Devlin et al., 2019, 3.1), drawn by the same hash as the evaluated tokens.

    Parameters
    ----------
    seed
        The seed of the run.
    keys, positions, tokens
        Key of the text, position and token id of each evaluated token, (P,).
    mask_id, n_vocabulary
        Of the model.

    """
    action = uniform_hash(seed, _MASK, keys, positions)
    random_tokens = (uniform_hash(seed, _REPLACEMENT, keys, positions) * n_vocabulary).astype(np.int64)
    return np.where(action < 0.8, mask_id, np.where(action < 0.9, random_tokens, tokens))
