"""CSV and TSV: records with a header; every value stays the string it is, or was before alps wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from alps.base.counts import counted
from alps.base.errors import AlpsError
from alps.pool.columns import filled_names, refuse_repeated_names
from alps.pool.input_file import InputFile
from alps.pool.own_files import is_our_own, without_guards
from alps.pool.text_file import line_blocks

# A quote that is never closed would otherwise read the rest of the file into one field.
LONGEST_FIELD = 256 << 20
_BATCH_ROWS = 8192
_ADD_ROWS = "add rows, or --format text if it has no header"


class Record(NamedTuple):
    """The fields of a row, and the line of the file in which it begins, counted from 1."""

    fields: list[str]
    line: int


def read_csv(file: InputFile, *, without_rows: str = _ADD_ROWS) -> Iterator[pa.RecordBatch]:
    """
    Read CSV; the delimiter is a comma, unless the header has none but a semicolon or a tab.

    Parameters
    ----------
    file
        The file.
    without_rows
        What to do about a file that has a header alone, for the message.

    Raises
    ------
    AlpsError
        For rows of another width than the header and for quotes that do not match: names the line.

    """
    records = _quoted_records(_lines(file), file.name, _delimiter_of_header(file))
    yield from _batches(records, file.name, "quote fields that need it", without_rows)


def read_tsv(file: InputFile) -> Iterator[pa.RecordBatch]:
    """
    Read TSV; a quotation mark is a character, unless the file proves to be quoted.

    Raises
    ------
    AlpsError
        For rows of another width than the header: names the line.

    """
    records = _quoted_records(_lines(file), file.name, "\t") if proves_quoting(file) else _unquoted_records(file)
    yield from _batches(records, file.name, "remove tabs and line breaks from texts")


def proves_quoting(file: InputFile) -> bool:
    r"""
    Whether a tab-separated file is quoted and not merely full of quotation marks.

    It must be to the letter what a writer of quoted files makes (quotes where needed, or around every field), and show
    a mark inside a field, quote every field, or have rows of the wrong width when read without quoting. A field that
    begins and one that ends with a mark are no proof: a quotation may span the sentences of several rows.
    """
    if not any(b'"' in block.data for block in line_blocks(file)):
        return False
    where_needed, everywhere, mark_inside = True, True, False
    lines = _Remembered(_lines(file))
    try:
        for record in _quoted_records(lines, file.name, "\t"):
            written = lines.taken()
            where_needed &= written == _write(record.fields, csv.QUOTE_MINIMAL)
            everywhere &= written == _write(record.fields, csv.QUOTE_ALL)
            mark_inside |= any('"' in field for field in record.fields)
            if not (where_needed or everywhere):
                return False
        return everywhere or mark_inside or not _has_one_width(_unquoted_records(file))
    except AlpsError:
        return False


def _lines(file: InputFile) -> Iterator[str]:
    """The lines one by one, their ends kept; a line ends only at a line feed."""
    for block in line_blocks(file):
        yield from io.StringIO(block.data.decode(), newline="\n")


class _Remembered:
    """Lines that remember what was taken of them, to be asked after every record."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            yield line

    def taken(self) -> str:
        """The lines since the last call, with plain line ends and without blank lines before them."""
        text = "".join(self._taken).replace("\r\n", "\n").lstrip("\n")
        self._taken.clear()
        return text


def _quoted_records(lines: Iterable[str], name: str, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for fields in reader:
            if fields:
                yield Record(fields, begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _explain(name, begins, reader.line_num, str(error)) from None


def _explain(name: str, begins: int, line: int, error: str) -> AlpsError:
    if "expected after" in error:
        return AlpsError(
            f"{name}, line {line}: text follows the quotation mark that closes a field of the row that begins in line "
            f"{begins}; double the marks that belong to the text."
        )
    if "unexpected end" in error or "field limit" in error:
        return AlpsError(
            f"{name}, line {begins}: a quotation mark that opens a field of this row is not closed; "
            f"close it, or double it if it belongs to the text."
        )
    if "new-line character" in error:
        return AlpsError(
            f"{name}, line {line}: a carriage return stands inside a field; quote the field, or save the file with "
            f"plain line ends."
        )
    return AlpsError(f"{name}, line {line}: this is not CSV ({error}); correct it.")


def _unquoted_records(file: InputFile) -> Iterator[Record]:
    for block in line_blocks(file):
        for line, text in enumerate(block.data.decode().split("\n")[:-1], start=block.first_line):
            text = text.removesuffix("\r")
            if text:
                yield Record(text.split("\t"), line)


def _has_one_width(records: Iterator[Record]) -> bool:
    return len({len(record.fields) for record in records}) == 1


def _write(fields: list[str], quoting: int) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter="\t", quoting=quoting, lineterminator="\n").writerow(fields)  # type: ignore[arg-type]
    return line.getvalue().replace("\r\n", "\n")


def _delimiter_of_header(file: InputFile) -> str:
    for block in line_blocks(file):
        without_quoted = re.sub(rb'(?:^|(?<=[,;\t\n]))"(?:[^"]|"")*"', b"", block.data.lstrip(b"\r\n"))
        header = without_quoted.partition(b"\n")[0]
        return next((mark for mark in ",;\t" if mark.encode() in header), ",")
    return ","


def _batches(
    records: Iterator[Record], name: str, remedy: str, without_rows: str = _ADD_ROWS
) -> Iterator[pa.RecordBatch]:
    header = next(records, None)
    if header is None:
        raise AlpsError(f"{name} has only blank lines; give a file with a header and rows.")
    names = filled_names(header.fields)
    own = is_our_own(names)
    names = without_guards(names) if own else names
    refuse_repeated_names(names, f"{name}, line {header.line}")
    any_rows = False
    while chunk := list(islice(records, _BATCH_ROWS)):
        for record in chunk:
            if len(record.fields) != len(names):
                found = counted(len(record.fields), "field")
                raise AlpsError(
                    f"{name}, line {record.line}: {found} found, {len(names)} expected; {remedy}, or change --format."
                )
        columns: Iterable[Iterable[str]] = zip(*(record.fields for record in chunk), strict=True)
        if own:
            columns = map(without_guards, columns)
        any_rows = True
        yield pa.record_batch([pa.array(column, pa.large_string()) for column in columns], names=names)
    if not any_rows:
        raise AlpsError(f"{name} has a header but no rows; {without_rows}.")
