import datetime
import io
import zipfile

import openpyxl
import pyarrow as pa
import pytest

from alps.pool import excel, write_excel
from alps.pool.excel_text import from_cell, to_cell
from alps.pool.exclude import excluded_rows
from alps.pool.read import read_pool
from alps.pool.write import write_table


@pytest.fixture
def workbook(tmp_path):
    """Write a workbook of sheets, which are lists of rows."""

    def write(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

    return write


def test_every_value_is_the_string_that_it_is(workbook):
    rows = [
        ["text", "n", "broken", "yes", "day", "none"],
        ["one", 5, 0.5, True, datetime.date(2020, 1, 2), None],
        [],
        [12, "007", -1e300, False, datetime.datetime(2020, 1, 2, 3, 4), "x"],
    ]
    assert read_pool(workbook(first=rows)).table.to_pylist() == [
        {"text": "one", "n": "5", "broken": "0.5", "yes": "true", "day": "2020-01-02T00:00:00", "none": None},
        {"text": "12", "n": "007", "broken": "-1e+300", "yes": "false", "day": "2020-01-02T03:04:00", "none": "x"},
    ]


def test_a_header_may_come_late_and_have_holes(workbook):
    pool = read_pool(workbook(first=[[], [], [None, "text", None], [1, "one", None], [None, "two"]]))
    assert pool.table.to_pylist() == [
        {"column_1": "1", "text": "one"},
        {"column_1": None, "text": "two"},
    ]


def test_a_value_beyond_the_header_is_refused(refused, workbook):
    message = refused(read_pool, workbook(first=[["text", "n"], ["one"], ["two", 1, "note"]]))
    assert "sheet 'first', row 3: 3 cells found, 2 expected" in message


def test_a_sheet_is_chosen(refused, workbook):
    path = workbook(empty=[], first=[["text"], ["one"]], second=[["text"], ["two"]])
    assert "choose --sheet from: 'first', 'second'" in refused(read_pool, path)
    assert read_pool(path, sheet="second").texts.to_pylist() == ["two"]
    assert "no sheet 'third'; choose --sheet from: 'empty', 'first', 'second'" in refused(
        read_pool, path, sheet="third"
    )
    assert "sheet 'empty' is blank" in refused(read_pool, path, sheet="empty")
    assert excluded_rows(read_pool(["one", "two"]), path, sheet="second").tolist() == [False, True]


def test_the_only_sheet_with_a_value_is_read(workbook):
    assert read_pool(workbook(empty=[], first=[["text"], ["one"]])).texts.to_pylist() == ["one"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([], "only blank sheets"), ([["text"]], "no rows"), ([["text", "text"], ["a", "b"]], "columns 1 and 2")],
)
def test_what_holds_no_rows_is_refused(refused, workbook, rows, expected):
    assert expected in refused(read_pool, workbook(first=rows))


def test_formulas_give_what_they_gave_last(workbook):
    pool = read_pool(workbook(first=[["text", "n"], ["one", "=1+1"]]))  # openpyxl computes nothing
    assert pool.table["n"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"text\none\n", "cannot be read as an Excel workbook"),
        (b"PK\x03\x04 and so on", "cannot be read as an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls workbook or has a password"),
    ],
)
def test_what_is_no_workbook_is_refused(refused, write_file, content, expected):
    assert expected in refused(read_pool, write_file("a.xlsx", content))


def test_another_archive_is_refused(refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("text.txt", "one")
    assert "cannot be read as an Excel workbook" in refused(read_pool, tmp_path / "a.xlsx")


def test_a_bomb_is_refused_before_it_is_unpacked(refused, workbook, monkeypatch):
    path = workbook(first=[["text"], *([f"text {number}"] for number in range(1000))])
    monkeypatch.setattr(excel, "LARGEST_PART", 10_000)
    assert "more than 1 GB" in refused(read_pool, path)


def test_a_workbook_among_texts_says_what_it_is(refused, workbook, tmp_path):
    path = workbook(first=[["text"], ["one"]]).rename(tmp_path / "a.csv")
    assert "Excel" in refused(read_pool, path)
    assert read_pool(path, format="excel").n == 1


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain text_x", "plain text_x"),
        ("a\rb\x00", "a_x000D_b_x0000_"),
        ("_x000D_", "_x005F_x000D_"),
        ("\uffff\x85", "_xFFFF_\x85"),
        ("_x005F_x000D_", "_x005F_x005F_x005F_x000D_"),
    ],
)
def test_text_stands_in_cells_as_the_standard_says(text, cell):
    assert to_cell(text) == cell
    assert from_cell(cell) == text


def test_half_a_character_of_another_program_stays():
    assert from_cell("_xD83D_") == "_xD83D_"


def test_a_written_sheet_holds_texts_and_numbers_and_no_formulas(tmp_path):
    table = pa.table({"text": ["=1+1", "#N/A", "@home", "plain"], "n": [1, 2, None, 10**15]})
    write_table(table, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = [[(cell.value, cell.data_type, cell.quotePrefix) for cell in row] for row in sheet.iter_rows(min_row=2)]
    texts = [[value, kind, bool(prefix)] for (value, kind, prefix), _ in cells]
    assert texts == [["=1+1", "s", True], ["#N/A", "s", False], ["@home", "s", True], ["plain", "s", False]]
    assert [number[0] for _, number in cells] == [1, 2, None, "1000000000000000"]
    assert sheet.freeze_panes == "A2"


def test_a_text_that_is_too_long_is_refused_and_nothing_is_left(refused, tmp_path):
    table = pa.table({"id": ["a", "b"], "text": ["x" * 32_767, "\U0001f4a9" * 16_384]})
    message = refused(write_table, table, tmp_path / "a.xlsx")
    assert "row 2, column 'text' has 32768 characters" in message
    assert ".csv" in message
    assert list(tmp_path.iterdir()) == []
    write_table(table.slice(0, 1), tmp_path / "a.xlsx")
    assert read_pool(tmp_path / "a.xlsx").texts.to_pylist() == ["x" * 32_767]


def test_a_table_that_is_too_large_is_refused(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(write_excel, "MOST_ROWS", 3)
    assert "3 rows and 1 columns" in refused(write_table, pa.table({"text": ["a", "b", "c"]}), tmp_path / "a.xlsx")
    write_excel.write_excel(pa.table({"text": ["a", "b"]}), io.BytesIO())
