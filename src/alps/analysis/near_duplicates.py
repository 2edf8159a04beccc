"""
Near duplicates: texts of a set that say nearly the same, word for word.

Two texts are near duplicates when the sets of their shingles, runs of three words, have a Jaccard similarity (Broder's
resemblance) of at least one half: Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

WORDS_PER_SHINGLE = 3
MIN_SIMILARITY = 0.5

# Where writing has no spaces every character counts as a word: Thai to Myanmar, Khmer, kana, Chinese characters.
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
# Signs that belong to the letter before them and are no letters to `re`: accents, points, the vowels of India.
_SIGNS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[{_NO_SPACES}]|(?:[^\W{_NO_SPACES}]|[{_SIGNS}])+")
_ROWS_AT_ONCE = 512


def near_duplicates(texts: Sequence[str], *, min_similarity: float = MIN_SIMILARITY) -> npt.NDArray[np.bool_]:
    """
    Which texts have another in the same set that is nearly the same, bool (n,).

    Parameters
    ----------
    texts
        n texts.
    min_similarity
        The Jaccard similarity of shingles from which two texts are near duplicates, above 0 and at most 1.

    Notes
    -----
    Exact: shared shingles are counted by a sparse product, after texts with equal shingles are put together.

    Examples
    --------
    >>> near_duplicates(["Rain in Rome again today", "rain in Rome, again!", "Sun in Rome"]).tolist()
    [True, True, False]

    """
    group, different = _groups(texts)
    found = np.bincount(group, minlength=len(different)) > 1
    for rows, _ in _similar(different, min_similarity):
        found[rows] = True
    return np.asarray(found[group], dtype=bool)


def near_duplicate_pairs(texts: Sequence[str], *, min_similarity: float = MIN_SIMILARITY) -> npt.NDArray[np.int64]:
    """
    The pairs of texts that are nearly the same, the first before the second, int64 (m, 2), in rising order.

    Parameters
    ----------
    texts, min_similarity
        As `near_duplicates`.

    Examples
    --------
    >>> near_duplicate_pairs(["Rain in Rome again today", "Sun in Rome", "rain in Rome, again!"]).tolist()
    [[0, 2]]

    """
    group, different = _groups(texts)
    members: list[list[int]] = [[] for _ in different]
    for row, number in enumerate(group.tolist()):
        members[number].append(row)
    pairs = {pair for rows in members for pair in combinations(rows, 2)}
    for firsts, seconds in _similar(different, min_similarity):
        for one, other in zip(firsts.tolist(), seconds.tolist(), strict=True):
            pairs |= {(min(a, b), max(a, b)) for a in members[one] for b in members[other]}
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _groups(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], list[frozenset[tuple[str, ...]]]]:
    """Which of the different sets of shingles each text has, int64 (n,), and these sets."""
    shingles = [_shingles(text) for text in texts]
    different = list(dict.fromkeys(shingles))
    number = {some: i for i, some in enumerate(different)}
    return np.asarray([number[some] for some in shingles], dtype=np.int64), different


def _similar(
    sets: Sequence[frozenset[tuple[str, ...]]], min_similarity: float
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Pairs of different sets that are similar, both ways round, some at a time: the first ones and the second ones."""
    incidence, sizes = _incidence(sets)
    for start in range(0, len(sets), _ROWS_AT_ONCE):
        shared = (incidence[start : start + _ROWS_AT_ONCE] @ incidence.T).tocoo()
        rows, columns = shared.row + start, shared.col
        similar = (shared.data >= min_similarity * (sizes[rows] + sizes[columns] - shared.data)) & (rows != columns)
        yield rows[similar], columns[similar]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of three words of a text; of a shorter one the words as they are, of one without words the text."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold()) or text.split()
    n = max(len(words) - WORDS_PER_SHINGLE + 1, 1)
    return frozenset(tuple(words[i : i + WORDS_PER_SHINGLE]) for i in range(n))


def _incidence(sets: Sequence[frozenset[tuple[str, ...]]]) -> tuple[sp.csr_array, npt.NDArray[np.int64]]:
    """Which set has which shingle, CSR (n, shingles), and how many each has, int64 (n,)."""
    sizes = np.asarray([len(some) for some in sets], dtype=np.int64)
    columns: dict[tuple[str, ...], int] = {}
    indices = [columns.setdefault(shingle, len(columns)) for some in sets for shingle in some]
    ones = np.ones(len(indices), dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return sp.csr_array((ones, np.asarray(indices, np.int64), offsets), shape=(len(sets), max(len(columns), 1))), sizes
