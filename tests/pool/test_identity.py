from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.pool.identity import digest_array, digest_bytes, digest_words, find_id_column, ids_of_texts
from alps.pool.read import read_pool

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def keys_of(texts: list[str]) -> np.ndarray:
    return digest_words(digest_array(digest_bytes(pa.array(texts, pa.large_string()))))[:, 0].copy()


@settings(deadline=None)
@given(st.lists(TEXT), st.integers(0, 3))
def test_digest_is_blake2b_of_the_utf8_bytes_also_of_a_slice(texts, start):
    array = pa.array(texts, pa.large_string())[start:]
    expected = b"".join(blake2b(text.encode(), digest_size=16).digest() for text in texts[start:])
    assert digest_bytes(array) == expected


def test_id_is_sixteen_hex_digits_and_the_key_is_the_same_number():
    digest = blake2b(b"a good film", digest_size=16).hexdigest()
    pool = read_pool(["a good film"])
    assert pool.ids.to_pylist() == [digest[:16]]
    assert f"{pool.keys[0]:016x}" == digest[:16]
    assert pool.keys.dtype == np.uint64


def test_further_copies_are_numbered_in_the_order_of_the_rows():
    ids = ids_of_texts(keys_of(["a", "b", "a", "a", "b"])).to_pylist()
    a, b = ids[:2]
    assert ids == [a, b, f"{a}-2", f"{a}-3", f"{b}-2"]


def test_no_texts_have_no_ids():
    assert len(ids_of_texts(np.zeros(0, np.uint64))) == 0


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=30))
def test_ids_are_unique(texts):
    ids = read_pool(texts).ids.to_pylist()
    assert len(set(ids)) == len(texts)


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["text", "id"], None, "id"),
        (["text", "ID"], None, "ID"),
        (["text", " id"], None, " id"),
        (["text", "identity"], None, None),
        (["text", "id"], "none", None),
        (["text", "id", "doc"], "doc", "doc"),
        (["id"], None, None),
    ],
)
def test_id_column_is_the_one_asked_for_else_the_one_called_id(names, wanted, found):
    text_column = "text" if "text" in names else "id"
    assert find_id_column(names, wanted, text_column, "pool.csv") == found


def test_given_ids_may_be_of_any_scalar_type():
    table = pa.table({"text": ["x", "y"], "id": pa.array([7, 8], pa.int16())})
    pool = read_pool(table)
    assert pool.ids.to_pylist() == ["7", "8"]
    assert pool.id_column == "id"
    assert read_pool(table, id_column="none").id_column is None


def test_repeated_id_names_the_id_and_both_rows(refused, write_file):
    path = write_file("pool.csv", "id,text\n1,a\n2,b\n3,\n2,c\n")
    message = refused(read_pool, path)
    assert "pool.csv, row 4: the id '2'" in message
    assert "pool.csv, row 2" in message
    assert "'2'" in message
    assert "--id-column none" in message
    assert len(read_pool(path, id_column="none")) == 3


def test_what_python_holds_is_named_in_lower_case_inside_a_sentence(refused):
    message = refused(read_pool, pa.table({"text": ["x", "y"], "id": [1, 1]}))
    assert message.startswith("The table, row 2: the id '1' in column 'id' is also that of the table, row 1;")


@pytest.mark.parametrize("empty", ["", " "])
def test_empty_id_names_the_row(refused, write_file, empty):
    assert "row 2" in refused(read_pool, write_file("pool.csv", f"id,text\n1,a\n{empty},b\n"))


@pytest.mark.parametrize("ids", [[[1], [2]], [{"a": 1}, {"a": 2}]])
def test_lists_give_no_ids(refused, ids):
    assert "column 'id'" in refused(read_pool, pa.table({"text": ["x", "y"], "id": ids}))


def test_unknown_id_column_lists_the_columns(refused, write_file):
    message = refused(read_pool, write_file("pool.csv", "doc,text\n1,a\n"), id_column="number")
    assert "doc, text" in message
    assert "'number'" in message
