"""
A sheet for somebody who has only a spreadsheet: one row for each text and annotator.

In Excel the classes are a drop-down list, and only `label`, `no_label`, `annotator`, `comment` and `flag` can be
changed; there is no password. What is in CSV is the same without the list. `alps_at` and `alps_was` tell when a row was
answered and what it was, so that what a colleague has changed is told from what is as it was; `alps_reason` is that of
a skip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal, from_spreadsheet
from alps.integrations.entries import Classes, Entry, Statement
from alps.integrations.exported import exported_of
from alps.integrations.times import checked_time
from alps.pool.delimited import read_csv
from alps.pool.excel import read_excel
from alps.pool.input_file import InputFile
from alps.pool.labelled import BETWEEN_LABELS
from alps.pool.write_delimited import write_csv_file
from alps.pool.write_excel import as_cell, check_lengths

COLUMNS = (
    "alps_id", "text", "label", "no_label", "annotator", "comment", "flag", "alps_at", "alps_was", "alps_reason",
)  # fmt: skip
OPEN_COLUMNS = ("label", "no_label", "annotator", "comment", "flag")
SHEET = "alps"
FLAGGED = "flag"
_TEXT = "@"  # the number format of cells in which 05 and TRUE stay what is written
SKIPPED, NONE = "skip", "none of the classes"


def write_csv(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """Write the rows as CSV."""
    write_csv_file(_table(entries), file)


def write_excel(entries: Iterable[Entry], classes: Classes, file: BinaryIO) -> None:
    """
    Write the rows as a workbook.

    Raises
    ------
    AlpsError
        When a text is longer than a cell can be: names it.

    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Protection

    table = _table(entries)
    ids = table.column("alps_id")
    check_lengths(
        table, lambda row: f"the row of '{for_terminal(ids[row - 1].as_py(), 40)}'",
        remedy="choose --format sheet-csv, and a name that ends with .csv",
    )  # fmt: skip
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(SHEET)
    sheet.freeze_panes = "C2"
    for letter, width in zip("ABCDEFGHIJ", (14, 90, 24, 18, 18, 40, 8, 30, 12, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # these say what is forbidden
    _add_lists(workbook, sheet, classes, table.num_rows)
    sheet.append([as_cell(sheet, name) for name in COLUMNS])
    for row in table.to_pylist():
        cells = [as_cell(sheet, row[name]) for name in COLUMNS]
        for name, cell in zip(COLUMNS, cells, strict=True):
            cell.alignment = Alignment(wrap_text=name in ("text", "comment"), vertical="top")
            cell.protection = Protection(locked=name not in OPEN_COLUMNS)
            cell.number_format = _TEXT
        sheet.append(cells)
    workbook.save(file)


def read_rows_of_csv(file: InputFile) -> Iterator[Entry]:
    """
    Read the rows of a CSV file.

    Raises
    ------
    AlpsError
        When it is not one, or has no `label`, or neither `alps_id` nor `text`.

    """
    rows = read_csv(file, without_rows="fill in the rows, or export texts first")
    return _entries((_without_guards(batch) for batch in rows), file.name)


def read_rows_of_excel(file: InputFile) -> Iterator[Entry]:
    """
    Read the rows of a workbook.

    Raises
    ------
    AlpsError
        When it is not one, or has no `label`, or neither `alps_id` nor `text`.

    """
    return _entries((batch.to_pylist() for batch in read_excel(file, usual=SHEET)), file.name)


def _table(entries: Iterable[Entry]) -> pa.Table:
    rows = [row for entry in entries for row in _rows(entry)]
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.large_string()) for name in COLUMNS]))


