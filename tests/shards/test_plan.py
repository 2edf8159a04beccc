import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.models.batches import exact_length_batches
from alps.shards import plan


@given(n=st.integers(0, 200), size=st.integers(1, 50))
@settings(deadline=None)
def test_windows_hold_every_row_once_in_order(n: int, size: int) -> None:
    rows = np.arange(n) * 3
    cut = plan.windows(rows, size)
    assert [row for window in cut for row in window] == rows.tolist()
    assert all(len(window) == size for window in cut[:-1])
    assert all(0 < len(window) <= size for window in cut)


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
