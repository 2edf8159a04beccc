import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.models.batches import MIN_TOKENS, exact_length_batches, fill_up, least_padded_parts

LENGTHS = st.lists(st.integers(0, 600), max_size=300)


@given(lengths=LENGTHS, budget=st.integers(1, 5000))
@settings(deadline=None)
def test_every_row_stands_in_exactly_one_batch(lengths: list[int], budget: int) -> None:
    batches = exact_length_batches(np.array(lengths, dtype=np.int64), budget)
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))


@given(lengths=LENGTHS, budget=st.integers(1, 5000))
@settings(deadline=None)
def test_a_batch_has_one_length_and_stays_in_the_budget(lengths: list[int], budget: int) -> None:
    n_tokens = np.array(lengths, dtype=np.int64)
    for batch in exact_length_batches(n_tokens, budget):
        (length,) = set(n_tokens[batch].tolist())
        assert len(batch) == 1 or len(batch) * length <= max(budget, MIN_TOKENS)


@given(lengths=LENGTHS, budget=st.integers(1, 5000))
@settings(deadline=None)
def test_batches_are_full_and_the_longest_come_first(lengths: list[int], budget: int) -> None:
    n_tokens = np.array(lengths, dtype=np.int64)
    batches = exact_length_batches(n_tokens, budget)
    of_batch = [int(n_tokens[batch[0]]) for batch in batches]
    assert of_batch == sorted(of_batch, reverse=True)
    for (batch, length), (_, after) in pairwise(zip(batches, of_batch, strict=True)):
        if length == after:  # another of this length follows, so no more would have fitted
            assert (len(batch) + 1) * max(length, 1) > max(budget, MIN_TOKENS)


def test_a_text_longer_than_the_budget_is_a_batch_of_its_own() -> None:
    batches = exact_length_batches(np.array([500, 3, 500]), tokens_per_batch=300)
    assert [batch.tolist() for batch in batches] == [[0], [2], [1]]


def test_a_small_budget_still_gives_batches_of_the_least_size() -> None:
    batches = exact_length_batches(np.full(10, MIN_TOKENS // 4), tokens_per_batch=1)
    assert [len(batch) for batch in batches] == [4, 4, 2]


@given(n_rows=st.integers(1, 40), length=st.integers(1, 400))
@settings(deadline=None)
def test_filling_up_repeats_rows_behind_the_own_ones(n_rows: int, length: int) -> None:
    inputs = np.arange(n_rows * length, dtype=np.int64).reshape(n_rows, length)
    filled = fill_up(inputs)
    assert filled[:n_rows].tolist() == inputs.tolist()
    assert filled.size >= MIN_TOKENS
    assert len(filled) == n_rows or (len(filled) - 1) * length < MIN_TOKENS
    assert all(row.tolist() == inputs[i % n_rows].tolist() for i, row in enumerate(filled))


@pytest.mark.parametrize("length", [1, 7, 255, 256, 257])
def test_a_single_text_is_filled_up(length: int) -> None:
    assert len(fill_up(np.zeros((1, length), dtype=np.int64))) == {1: 256, 7: 37, 255: 2, 256: 1, 257: 1}[length]


@given(lengths=st.lists(st.integers(1, 128), min_size=1, max_size=8), overhead=st.floats(0, 300))
@settings(deadline=None)
def test_no_parts_cost_less(lengths: list[int], overhead: float) -> None:
    """Against all ways to cut the sorted texts."""
    n_tokens = np.array(lengths, dtype=np.int64)
    parts = least_padded_parts(n_tokens, overhead)
    assert sorted(row for part in parts for row in part.tolist()) == list(range(len(lengths)))
    found = sum(overhead + len(part) * n_tokens[part].max() for part in parts)
    inside = range(1, len(lengths))
    every = (cuts for n in range(len(lengths)) for cuts in combinations(inside, n))
    cost = min(
        sum(overhead + len(part) * part.max() for part in np.split(np.sort(n_tokens), list(cuts))) for cuts in every
    )
    assert math.isclose(found, cost)


def test_a_batch_is_whole_where_passes_cost_most() -> None:
    assert [len(part) for part in least_padded_parts(np.array([1, 500, 3]), math.inf)] == [3]
