import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from alps.pool.formats import FORMATS
from alps.pool.read import read_pool
from alps.pool.write import write_table


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text\none\ntwo\n"),
        ("A.CSV", "text\none\ntwo\n"),
        ("a.tsv", "text\none\ntwo\n"),
        ("a.tab", "text\none\ntwo\n"),
        ("a.jsonl", '{"text": "one"}\n{"text": "two"}'),
        ("a.ndjson", '{"text": "one"}\n{"text": "two"}'),
        ("a.txt", "one\ntwo"),
    ],
)
def test_the_ending_tells_the_format(write_file, name, content):
    path = write_file(name, content)
    assert read_pool(path).texts.to_pylist() == ["one", "two"]
    assert read_pool(str(path)).source == str(path)


def test_the_format_may_be_named(write_file):
    assert read_pool(write_file("a.data", "one\ntwo\n"), format="text").n == 2
    assert read_pool(write_file("a.csv", "one\ntwo\n"), format="text").n == 2


@pytest.mark.parametrize("name", ["a.xls", "a", "a.gz", "a.csv.zip"])
def test_an_unknown_ending_lists_the_formats(refused, write_file, name):
    message = refused(read_pool, write_file(name, "one\n"))
    assert "csv, tsv, jsonl, json, parquet, arrow, excel, text" in message
    assert "--format" in message
    assert name in message


def test_an_unknown_format_lists_the_formats(refused, write_file):
    message = refused(read_pool, write_file("a.csv", "one\n"), format="xls")
    assert ", ".join(row.name for row in FORMATS) in message
    assert "'xls'" in message


@pytest.mark.parametrize("source", ["one single text", "missing.csv", "x" * 100_000, "a\0b"])
def test_a_lone_string_is_a_path_or_a_mistake(refused, source):
    message = refused(read_pool, source)
    assert "bbc-news" in message
    assert "list" in message


@pytest.mark.parametrize("name", ["missing.csv", "missing"])
def test_a_missing_file_is_named(refused, tmp_path, name):
    message = refused(read_pool, tmp_path / name)
    assert "does not exist" in message
    assert name in message


def test_a_folder_is_no_file(refused, tmp_path):
    for source in (tmp_path, str(tmp_path)):
        assert "folder" in refused(read_pool, source)


@pytest.mark.parametrize("name", [f"a{row.extensions[0]}" for row in FORMATS])
def test_an_empty_file_is_named(refused, write_file, name):
    message = refused(read_pool, write_file(name, b""))
    assert "is empty" in message
    assert name in message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may be refused")
def test_a_file_that_may_not_be_read_is_named(refused, write_file):
    path = write_file("a.csv", "text\na\n")
    path.chmod(0)
    assert "permission" in refused(read_pool, path).lower()


def test_unknown_text_column_lists_the_columns_before_anything_is_read(refused, write_file):
    path = write_file("a.csv", "text,label\n" + "a,b\n" * 300_000 + "c\n")  # the last row is wrong
    message = refused(read_pool, path, text_column="review")
    assert "'review'" in message
    assert "text, label" in message


@pytest.mark.parametrize(("options", "n"), [({}, 3), ({"format": "csv"}, 2)])
def test_standard_input_is_plain_text_unless_named(options, n):
    program = f"from alps.pool.read import read_pool; p = read_pool('-', **{options}); print(p.n, p.source)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        input=b"text,label\none,1\ntwo,2\n",
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.stdout.decode().strip() == f"{n} standard input"


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_a_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'w').write('text\\none\\ntwo\\n')"]):
        assert read_pool(pipe).texts.to_pylist() == ["one", "two"]


def test_a_file_with_the_name_of_a_demo_is_a_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("bbc-news").write_text("one\ntwo\n", encoding="utf-8")
    assert read_pool("bbc-news", format="text").n == 2


LARGE = [row for row in FORMATS if row.name not in ("json", "jsonl", "text")]


@pytest.mark.parametrize("ending", [row.extensions[0] for row in LARGE])
def test_a_header_without_rows_is_refused(refused, tmp_path, ending):
    write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / f"a{ending}")
    message = refused(read_pool, tmp_path / f"a{ending}")
    assert f"a{ending}" in message
    assert "no rows" in message


@pytest.mark.parametrize("ending", [row.extensions[0] for row in LARGE])
def test_a_hundred_thousand_empty_rows_are_refused(refused, tmp_path, ending):
    n = 1000 if ending == ".xlsx" else 100_000
    table = pa.table({"text": pa.array([None, " "] * (n // 2), pa.string()), "n": ["x"] * n})
    write_table(table, tmp_path / f"a{ending}")
    assert f"all {n} rows are empty in column 'text'" in refused(read_pool, tmp_path / f"a{ending}")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.arrow", "a.csv.gz"])
def test_one_text_of_fifty_megabytes_is_read(tmp_path, name):
    text = "a word, " * (50 << 17)
    write_table(pa.table({"text": [text, "short"]}), tmp_path / name)
    assert read_pool(tmp_path / name).texts.to_pylist() == [text, "short"]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_numbers_in_the_column_of_texts_name_their_type(refused, tmp_path, name):
    write_table(pa.table({"text": [1.5, float("nan")]}), tmp_path / name)
    assert f"{name}: column 'text' holds double, not text" in refused(read_pool, tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_a_compressed_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe.csv.gz"
    os.mkfifo(pipe)
    program = f"import gzip; open({str(pipe)!r}, 'wb').write(gzip.compress(b'text\\none\\ntwo\\n'))"
    with subprocess.Popen([sys.executable, "-c", program]):
        assert read_pool(pipe).texts.to_pylist() == ["one", "two"]
