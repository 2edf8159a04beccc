"""JSON as one document: an array of objects or strings, or an object that holds one; JSON Lines by that name too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.input_file import InputFile
from alps.pool.json_lines import read_json_lines
from alps.pool.json_rows import Row, batches_of_rows, kind_of
from alps.pool.json_scanner import JsonScanner
from alps.pool.text_file import text_pieces

_BATCH_ROWS = 1024
_LONGEST_FIRST_LINE = 16 << 20


def read_json(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read JSON; columns and values as `batches_of_rows`, a string in the array is a row with the column `text`.

    Of an object such as ``{"data": [...]}``, the rows are in its only array. The file is read in pieces:
    what is held in memory is a thousand rows, not the document.

    Raises
    ------
    AlpsError
        When it is not JSON (names the line and column), has no array or several, or an item is neither an object
        nor a string: names the item, counted from 1.

    """
    if _is_json_lines(file):
        yield from read_json_lines(file, text_column)
        return
    rows = _rows(JsonScanner(file), file.name)
    runs = iter(lambda: list(islice(rows, _BATCH_ROWS)), [])
    yield from batches_of_rows(runs, file.name, "item", text_column)


def _is_json_lines(file: InputFile) -> bool:
    """Whether the first line is an object that more lines follow, or one that is alone and holds no array."""
    start = ""
    for piece in text_pieces(file):
        start = (start + piece).lstrip()
        line, _, rest = start.partition("\n")
        if rest.strip() or len(start) > _LONGEST_FIRST_LINE:
            break
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(first, dict):
        return False
    return bool(rest.strip()) or not any(isinstance(value, list) for value in first.values())


def _rows(scanner: JsonScanner, name: str) -> Iterator[Row]:
    items = _array(scanner) if scanner.peek() == "[" else _only_array(scanner, name)
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict | str | None):
            what = f"{kind_of(item)} where an object or a string is expected"
            raise AlpsError(f"{name}, item {number}: {what}; correct it.")
        yield number, item if isinstance(item, dict) else {"text": item}
    if scanner.peek():
        raise scanner.error("text follows the end of the document")


def _array(scanner: JsonScanner) -> Iterator[Any]:
    for _ in scanner.members("[", "]"):
        yield scanner.value()


def _only_array(scanner: JsonScanner, name: str) -> Iterator[Any]:
    found: str | None = None
    for _ in scanner.members("{", "}"):
        if scanner.peek() != '"':
            raise scanner.error("a key expected")
        key = scanner.value()
        scanner.take(":")
        if scanner.peek() != "[":
            scanner.value()
        elif found is None:
            found = key
            yield from _array(scanner)
        else:
            both = f"'{for_terminal(found, 40)}' and '{for_terminal(key, 40)}'"
            raise AlpsError(f"{name} holds several arrays ({both}); leave only that of the texts.")
    if found is None:
        raise AlpsError(f"{name} holds one object without an array; write an array of objects or one object a line.")
