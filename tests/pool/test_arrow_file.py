import pyarrow as pa
import pyarrow.feather
import pytest

from alps.pool.read import read_pool

TEXTS = ["one", None, "two", "one", " "]
TABLE = pa.table({"text": TEXTS, "stars": pa.array([5, 4, 3, 2, 1], pa.int8()), "tags": [["a"], [], None, [], []]})


def write_file(path, table=TABLE):
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, 2)


def write_stream(path, table=TABLE):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, 2)


def write_feather(path, table=TABLE):
    pyarrow.feather.write_feather(table, path, compression="zstd")


@pytest.mark.parametrize("write", [write_file, write_stream, write_feather])
@pytest.mark.parametrize("ending", [".arrow", ".feather", ".ipc"])
def test_every_kind_is_read_under_every_name(tmp_path, write, ending):
    path = tmp_path / f"a{ending}"
    write(str(path))
    pool = read_pool(path)
    assert pool.texts.to_pylist() == ["one", "two", "one"]
    assert pool.table.schema.field("stars").type == pa.int8()
    assert pool.table["tags"].to_pylist() == [["a"], None, []]
    assert pool.row_numbers.tolist() == [0, 2, 3]


def test_dictionaries_are_text(tmp_path):
    write_stream(str(tmp_path / "a.arrow"), pa.table({"text": pa.array(TEXTS).dictionary_encode()}))
    assert read_pool(tmp_path / "a.arrow").texts.to_pylist() == ["one", "two", "one"]


@pytest.mark.parametrize("write", [write_file, write_stream])
def test_text_that_is_not_utf8_names_the_row(refused, tmp_path, write):
    broken = pa.Array.from_buffers(pa.string(), 4, pa.array([b"a", b"b", b"c", b"caf\xe9"]).buffers())
    write(str(tmp_path / "a.arrow"), pa.table({"text": broken}))
    message = refused(read_pool, tmp_path / "a.arrow")
    for part in ("a.arrow", "row 4", "'text'", "0xe9", "offset 3"):
        assert part in message


@pytest.mark.parametrize("write", [write_file, write_stream])
@pytest.mark.parametrize("kept", [5, 60, 300, -40])
def test_a_file_that_was_cut_short_is_refused(refused, tmp_path, write, kept):
    path = tmp_path / "a.arrow"
    write(str(path))
    path.write_bytes(path.read_bytes()[:kept])
    assert "a.arrow cannot be read as Arrow" in refused(read_pool, path)


def test_text_outside_its_memory_is_refused(refused, tmp_path):
    offsets = pa.py_buffer(memoryview(b"".join(n.to_bytes(4, "little") for n in (0, 1 << 30, 6))))
    wild = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abcdef")])
    write_file(str(tmp_path / "a.arrow"), pa.table({"text": wild}))
    assert "cannot be read as Arrow" in refused(read_pool, tmp_path / "a.arrow")


def test_two_columns_of_one_name_are_refused(refused, tmp_path):
    write_file(str(tmp_path / "a.arrow"), pa.table([["a"], ["b"]], names=["text", "text"]))
    assert "columns 1 and 2" in refused(read_pool, tmp_path / "a.arrow")


def test_no_rows(refused, tmp_path):
    write_file(str(tmp_path / "a.arrow"), TABLE.slice(0, 0))
    assert "no rows" in refused(read_pool, tmp_path / "a.arrow")
