import datetime
import decimal
import io

import pandas
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alps.base.text_safety import for_spreadsheet
from alps.pool.delimited import read_csv
from alps.pool.input_file import InputFile
from alps.pool.write import check_name, write_csv, write_table

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab '\",;=+-@\t\n\r\0\u200b\ufeff\u2028\x1b\U0001f4a9")),
)


def written(table: pa.Table) -> str:
    file = io.StringIO(newline="")
    write_csv(table, file)
    return file.getvalue()


def read_back(content: str) -> pa.Table:
    return pa.Table.from_batches(read_csv(InputFile("written", io.BytesIO(content.encode()))))


def guarded(text: str) -> str:
    return for_spreadsheet(text.replace("\0", "\ufffd"))


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1), st.booleans())
@example(["ends with a return\r"], False)
@example([""], True)
def test_our_csv_is_read_back(texts, alone):
    columns = {"text": texts} if alone else {"first": texts, "text": texts, "last": texts}
    table = read_back(written(pa.table(columns)))
    for name in columns:
        assert table[name].to_pylist() == [guarded(text) for text in texts]


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1))
def test_pandas_reads_our_csv(texts):
    content = written(pa.table({"text": texts, "label": texts}))
    frame = pandas.read_csv(io.StringIO(content, newline=""), keep_default_na=False, dtype=str)
    assert frame["text"].tolist() == [guarded(text) for text in texts]


@settings(deadline=None)
@given(name=HOSTILE.filter(lambda name: name.strip()), other=st.booleans())
@example("a;b", False)
@example("a\tb", False)
@example("\ufeffa", False)
def test_column_names_are_read_back(name, other):
    columns = {name: ["x"], name + "2": ["y"]} if other else {name: ["x"]}
    assert read_back(written(pa.table(columns))).schema.names == [guarded(column) for column in columns]


def test_cells_of_every_type():
    table = pa.table(
        {
            "text": ["=1+1", None],
            "whole": [-3, None],
            "broken": [0.1, -1e300],
            "yes": [True, None],
            "day": [datetime.date(2020, 1, 2), None],
            "time": [datetime.datetime(2020, 1, 2, 3, 4, 5), None],
            "money": [decimal.Decimal("-1.50"), None],
            "tags": [["a", "é"], None],
            "pair": [{"x": 1}, None],
            "kind": pa.array(["-x", None]).dictionary_encode(),
            "void": pa.nulls(2),
            "raw": [b"=1", None],
        }
    )
    (row, empty) = read_back(written(table)).to_pylist()
    assert row == {
        "text": "'=1+1",
        "whole": "-3",
        "broken": "0.1",
        "yes": "true",
        "day": "2020-01-02",
        "time": "2020-01-02 03:04:05.000000",
        "money": "-1.50",
        "tags": '["a", "é"]',
        "pair": '{"x": 1}',
        "kind": "'-x",
        "void": "",
        "raw": "'=1",
    }
    assert {name: value for name, value in empty.items() if value} == {"broken": "-1e+300"}


def test_lines_end_with_a_line_feed_and_quotes_stand_where_needed(tmp_path):
    write_table(pa.table({"text": ["plain", 'a "b", c'], "n": [1, 2]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b'text,n\nplain,1\n"a ""b"", c",2\n'


def test_an_existing_file_stays_unless_forced(refused, tmp_path):
    table = pa.table({"text": ["new"]})
    path = tmp_path / "a.csv"
    path.write_text("mine", encoding="utf-8")
    assert "--force" in refused(write_table, table, path)
    assert path.read_text(encoding="utf-8") == "mine"
    write_table(table, path, force=True)
    assert path.read_text(encoding="utf-8") == "text\nnew\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a", "a.json", "a.xls", "a.txt", "a.gz"])
def test_a_name_that_tells_no_format_to_write_is_refused(refused, tmp_path, name):
    for function, arguments in ((check_name, ()), (write_table, (pa.table({"text": ["a"]}),))):
        message = refused(function, *arguments, tmp_path / name)
        assert f"{name} cannot be written" in message
        assert "ends in .csv, .tsv, .jsonl, .parquet, .arrow or .xlsx" in message
    assert list(tmp_path.iterdir()) == []


def test_two_columns_of_one_name_are_refused(refused, tmp_path):
    assert "columns 1 and 2" in refused(write_table, pa.table([["a"], ["b"]], names=["x", "x"]), tmp_path / "a.csv")
