import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alps.pool.read import read_pool

TEXTS = ["one", None, "two", "one", " "]


@pytest.mark.parametrize(
    "text_type",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_every_kind_of_string_is_text_and_other_columns_keep_their_types(tmp_path, text_type):
    plain = pa.array(TEXTS)
    texts = plain.dictionary_encode() if pa.types.is_dictionary(text_type) else plain.cast(text_type)
    table = pa.table({"text": texts, "stars": pa.array([5, 4, 3, 2, 1], pa.int8()), "tags": [["a"], [], None, [], []]})
    pq.write_table(table, tmp_path / "a.parquet")
    pool = read_pool(tmp_path / "a.parquet")
    assert pool.texts.to_pylist() == ["one", "two", "one"]
    assert pool.texts.type == pa.large_string()
    assert pool.table.schema.field("stars").type == pa.int8()
    assert pool.table["stars"].to_pylist() == [5, 3, 2]
    assert pool.table["tags"].to_pylist() == [["a"], None, []]
    assert pool.row_numbers.tolist() == [0, 2, 3]


def test_text_that_is_not_utf8_names_the_row(refused, tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"good", b"caf\xe9"]).buffers())
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    message = refused(read_pool, tmp_path / "a.parquet")
    for part in ("a.parquet", "row 2", "'text'", "0xe9", "offset 3"):
        assert part in message


def test_numbers_are_no_texts(refused, tmp_path):
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")
    assert "int64" in refused(read_pool, tmp_path / "a.parquet")


@pytest.mark.parametrize("content", [b"text,label\na,b\n", b"PAR1 but then nothing PAR1"])
def test_a_damaged_file_is_refused(refused, write_file, content):
    assert "a.parquet" in refused(read_pool, write_file("a.parquet", content))


def test_no_rows(refused, tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    assert "no rows" in refused(read_pool, tmp_path / "a.parquet")
