"""
Tables as CSV: UTF-8, quoted after RFC 4180, lines end with a line feed, no byte order mark.

pandas, spreadsheets and our own reader get back what was written, with two exceptions: a text that a
spreadsheet would take for a formula gets an apostrophe in front (`for_spreadsheet`), and the zero
character, which hardly any reader of CSV accepts, becomes U+FFFD.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from alps.base.atomic import atomic_file
from alps.base.errors import AlpsError
from alps.base.text_safety import for_spreadsheet, for_terminal
from alps.pool.columns import is_text

BATCH_ROWS = 8192

_OTHER_FORMATS = (".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".tab", ".tsv", ".xls", ".xlsx")
# Semicolons and tabs need no quotes in CSV, but a reader that guesses the delimiter looks for them.
_NEEDS_QUOTES = re.compile('[",;\t\r\n\ufeff]')


def write_table(table: pa.Table, path: Path, force: bool = False) -> None:
    """
    Write a CSV file, whole or not at all.

    Raises
    ------
    AlpsError
        When the file exists and `force` is not set, cannot be written, or is named like another format.

    """
    check_name(path)
    with (
        atomic_file(path, force=force) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        write_csv(table, file)


def check_name(path: Path) -> None:
    """
    Refuse early, before the work is done, a name that promises another format.

    Raises
    ------
    AlpsError
        When it does.

    """
    if path.suffix.lower() in _OTHER_FORMATS:
        raise AlpsError(f"{for_terminal(str(path))}: tables are written as CSV; choose a name that ends in .csv.")


def write_csv(table: pa.Table, file: TextIO) -> None:
    """Write a table to an open text file, a few thousand rows at a time."""
    file.write(_line([_safe(name) for name in table.schema.names]))
    for batch in table.to_batches(BATCH_ROWS):
        file.write(csv_text(batch))


def csv_text(batch: pa.RecordBatch) -> str:
    """The rows of a record batch as CSV, without a header."""
    rows = zip(*(_cells(column) for column in batch.columns), strict=True)
    return "".join(_line(list(row)) for row in rows)


def _line(cells: list[str]) -> str:
    if cells == [""]:
        return '""\n'  # a blank line would be no row
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell


def _safe(text: str) -> str:
    return for_spreadsheet(text.replace("\0", "\ufffd"))


def _cells(column: pa.Array) -> list[str]:
    """Null as nothing, strings made safe, numbers and times in their shortest form, lists as JSON."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        values = [None if value is None else _json_text(value) for value in column.to_pylist()]
    elif is_text(column.type):
        values = [None if value is None else _safe(value) for value in column.to_pylist()]
    else:
        values = _words(column)
    return ["" if value is None else value for value in values]


def _words(column: pa.Array) -> list[str | None]:
    try:
        words: list[str | None] = column.cast(pa.large_string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # bytes that are not UTF-8, for example
        words = [None if value is None else str(value) for value in column.to_pylist()]
    is_number = pa.types.is_floating(column.type)  # -inf would look like a formula
    return words if is_number else [None if word is None else _safe(word) for word in words]


def _json_text(value: object) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, default=str))
