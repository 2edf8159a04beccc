"""Tables as an Excel workbook: texts stay texts, and nothing is cut in silence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, BinaryIO

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_spreadsheet, for_terminal
from alps.pool.cells import words
from alps.pool.excel_text import to_cell

MOST_ROWS = 1 << 20
MOST_COLUMNS = 1 << 14
LONGEST_CELL = 32_767  # UTF-16 code units
MOST_DIGITS = 15  # a longer number would be rounded

_BATCH_ROWS = 8192


def write_excel(table: pa.Table, file: BinaryIO) -> None:
    """
    Write a table to an open file as one sheet, whose header stays in view.

    Numbers and truth values are what they are, everything else is text: what looks like a formula is not computed.

    Raises
    ------
    AlpsError
        When a sheet or a cell is too small for it: names the row, counted from 1, and the column.

    """
    from openpyxl import Workbook

    if table.num_rows >= MOST_ROWS or table.num_columns > MOST_COLUMNS:
        size = f"{table.num_rows} rows and {table.num_columns} columns"
        raise AlpsError(f"The table has {size}, more than a sheet of Excel holds; write .csv or .parquet instead.")
    check_lengths(table)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("alps")
    sheet.freeze_panes = "A2"
    sheet.append([as_cell(sheet, name) for name in table.schema.names])
    for batch in table.to_batches(_BATCH_ROWS):
        for row in zip(*map(_values, batch.columns), strict=True):
            sheet.append([as_cell(sheet, value) for value in row])
    workbook.save(file)


def check_lengths(
    table: pa.Table, where: Callable[[int], str] = "row {}".format, *, remedy: str = "write .csv or .parquet instead"
) -> None:
    """
    Refuse a text that a cell cannot hold.

    Parameters
    ----------
    table
        What is to be written.
    where
        What messages call a row, counted from 1.
    remedy
        What to do instead, for the message.

    Raises
    ------
    AlpsError
        Names the row and the column.

    """
    for name, column in zip(table.schema.names, table.columns, strict=True):
        rows = (value for batch in column.chunks for value in _values(batch))
        for row, value in enumerate(rows, start=1):
            length = len(to_cell(value).encode("utf-16-le")) // 2 if isinstance(value, str) else 0
            if length > LONGEST_CELL:
                place = f"{where(row)}, column '{for_terminal(name, 40)}'"
                raise AlpsError(
                    f"The text in {place} has {length} characters and a cell of Excel holds {LONGEST_CELL}; {remedy}."
                )


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_boolean(column.type):
        return list(column.to_pylist())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return list(words(column))
    numbers = zip(column.to_pylist(), words(column), strict=True)
    return [number if _fits(number) else word for number, word in numbers]


def _fits(number: float | None) -> bool:
    if isinstance(number, int):
        return abs(number) < 10**MOST_DIGITS
    return number is not None and math.isfinite(number)


def as_cell(sheet: Any, value: Any) -> Any:
    """A value as a cell of a sheet that is only written; what looks like a formula stays a text."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, to_cell(value))
    cell.data_type = "s"  # it takes "=1+1" for a formula and "#N/A" for an error
    cell.quotePrefix = for_spreadsheet(value) != value  # a text even after somebody edits the cell
    return cell
