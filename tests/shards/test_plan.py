from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.models.batches import exact_length_batches
from alps.shards import plan


@given(sizes=st.lists(st.integers(0, 100), max_size=200), most_rows=st.integers(1, 50), most_bytes=st.integers(1, 300))
@settings(deadline=None)
def test_windows_hold_every_row_once_in_order(sizes: list[int], most_rows: int, most_bytes: int) -> None:
    n_bytes = np.array(sizes, dtype=np.int64)
    rows = np.arange(len(sizes)) * 3
    cut = plan.windows(rows, n_bytes, most_rows, most_bytes)
    assert [row for window in cut for row in window] == rows.tolist()
    for window in cut:
        assert 0 < len(window) <= most_rows
        assert len(window) == 1 or n_bytes[window // 3].sum() <= most_bytes
    for window, after in pairwise(cut):  # a window is full: the next text would not have fitted
        one_more = np.append(window, after[0]) // 3
        assert len(window) == most_rows or n_bytes[one_more].sum() > most_bytes


def test_a_text_larger_than_a_window_is_a_window_of_its_own() -> None:
    cut = plan.windows(np.arange(4), np.array([1, 100, 1, 1]), most_rows=10, most_bytes=5)
    assert [window.tolist() for window in cut] == [[0], [1], [2, 3]]


def test_a_shard_ends_with_the_batch_that_fills_it(monkeypatch) -> None:
    monkeypatch.setattr(plan, "TOKENS_PER_SHARD", 10)
    lengths = np.array([4, 4, 4, 9, 2, 30, 1])
    batches = [np.array([0, 1]), np.array([2]), np.array([3, 4]), np.array([5]), np.array([6])]
    groups = plan.shards(batches, lengths)
    assert [[batch.tolist() for batch in group] for group in groups] == [[[0, 1], [2]], [[3, 4]], [[5]], [[6]]]


@given(lengths=st.lists(st.integers(1, 128), max_size=300))
@settings(deadline=None)
def test_shards_hold_every_row_once(lengths: list[int]) -> None:
    n_tokens = np.array(lengths, dtype=np.int64)
    groups = plan.shards(exact_length_batches(n_tokens, 256), n_tokens)
    rows = [row for group in groups for batch in group for row in batch.tolist()]
    assert sorted(rows) == list(range(len(lengths)))
