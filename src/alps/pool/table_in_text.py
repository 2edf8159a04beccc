"""Whether lines that are read as plain text look like a table, which is read by naming its format."""

from __future__ import annotations

import csv
import json
import re
import warnings
from itertools import islice

from alps.base.errors import AlpsWarning
from alps.pool.input_file import InputFile
from alps.pool.text_file import line_blocks

_MOST_ROWS = 100
_LONGEST_NAME = 40  # characters
_DELIMITERS = {",": "csv", ";": "csv", "\t": "tsv"}
_DOCUMENT = re.compile(r'\s*\[\s*\{\s*"[^"\n]*"\s*:')


def note_table_in_text(file: InputFile) -> None:
    """
    Warn when a file that nobody called plain text looks like a table; the format that reads it is named.

    Raises
    ------
    AlpsError
        For what is not UTF-8 text.

    """
    block = next(line_blocks(file), None)  # none where there is nothing but a byte order mark
    format = None if block is None else format_that_lines_look_like(block.data.decode().split("\n")[:-1])
    if format is not None:
        remedy = f"add --format {format} to read it as one, or --format text if every line is a text"
        message = f"{file.name} is read as plain text, one text a line, but looks like a table; {remedy}."
        warnings.warn(message, AlpsWarning, stacklevel=2)


def format_that_lines_look_like(lines: list[str]) -> str | None:
    r"""
    The name of the format that lines look like they are in; None when they look like texts.

    JSON Lines: an object in every line. JSON: an array of objects begins. CSV and TSV: a line of names, then rows with
    as many fields, two or more. The names tell a table from prose: they are short and different, and there is no white
    space beside a comma. The first hundred rows decide.

    >>> format_that_lines_look_like(["id,review", '1,"Good, cheap"']), format_that_lines_look_like(['{"text": "a"}'])
    ('csv', 'jsonl')
    >>> format_that_lines_look_like(["Good, cheap", "Bad, dear"]) is None
    True
    """
    full = [line for line in islice(lines, 10 * _MOST_ROWS) if line.strip()]
    if not full:
        return None
    if all(map(_is_object, full[:_MOST_ROWS])):
        return "jsonl"
    if _DOCUMENT.match("\n".join(full[:_MOST_ROWS])):
        return "json"
    return next((format for mark, format in _DELIMITERS.items() if _is_delimited(full, mark)), None)


def _is_object(line: str) -> bool:
    try:
        return line.lstrip().startswith("{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_delimited(lines: list[str], mark: str) -> bool:
    if mark not in lines[0]:
        return False
    whole = (f"{line}\n" for line in lines)
    if mark == "\t":
        reader = csv.reader(whole, delimiter=mark, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(whole, delimiter=mark, strict=True)
    try:
        header, *rows = islice(reader, _MOST_ROWS + 1)
    except csv.Error:
        return False
    return _are_names(header) and bool(rows) and all(len(row) == len(header) for row in rows)


def _are_names(fields: list[str]) -> bool:
    """Whether fields can be those of a header; the first may be empty, where pandas writes its index."""
    named = fields[1:] if not fields[0] else fields
    return len({*fields}) == len(fields) and all(
        0 < len(name) <= _LONGEST_NAME and name == name.strip() and not name[0].isdigit() and name[-1] not in ".!?"
        for name in named
    )
