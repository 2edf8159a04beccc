"""
Tables as CSV and TSV: UTF-8, lines end with a line feed, no byte order mark.

pandas, spreadsheets and our own reader get back what was written, with two exceptions: a text that a
spreadsheet would take for a formula gets an apostrophe in front (`for_spreadsheet`), which our reader takes off
where `alps.pool.own_files` knows the file, and the zero character, which hardly any reader accepts, becomes U+FFFD.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import BinaryIO, TextIO

import pyarrow as pa

from alps.base.text_safety import for_spreadsheet
from alps.pool.cells import words

BATCH_ROWS = 8192

# Semicolons and tabs need no quotes in CSV, but a reader that guesses the delimiter looks for them.
_NEEDS_QUOTES = re.compile('[",;\t\r\n\ufeff]')
_NEEDS_QUOTES_IN_TSV = re.compile('["\t\r\n\ufeff]')


def write_csv_file(table: pa.Table, file: BinaryIO) -> None:
    """Write a table as CSV to an open file."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    write_csv(table, text)
    text.detach()  # flushed, and the file stays open


def write_csv(table: pa.Table, file: TextIO, *, header: bool = True) -> None:
    """Write a table as CSV, quoted after RFC 4180, to an open text file, a few thousand rows at a time."""
    _write(table, file, ",", lambda cell: _quoted(cell) if _NEEDS_QUOTES.search(cell) else cell, header=header)


def write_tsv_file(table: pa.Table, file: BinaryIO) -> None:
    """
    Write a table as TSV: every field is quoted if one must be, and none otherwise.

    So every reader gets it right, also one that takes a quotation mark for a character where it proves nothing.
    """
    quote = _quoted if _must_be_quoted(table) else str
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    _write(table, text, "\t", quote)
    text.detach()  # flushed, and the file stays open


def _must_be_quoted(table: pa.Table) -> bool:
    rows = [table.schema.names]
    for batch in table.to_batches(BATCH_ROWS):
        rows += _rows(batch)
        if any(_NEEDS_QUOTES_IN_TSV.search(cell) for row in rows for cell in row) or [""] in rows:
            return True
        rows.clear()
    return False


def _write(table: pa.Table, file: TextIO, delimiter: str, quote: Callable[[str], str], *, header: bool = True) -> None:
    if header:
        file.write(_line([_safe(name) for name in table.schema.names], delimiter, quote))
    for batch in table.to_batches(BATCH_ROWS):
        file.write("".join(_line(row, delimiter, quote) for row in _rows(batch)))


def _rows(batch: pa.RecordBatch) -> list[list[str]]:
    return [list(row) for row in zip(*(_cells(column) for column in batch.columns), strict=True)]


def _line(cells: list[str], delimiter: str, quote: Callable[[str], str]) -> str:
    if cells == [""]:
        return '""\n'  # a blank line would be no row
    return delimiter.join(map(quote, cells)) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _cells(column: pa.Array) -> list[str]:
    """Null as nothing, strings made safe; numbers are, and -inf would look like a formula."""
    values = words(column)
    if not pa.types.is_floating(column.type):
        values = [None if value is None else _safe(value) for value in values]
    return ["" if value is None else value for value in values]


def _safe(text: str) -> str:
    return for_spreadsheet(text.replace("\0", "\ufffd"))
