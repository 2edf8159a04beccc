import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

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
