"""Equation 3 by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.analysis.diversity import diversities, diversity
from alps.base.errors import AlpsError
from alps.models.tokens import Tokens

FIRST, LAST = 101, 102  # special tokens


def tokens(*texts: list[int]) -> Tokens:
    ids = [i for text in texts for i in (FIRST, *text, LAST)]
    offsets = np.cumsum([0, *(len(text) + 2 for text in texts)])
    return Tokens(np.asarray(ids, np.int32), offsets, np.zeros(len(texts), bool), 1, 1)


POOL = tokens([1, 2], [2, 3], [3, 4, 4], [5])


def test_word_pieces_in_common_by_all_of_them() -> None:
    # {1, 2} and {2, 3, 4, 5}: one of five.
    assert diversity(POOL, [0]) == pytest.approx(1 / 5)


def test_after_every_round_cumulative_and_alone() -> None:
    # {1, 2, 3} and {3, 4, 5}: one of five; {2, 3} and {1, 2, 3, 4, 5}: two of five.
    assert diversities(POOL, [[0], [1]]) == pytest.approx([1 / 5, 1 / 5])
    assert diversities(POOL, [[0], [1]], cumulative=False) == pytest.approx([1 / 5, 2 / 5])


def test_special_tokens_do_not_count() -> None:
    assert diversity(tokens([1], [2]), [0]) == 0.0
    assert diversity(tokens([], []), [0]) == 0.0


def test_tokens_beyond_the_limit_do_not_count() -> None:
    # With three tokens, of which the first is special: {1, 2} and {2, 9}.
    assert diversity(tokens([1, 2, 9], [2, 9, 1]), [0], max_pieces=3) == pytest.approx(1 / 3)


def test_a_row_outside_the_pool_is_refused() -> None:
    with pytest.raises(AlpsError, match="not one of the 4 texts"):
        diversity(POOL, [4])


@given(st.lists(st.lists(st.integers(0, 20), max_size=6), min_size=2, max_size=8), st.data())
def test_it_is_the_jaccard_similarity_of_two_sets(texts: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True))
    ours = {i for row in rows for i in texts[row]}
    others = {i for row, text in enumerate(texts) if row not in rows for i in text}
    expected = len(ours & others) / len(ours | others) if ours | others else 0.0
    assert diversity(tokens(*texts), rows) == pytest.approx(expected)
