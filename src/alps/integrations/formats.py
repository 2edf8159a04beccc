"""The table of formats that other tools read and write."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.pool.compression import compression_of_name
from alps.pool.formats import format_of_name


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

    def function(self, name: str) -> Any:
        """
        One of the functions that the row names.

        Raises
        ------
        AlpsError
            When an optional package is missing; names the extra that brings it.

        """
        if self.needs is not None:
            require(*self.needs)
        module, _, function = name.partition(":")
        return getattr(import_module(f"alps.integrations.{module}"), function)

    def check_name(self, file_name: str) -> None:
        """
        Refuse to call a file of this format as one of another is called.

        Raises
        ------
        AlpsError
            When the name has the ending of another format, or that of a compression.

        """
        promised = format_of_name(file_name)
        if compression_of_name(file_name) is None and (promised is None or self.ending in promised.extensions):
            return
        raise AlpsError(
            f"The ending of {for_terminal(file_name, 80)} is that of another format than {self.name}; "
            f"end the name with {self.ending}, or choose another --format."
        )


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
