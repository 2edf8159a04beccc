"""CSV and TSV: records with a header; every value stays the string it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import numpy as np
import pyarrow as pa

from alps.base.errors import AlpsError
from alps.pool.columns import refuse_repeated_names
from alps.pool.fields import MisplacedQuote, Split, split_leniently, split_quoted, split_unquoted
from alps.pool.input_file import InputFile
from alps.pool.text_file import line_blocks

# A quote that is never closed would otherwise read the rest of the file into memory.
LONGEST_RECORD = 256 << 20


class Quoting(Enum):
    """What a quotation mark means."""

    NONE = "a character like any other"
    STRICT = "RFC 4180 to the letter"
    LENIENT = "RFC 4180, and a character inside a field that does not begin with one"


def read_csv(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read CSV; the delimiter is a comma, unless the header has none but a semicolon or a tab.

    Raises
    ------
    AlpsError
        For rows of another width than the header and for quotes that do not match: names the line.

    """
    yield from _read(file, _delimiter_of_header(file), Quoting.LENIENT)


def read_tsv(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read TSV; a quotation mark is a character, unless the file proves to be quoted.

    Raises
    ------
    AlpsError
        For rows of another width than the header: names the line.

    """
    yield from _read(file, "\t", Quoting.LENIENT if proves_quoting(file) else Quoting.NONE)


def proves_quoting(file: InputFile) -> bool:
    r"""
    Whether a tab-separated file is quoted after RFC 4180 and not merely full of quotation marks.

    It must be well-formed to the last byte when read as quoted, and then either quote every field, or hold a doubled
    mark inside a field, or have rows of the wrong width when read without quoting. One well-formed field is no
    proof: people write `"Great movie`, and a later row may end with `the end"`.
    """
    any_quoted, all_quoted, any_doubled = False, True, False
    try:
        for data, _, split in _records(file, "\t", Quoting.STRICT):
            quoted = len(re.findall(rb'(?:^|[\t\n])"', data)) if b'"' in data else 0
            any_quoted |= quoted > 0
            all_quoted &= quoted == len(split.offsets) - 1
            any_doubled |= b'"' in split.values.tobytes()
    except AlpsError:
        return False
    return any_quoted and (all_quoted or any_doubled or not _reads_unquoted(file))


def _reads_unquoted(file: InputFile) -> bool:
    try:
        for _ in _records(file, "\t", Quoting.NONE):
            pass
    except AlpsError:
        return False
    return True


def _delimiter_of_header(file: InputFile) -> str:
    for block in line_blocks(file):
        header = re.sub(rb'"(?:[^"]|"")*"', b"", block.data.lstrip(b"\r\n").partition(b"\n")[0])
        return next((mark for mark in ",;\t" if mark.encode() in header), ",")
    return ","


def _read(file: InputFile, delimiter: str, quoting: Quoting) -> Iterator[pa.RecordBatch]:
    names: list[str] = []
    n_rows = 0
    for _, line, split in _records(file, delimiter, quoting):
        fields = pa.LargeStringArray.from_buffers(
            len(split.offsets) - 1, pa.py_buffer(split.offsets), pa.py_buffer(split.values)
        )
        skipped = 0
        if not names:
            skipped = int(split.widths[0])
            names = _column_names(fields[:skipped].to_pylist(), f"{file.name}, line {line}")
        places = [np.arange(skipped + j, len(fields), len(names)) for j in range(len(names))]
        if len(places[0]):
            n_rows += len(places[0])
            yield pa.record_batch([fields.take(pa.array(place)) for place in places], names=names)
    if not names:
        raise AlpsError(f"{file.name} has only blank lines; give a file with a header and rows.")
    if not n_rows:
        raise AlpsError(f"{file.name} has a header but no rows; add rows, or --format text if it has no header.")


def _records(file: InputFile, delimiter: str, quoting: Quoting) -> Iterator[tuple[bytes, int, Split]]:
    """Blocks of whole records: their bytes, the number of their first line, their fields. All have one width."""
    waiting: list[bytes] = []
    size = tried = 0
    line = 1
    width: int | None = None
    for block in line_blocks(file):
        waiting.append(block.data)
        size += len(block.data)
        if size < 2 * tried:  # a long record: try again when twice as much has come
            continue
        data = b"".join(waiting)
        split = _split(data, delimiter, quoting, file.name, line, final=size > LONGEST_RECORD)
        if len(split.widths):
            width = int(split.widths[0]) if width is None else width
            _refuse_other_widths(split, width, data, line, file.name, quoting)
            yield data[: split.consumed], line + data.count(b"\n", 0, int(split.starts[0])), split
        line += data.count(b"\n", 0, split.consumed)
        waiting = [data[split.consumed :]]
        size = tried = len(waiting[0])
    if size:
        data = b"".join(waiting)
        split = _split(data, delimiter, quoting, file.name, line, final=True)
        if len(split.widths):
            width = int(split.widths[0]) if width is None else width
            _refuse_other_widths(split, width, data, line, file.name, quoting)
            yield data[: split.consumed], line + data.count(b"\n", 0, int(split.starts[0])), split


def _split(data: bytes, delimiter: str, quoting: Quoting, name: str, line: int, *, final: bool) -> Split:
    mark = ord(delimiter)
    if quoting is Quoting.NONE:
        return split_unquoted(data, mark)
    try:
        try:
            split = split_quoted(data, mark)
            if not final or split.consumed == len(data):
                return split
        except MisplacedQuote:
            if quoting is Quoting.STRICT:
                raise
        return split_leniently(data, mark, final=final)
    except MisplacedQuote as quote:
        at = line + data.count(b"\n", 0, quote.position)
        if quote.opened is None:
            raise AlpsError(
                f"{name}, line {at}: the quotation mark that opens a field here is not closed; "
                "close it, or double it if it belongs to the text."
            ) from None
        opened = line + data.count(b"\n", 0, quote.opened)
        raise AlpsError(
            f"{name}, line {at}: text follows the quotation mark that closes the field opened in line {opened}; "
            "double the marks that belong to the text."
        ) from None


def _refuse_other_widths(split: Split, width: int, data: bytes, line: int, name: str, quoting: Quoting) -> None:
    other = np.flatnonzero(split.widths != width)
    if len(other):
        at = line + data.count(b"\n", 0, int(split.starts[other[0]]))
        found = int(split.widths[other[0]])
        remedy = "remove tabs and line breaks from the texts" if quoting is Quoting.NONE else "quote such fields"
        raise AlpsError(
            f"{name}, line {at}: {found} {'field' if found == 1 else 'fields'} found, {width} expected from the "
            f"header; {remedy}, or choose another --format."
        )


def _column_names(names: list[str], where: str) -> list[str]:
    """Names from the header; a column without one (such as the index that pandas writes) gets its number."""
    filled = [name if name.strip() else f"column_{position}" for position, name in enumerate(names, start=1)]
    refuse_repeated_names(filled, where)
    return filled
