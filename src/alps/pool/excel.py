"""Excel: a header and rows in a sheet of a workbook; every value becomes a string, as in CSV."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import filled_names, refuse_repeated_names
from alps.pool.excel_text import from_cell
from alps.pool.input_file import InputFile

# A workbook is a zip archive, and its strings are held in memory as a whole: 1 MB may unpack to 1 GB of them.
LARGEST_PART = 1 << 30
_OLD_MARK = b"\xd0\xcf\x11\xe0"
_BATCH_ROWS = 8192

T = TypeVar("T")


def read_excel(file: InputFile, sheet: str | None = None, *, usual: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read a sheet; blank rows are left out, and what formulas last gave is read.

    Parameters
    ----------
    file
        The workbook.
    sheet
        The name of a sheet; the only one that is not blank when None.
    usual
        The name of the sheet to read, without asking for one, of several; hidden ones are left aside then.

    Raises
    ------
    AlpsError
        When the file is no workbook or is damaged, the sheet is not there or not clear (lists the sheets), or a row is
        wider than the header: names the row.

    """
    workbook = _carefully(lambda: _opened(file), file.name)
    chosen = _choose(workbook, sheet, file.name) if usual is None else _usual(workbook, usual, file.name)
    where = f"{file.name}, sheet '{for_terminal(chosen.title, 40)}'"
    rows = _rows(chosen)
    header = _carefully(lambda: next(rows, None), file.name)
    if header is None:
        raise AlpsError(f"{where} is blank; name another --sheet or add rows.")
    names = filled_names([_word(value) or "" for value in header[1]])
    refuse_repeated_names(names, where)
    any_rows = False
    while chunk := _carefully(lambda: list(islice(rows, _BATCH_ROWS)), file.name):
        any_rows = True
        yield _batch(chunk, names, where)
    if not any_rows:
        raise AlpsError(f"{where} has a header but no rows; add rows.")


def _opened(file: InputFile) -> Any:
    from openpyxl import load_workbook

    file.handle.seek(0)
    if file.handle.read(len(_OLD_MARK)) == _OLD_MARK:
        raise AlpsError(f"{file.name} is an old .xls workbook or has a password; save it as .xlsx without one.")
    with zipfile.ZipFile(file.handle) as archive:
        if any(part.file_size > LARGEST_PART for part in archive.infolist()):
            raise AlpsError(f"{file.name} holds a part of more than 1 GB; save the sheet as CSV.")
    return load_workbook(file.handle, read_only=True, data_only=True)


def _carefully(step: Callable[[], T], name: str) -> T:
    """Take a step of openpyxl, which warns of what it leaves out and raises whatever its parsers stumble over."""
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            return step()
    except AlpsError:
        raise
    except Exception as error:
        what = for_terminal(f"{type(error).__name__}: {error}", 120).rstrip(".").replace(". ", ", ")
        raise AlpsError(f"{name} cannot be read as an Excel workbook ({what}); check the file or --format.") from error


def _choose(workbook: Any, wanted: str | None, name: str) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if wanted is not None:
        if wanted not in sheets:
            what = f"'{for_terminal(wanted, 40)}'; choose --sheet from: {_listed(sheets)}"
            raise AlpsError(f"{name} has no sheet {what}.")
        return sheets[wanted]
    return _only(_full(workbook, name), name, "choose --sheet from")


def _usual(workbook: Any, title: str, name: str) -> Any:
    full = _full(workbook, name)
    found = [sheet for sheet in full if sheet.title == title] or [s for s in full if s.sheet_state == "visible"]
    return _only(found, name, f"call the one to read '{title}', or leave no other than one of")


def _full(workbook: Any, name: str) -> list[Any]:
    return [sheet for sheet in workbook.worksheets if not _is_blank(sheet, name)]


def _only(sheets: Sequence[Any], name: str, remedy: str) -> Any:
    if not sheets:
        raise AlpsError(f"{name} has only blank sheets; add a header and rows.")
    if len(sheets) > 1:
        raise AlpsError(f"{name} has several sheets; {remedy}: {_listed(sheet.title for sheet in sheets)}.")
    return sheets[0]


def _listed(titles: Iterable[str]) -> str:
    return ", ".join(f"'{for_terminal(title, 40)}'" for title in titles)


def _is_blank(sheet: Any, name: str) -> bool:
    return _carefully(lambda: next(_rows(sheet), None), name) is None


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold something, with their numbers, without the empty cells at their ends."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = list(row)
        while values and values[-1] in (None, ""):
            values.pop()
        if values:
            yield number, values


def _batch(rows: list[tuple[int, list[Any]]], names: list[str], where: str) -> pa.RecordBatch:
    for number, row in rows:
        if len(row) > len(names):
            raise AlpsError(
                f"{where}, row {number}: {len(row)} cells found, {len(names)} expected; give every column a header."
            )
    columns = zip(*([*map(_word, row), *[None] * (len(names) - len(row))] for _, row in rows), strict=True)
    return pa.record_batch([pa.array(column, pa.large_string()) for column in columns], names=names)


def _word(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return from_cell(str(value))