def _rows(entry: Entry) -> Iterator[dict[str, str | None]]:
    common = {**dict.fromkeys(COLUMNS, ""), "alps_id": entry.id, "text": entry.text}
    if not any(said.answered for said in entry.statements):
        yield common
    for said in entry.statements:
        instead = "" if said.labels or not said.answered else SKIPPED if said.labels is None else NONE
        yield {
            **common, "label": BETWEEN_LABELS.join(said.labels or ()), "no_label": instead,
            "annotator": said.annotator, "comment": said.note or "", "flag": FLAGGED if said.flag else "",
            "alps_at": said.at or "", "alps_was": "" if said.exported is None else said.exported.written(),
            "alps_reason": said.reason,
        }  # fmt: skip


def _add_lists(workbook: Any, sheet: Any, classes: Classes, n_rows: int) -> None:
    """The drop-down lists; the classes stand in a hidden sheet, as a list in place has 255 characters at most."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = workbook.create_sheet("classes")
    listed.sheet_state = "hidden"
    for name in classes.names:
        listed.append([as_cell(listed, name)])
    known, last = f"classes!$A$1:$A${len(classes.names)}", max(n_rows, 1) + 1
    for column, formula in (("C", known), ("D", f'"{SKIPPED},{NONE}"'), ("G", f'"{FLAGGED}"')):
        several = column == "C" and classes.multi_label
        validation = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=not several)
        validation.error = "Choose from the list."
        if several:
            validation.showInputMessage = True
            validation.prompt = "Several classes have a semicolon between them."
        validation.add(f"{column}2:{column}{last}")
        sheet.data_validations.append(validation)


def _without_guards(batch: pa.RecordBatch) -> list[dict[str, str | None]]:
    """The rows of CSV without the apostrophe that guards formulas, which Excel shows and saves like any other sign."""
    return [
        {name: None if value is None else from_spreadsheet(value) for name, value in row.items()}
        for row in batch.to_pylist()
    ]


def _entries(batches: Iterable[list[dict[str, str | None]]], name: str) -> Iterator[Entry]:
    number = 0
    for rows in batches:
        missing = [column for column in ("label", "alps_id") if column not in rows[0]]
        if missing == ["alps_id"] and "text" in rows[0]:
            missing = []
        if missing:
            raise AlpsError(f"{name} has no column '{missing[0]}'; give back the columns that alps export wrote.")
        for row in rows:
            number += 1
            yield replace(_entry(row, name), where=f"{name}, row {number}")


def _entry(row: dict[str, str | None], name: str) -> Entry:
    where = f"{name}: the text '{for_terminal(row.get('alps_id') or row.get('text') or '', 40)}'"
    labels = tuple(part.strip() for part in (row.get("label") or "").split(BETWEEN_LABELS) if part.strip())
    instead, flag = (row.get("no_label") or "").strip(), (row.get("flag") or "").strip()
    if instead not in ("", SKIPPED, NONE) or (instead and labels):
        raise AlpsError(
            f"{where} has '{for_terminal(instead, 40)}' under no_label"
            f"{' and a label' if labels else ''}; choose a label, '{SKIPPED}' or '{NONE}'."
        )
    if flag not in ("", FLAGGED):
        raise AlpsError(f"{where} has '{for_terminal(flag, 40)}' under flag; write '{FLAGGED}' or nothing.")
    at = checked_time((row.get("alps_at") or "").strip(), "alps_at", where)
    was = (row.get("alps_was") or "").strip()
    exported = exported_of(was, at, where) if was else None
    note, answered = row.get("comment") or None, bool(labels or instead)
    if not answered and exported is None and note is None and not flag:
        return Entry(row.get("alps_id") or None, row.get("text"))
    said = Statement(
        (row.get("annotator") or "").strip(),
        None if instead == SKIPPED or not answered else labels,
        (row.get("alps_reason") or "").strip() if instead == SKIPPED else "",
        note="" if note is None and exported is not None and "comment" in row else note,
        flag=True if flag else False if exported is not None and "flag" in row else None,
        answered=answered,
        from_cells=True,
    )
    if exported is None and at is not None:
        exported = replace(said, at=at).as_exported()
    return Entry(row.get("alps_id") or None, row.get("text"), (replace(said, exported=exported),))
