"""The table of formats: what files are called, who reads and who writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.pool.compression import without_compression

if TYPE_CHECKING:
    import pyarrow as pa

    from alps.pool.input_file import InputFile

PLAIN_TEXT = "text"  # what standard input is, unless told otherwise


class Format(NamedTuple):
    """
    One row of the table; light to load, since readers and writers are named and not imported.

    Attributes
    ----------
    name
        What `--format` calls it.
    extensions
        How its files end, in lower case; the first one is the usual one.
    description
        What a file holds, in one line.
    reader
        ``module:function`` of this package: from an open file to record batches.
    writer
        ``module:function`` of this package: from a table and an open file to nothing; None when it is only read.
    options
        Which options of `read_pool` the reader takes.
    is_text
        Whether its files are text, which may be written compressed; the others compress their own parts.
    needs
        The optional package it is made with, and the extra that brings it.

    """

    name: str
    extensions: tuple[str, ...]
    description: str
    reader: str
    writer: str | None = None
    options: tuple[str, ...] = ()
    is_text: bool = False
    needs: tuple[str, str] | None = None

    def read(self, file: InputFile, options: Mapping[str, str | None]) -> Iterator[pa.RecordBatch]:
        """
        Read a file; of the options, the reader is given those that it takes.

        Raises
        ------
        AlpsError
            For everything that can be wrong with the file, and when an optional package is missing.

        """
        taken = {name: options.get(name) for name in self.options}
        rows: Iterator[pa.RecordBatch] = self._function(self.reader)(file, **taken)
        return rows

    def write(self, table: pa.Table, file: BinaryIO) -> None:
        """Write a table to an open file."""
        self._function(str(self.writer))(table, file)

    def check_packages(self) -> None:
        """
        Make sure that the packages are there.

        Raises
        ------
        AlpsError
            When one is missing; names the extra that brings it.

        """
        if self.needs is not None:
            require(*self.needs)

    def _function(self, name: str) -> Any:
        self.check_packages()
        module, _, function = name.partition(":")
        return getattr(import_module(f"alps.pool.{module}"), function)


FORMATS = (
    Format(
        "csv", (".csv",), "a header and rows; commas, semicolons or tabs between the fields",
        "delimited:read_csv", "write_delimited:write_csv_file", is_text=True,
    ),
    Format(
        "tsv", (".tsv", ".tab"), "a header and rows; tabs between the fields",
        "delimited:read_tsv", "write_delimited:write_tsv_file", is_text=True,
    ),
    Format(
        "jsonl", (".jsonl", ".ndjson"), "JSON Lines: one object a line",
        "json_lines:read_json_lines", "write_json_lines:write_json_lines", options=("text_column",), is_text=True,
    ),
    Format(
        "json", (".json",), "an array of objects or strings, an object that holds one, or JSON Lines",
        "json_document:read_json", options=("text_column",), is_text=True,
    ),
    Format(
        "parquet", (".parquet", ".pq"), "columns with types",
        "parquet:read_parquet", "write_columns:write_parquet",
    ),
    Format(
        "arrow", (".arrow", ".feather", ".ipc"), "columns with types: Arrow's file and stream formats, Feather",
        "arrow_file:read_arrow", "write_columns:write_arrow",
    ),
    Format(
        "excel", (".xlsx",), "a header and rows in a sheet of a workbook",
        "excel:read_excel", "write_excel:write_excel", options=("sheet",), needs=("openpyxl", "excel"),
    ),
    Format(PLAIN_TEXT, (".txt", ".text"), "one text a line", "plain_text:read_plain_text", is_text=True),
)  # fmt: skip


def format_called(name: str) -> Format:
    """
    The format that `--format` names.

    Raises
    ------
    AlpsError
        When there is none of that name; lists them.

    """
    for row in FORMATS:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in FORMATS)
    raise AlpsError(f"There is no format '{for_terminal(name, 40)}'; choose --format from: {known}.")


def format_of_name(file_name: str) -> Format | None:
    """
    The format that the ending of a file name tells, with or without that of a compression; None when it tells none.

    >>> format_of_name("reviews.CSV.gz").name
    'csv'
    """
    ending = PurePath(without_compression(file_name)).suffix.lower()
    return next((row for row in FORMATS if ending in row.extensions), None)
