"""The table of formats that other tools read and write, and the two ways: a project to a file, a file to a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from alps.base.atomic import atomic_file, check_writable
from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.integrations.entries import Classes, Suggestion, entries_of
from alps.integrations.take_in import take_in
from alps.labelling.project import Project
from alps.pool.input_file import open_input


class ExchangeFormat(NamedTuple):
    """
    One row of the table; light to load, since functions are named and not imported.

    Attributes
    ----------
    name
        What `--format` calls it.
    ending
        How its files end.
    description
        What a file is, in one line.
    writer, reader
        ``module:function`` of this package: from entries, classes and an open file to nothing, and from a file to
        entries.
    beside
        How a second file ends that belongs to the first, and what makes its text from the classes.
    needs
        The optional package it is made with, and the extra that brings it.

    """

    name: str
    ending: str
    description: str
    writer: str
    reader: str
    beside: tuple[str, str] | None = None
    needs: tuple[str, str] | None = None


EXCHANGE_FORMATS = (
    ExchangeFormat(
        "label-studio", ".json", "tasks of Label Studio, with its labelling interface in a second file",
        "label_studio:write", "label_studio:read", (".label-config.xml", "label_studio:label_config"),
    ),
    ExchangeFormat("argilla", ".json", "records of Argilla", "argilla:write", "argilla:read"),
    ExchangeFormat("doccano", ".jsonl", "JSON Lines of doccano", "doccano:write", "doccano:read"),
    ExchangeFormat(
        "prodigy", ".jsonl", "JSON Lines of Prodigy, with a recipe in a second file",
        "prodigy:write", "prodigy:read", (".recipe.py", "prodigy:recipe"),
    ),
    ExchangeFormat(
        "sheet-excel", ".xlsx", "a workbook to fill in: a list of classes, protected ids, comments",
        "spreadsheet:write_excel", "spreadsheet:read_rows_of_excel", needs=("openpyxl", "excel"),
    ),
    ExchangeFormat(
        "sheet-csv", ".csv", "the same as CSV", "spreadsheet:write_csv", "spreadsheet:read_rows_of_csv"
    ),
)  # fmt: skip


def exchange_format(name: str) -> ExchangeFormat:
    """
    The row of a name.

    Raises
    ------
    AlpsError
        When there is none: lists them.

    """
    for row in EXCHANGE_FORMATS:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in EXCHANGE_FORMATS)
    raise AlpsError(f"There is no format '{for_terminal(name, 40)}'; choose --format from: {known}.")


def export_to(
    project: Project, path: Path, format: str, *, which: str = "all",
    suggestions: Mapping[int, Suggestion] | None = None, force: bool = False,
) -> list[Path]:  # fmt: skip
    """
    Write texts of a project for another tool.

    Parameters
    ----------
    project
        The project.
    path
        The file.
    format
        A name in `EXCHANGE_FORMATS`.
    which, suggestions
        As in `entries_of`.
    force
        Whether files may be replaced.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    AlpsError
        When a file exists and `force` is not set, or the format cannot hold a text.

    """
    row = exchange_format(format)
    classes = Classes.of(project)
    write = _function(row, row.writer)
    written = [path] if row.beside is None else [path, path.with_name(path.stem + row.beside[0])]
    for place in written:
        check_writable(place, force=force)
    with atomic_file(path, force=force) as temporary, temporary.open("wb") as file:
        write(entries_of(project, which, suggestions), classes, file)
    if row.beside is not None:
        with atomic_file(written[1], force=force) as temporary:
            temporary.write_text(_function(row, row.beside[1])(classes), encoding="utf-8")
    return written


def import_from(
    project: Project, path: Path, format: str, *, annotator: str | None = None, add_classes: bool = False
) -> Counter[str]:
    """
    Take in what another tool has written; parameters, result and errors as `take_in`.

    Parameters
    ----------
    project
        The project.
    path
        The file.
    format
        A name in `EXCHANGE_FORMATS`.
    annotator
        Whom to name where the file names nobody; the name of the format when None.
    add_classes
        Whether to add classes that the project does not have.

    """
    row = exchange_format(format)
    read = _function(row, row.reader)
    file = open_input(path)
    try:
        return take_in(project, read(file), annotator or row.name, add_classes=add_classes)
    finally:
        file.close()


def _function(row: ExchangeFormat, name: str) -> Any:
    if row.needs is not None:
        require(*row.needs)
    module, _, function = name.partition(":")
    return getattr(import_module(f"alps.integrations.{module}"), function)
