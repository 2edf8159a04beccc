from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.pool.read import read_pool

TEXTS = st.lists(st.text(st.sampled_from("ab é")).filter(str.strip), min_size=1, max_size=20)


def test_rows_without_a_text_are_left_out_and_counted():
    pool = read_pool(pa.table({"text": ["a", None, " \n\u3000", "", "b"], "label": list("vwxyz")}))
    assert pool.texts.to_pylist() == ["a", "b"]
    assert pool.table["label"].to_pylist() == ["v", "z"]
    assert pool.row_numbers.tolist() == [0, 4]
    assert (len(pool), pool.n, pool.n_read, pool.n_empty) == (2, 2, 5, 3)


def test_take_gives_all_columns_in_the_order_asked_for():
    pool = read_pool(pa.table({"text": ["a", "b", "c"], "stars": [1, 2, 3]}))
    assert pool.take([2, 0]).to_pylist() == [{"text": "c", "stars": 3}, {"text": "a", "stars": 1}]
    assert pool.take(np.zeros(0, np.int64)).num_rows == 0


def test_copies_collapse_to_the_one_with_the_smallest_id():
    pool = read_pool(pa.table({"text": ["x", "y", "x", "x"], "id": ["10", "5", "2", "9"]}))
    rows, copies, group = pool.distinct()
    assert rows.tolist() == [0, 1]  # "10" comes before "2" and "9", bytewise
    assert copies.tolist() == [3, 1]
    assert group.tolist() == [0, 1, 0, 0]


def test_ids_are_ordered_by_their_bytes():
    ids = ["b", "é", "B", "ﬀ", "\U0001f4a9", "10", "9", "a-2", "a"]
    pool = read_pool(pa.table({"text": [f"text {number}" for number in range(9)], "id": ids}))
    assert [ids[row] for row in pool.distinct().rows] == sorted(ids, key=str.encode)


def distinct_texts(pool):
    return pool.texts.take(pa.array(pool.distinct().rows)).to_pylist()


@settings(deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_the_rows(texts, random):
    shuffled = random.sample(texts, len(texts))
    one, other = read_pool(texts), read_pool(shuffled)
    assert sorted(one.ids.to_pylist()) == sorted(other.ids.to_pylist())
    assert one.fingerprint == other.fingerprint
    assert distinct_texts(one) == distinct_texts(other)
    assert one.distinct().copies.tolist() == other.distinct().copies.tolist()


@settings(deadline=None)
@given(TEXTS)
def test_groups_hold_equal_texts_and_their_representative(texts):
    pool = read_pool(texts)
    rows, copies, group = pool.distinct()
    ids = pool.ids.to_pylist()
    assert len(rows) == len(set(texts))
    assert copies.sum() == len(texts)
    assert rows.dtype == copies.dtype == group.dtype == np.int64
    for row, text in enumerate(texts):
        members = [other for other in range(len(texts)) if texts[other] == text]
        assert rows[group[row]] == min(members, key=lambda member: ids[member].encode())
        assert copies[group[row]] == len(members)


def test_fingerprint_tells_pools_apart():
    table = pa.table({"text": ["a", "b"], "id": ["1", "2"]})
    pools = [
        read_pool(["a", "b"]),
        read_pool(["a", "b", "b"]),
        read_pool(["a", "c"]),
        read_pool(["ab"]),
        read_pool(table),
        read_pool(table.set_column(1, "id", [["2", "1"]])),
    ]
    assert len({pool.fingerprint for pool in pools}) == len(pools)
    assert all(len(bytes.fromhex(pool.fingerprint)) == 16 for pool in pools)


def drawn(pool, n, seed=0):
    return Counter(pool.sample(n, seed).texts.to_pylist())


def test_a_sample_is_a_pool_of_some_rows():
    table = pa.table({"text": ["", *(f"film {i % 7}" for i in range(30))], "stars": range(31)})
    pool = read_pool(table)
    sample = pool.sample(12, seed=3)
    assert (sample.n, sample.n_read, sample.n_empty) == (12, 31, 1)
    assert (np.diff(sample.row_numbers) > 0).all()
    assert sample.table["stars"].to_pylist() == sample.row_numbers.tolist()
    assert sample.texts.to_pylist() == table["text"].take(pa.array(sample.row_numbers)).to_pylist()
    assert sample.distinct().copies.sum() == 12
    assert sample.keys.tolist() == pool.keys[sample.row_numbers - 1].tolist()


def test_a_sample_of_a_small_pool_is_the_pool():
    pool = read_pool(["a", "b", "a"])
    assert pool.sample(3) is pool.sample(100) is pool  # texts that are mapped from disk stay there


@pytest.mark.parametrize("n", [0, -1, 2.5, "3", None])
def test_what_is_no_sample(n):
    with pytest.raises(AlpsError, match="texts is not possible"):
        read_pool(["a", "b", "c"]).sample(n)


def test_every_row_is_drawn_as_often_as_any_other_copies_too():
    pool = read_pool([*(f"film {i}" for i in range(12)), *["the same film"] * 8])
    counts = np.zeros(20)
    for seed in range(2000):
        counts[pool.sample(5, seed).row_numbers] += 1
    assert counts.sum() == 10_000
    assert np.abs(counts - 500).max() < 4.5 * np.sqrt(2000 * 0.25 * 0.75)  # binomial, 500 expected


@settings(deadline=None)
@given(TEXTS, st.integers(1, 8), st.randoms(use_true_random=False))
def test_a_sample_does_not_depend_on_the_order_of_the_rows(texts, n, random):
    shuffled = random.sample(texts, len(texts))
    assert drawn(read_pool(texts), n) == drawn(read_pool(shuffled), n)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 8))
def test_of_a_pool_that_grew_only_new_rows_take_the_place_of_old_ones(texts, more, n):
    old, new = read_pool(texts), read_pool([*texts, *more])
    assert drawn(new, n) - drawn(old, n) <= Counter(more)
    assert drawn(old, n) <= drawn(old, n + 1)
