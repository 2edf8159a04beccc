import io

import datasets
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest

from alps.pool.read import read_pool

TEXTS = ["one", "two", "one"]


class Capsule:
    """What any Arrow library has."""

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.table({"text": TEXTS}).__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "source",
    [
        TEXTS,
        tuple(TEXTS),
        iter(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, dtype=object),
        pandas.Series(TEXTS),
        pandas.Series(TEXTS, dtype=object, name="words", index=[7, 7, 7]),
        pandas.Series(TEXTS, dtype="category"),
        pandas.DataFrame({"text": TEXTS, "label": [1, 2, 3]}),
        pandas.DataFrame({"text": pandas.Categorical(TEXTS), "label": [1, 2, 3]}),
        pa.array(TEXTS),
        pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
        pa.table({"text": TEXTS}),
        pa.table({"text": TEXTS}).to_batches()[0],
        pa.table({"text": TEXTS}).to_reader(),
        datasets.Dataset.from_dict({"text": TEXTS, "label": [1, 2, 3]}),
        polars.DataFrame({"text": TEXTS, "label": [1, 2, 3]}),
        polars.DataFrame({"text": TEXTS}, schema={"text": polars.Categorical}),
        polars.Series("words", TEXTS),
        Capsule(),
    ],
    ids=lambda source: type(source).__name__,
)
def test_everything_that_holds_texts_is_the_same_pool(source):
    pool = read_pool(source)
    assert pool.texts.to_pylist() == TEXTS
    assert pool.texts.type == pa.large_string()
    assert pool.fingerprint == read_pool(TEXTS).fingerprint


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pandas.NA, pandas.NaT, "", " \t"])
@pytest.mark.parametrize("container", [list, pandas.Series, lambda items: pandas.DataFrame({"text": items})])
def test_missing_texts_are_left_out(missing, container):
    pool = read_pool(container(["one", missing, "two"]))
    assert pool.texts.to_pylist() == ["one", "two"]
    assert pool.row_numbers.tolist() == [0, 2]


@pytest.mark.parametrize("item", [5, 2.5, b"bytes", ["nested"], {"text": "row"}, True])
def test_an_item_that_is_no_text_is_named(refused, item):
    texts = ["text"] * 10_000 + [item]
    message = refused(read_pool, texts)
    assert "item 10000" in message
    assert type(item).__name__ in message


@pytest.mark.parametrize("container", [list, lambda items: pandas.DataFrame({"text": items}, dtype=object)])
def test_half_a_surrogate_pair_is_named(refused, container):
    assert "item 2" in refused(read_pool, container(["one", "two", "\ud800", "four"]))


def test_a_data_frame_with_a_number_among_the_texts_names_it(refused):
    message = refused(read_pool, pandas.DataFrame({"text": ["one", 2], "label": ["a", "b"]}))
    assert "item 1" in message
    assert "int" in message


def test_other_columns_of_a_data_frame_may_hold_anything():
    frame = pandas.DataFrame(
        {"text": ["one", "two"], "mixed": [1, "x"], "time": pandas.to_datetime(["2020-01-01"] * 2)}
    )
    table = read_pool(frame).table
    assert table["mixed"].to_pylist() == ["1", "x"]
    assert pa.types.is_timestamp(table.schema.field("time").type)


def test_a_data_set_keeps_its_selection_and_order(tmp_path):
    rows = {"text": [f"text {number}" for number in range(20_000)], "id": list(range(20_000))}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    dataset = datasets.load_from_disk(tmp_path / "saved")
    chosen = dataset.select(range(19_999, -1, -3))
    assert read_pool(chosen).texts.to_pylist() == chosen["text"][:]
    assert read_pool(dataset).texts.to_pylist() == rows["text"]


def test_a_mapped_data_set_is_not_copied(tmp_path):
    rows = {"text": [f"{number} " * 1000 for number in range(10_000)]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    dataset = datasets.load_from_disk(tmp_path / "saved")
    before = pa.total_allocated_bytes()
    pool = read_pool(dataset, spool_folder=tmp_path / "nowhere")  # it would be refused if it were used
    assert pool.table.nbytes > 40_000_000
    assert pa.total_allocated_bytes() - before < 5_000_000


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ([], "no rows"),
        (pandas.DataFrame({"text": []}, dtype=object), "no rows"),
        ([None, ""], "all 2 rows"),
        ({"text": ["a"]}, "dict"),
        (b"bytes", "bytes"),
        (5, "int"),
        (None, "NoneType"),
        (np.array([["a", "b"]]), "2 dimensions"),
        (np.array([1, 2]), "item 0"),
        (pandas.DataFrame([["a", "b"]], columns=["text", "text"]), "columns 1 and 2"),
        (pandas.DataFrame({"a": ["x"], "b": ["y"]}), "a, b"),
        (pa.table([["a"], ["b"]], names=["text", "text"]), "columns 1 and 2"),
    ],
)
def test_what_holds_no_texts_is_refused(refused, source, expected):
    assert expected in refused(read_pool, source)


def test_an_open_file_is_a_list_of_its_lines():
    assert read_pool(io.StringIO("one\ntwo\n")).texts.to_pylist() == ["one\n", "two\n"]
