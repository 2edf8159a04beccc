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

_TEXT = "text"  # the column of strings in an array, and the key of an object that is a row
_BATCH_ROWS = 1024
_LONGEST_FIRST_LINE = 16 << 20


def read_json(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read JSON; columns and values as `batches_of_rows`, a string in the array is a row with the column `text`.

    Of an object such as ``{"data": [...]}``, the rows are in its only array. An object alone in its line is a row where
    it has a text itself, unless the objects in its array have. The file is read in pieces: what is held in memory is
    a thousand rows, not the document.

    Raises
    ------
    AlpsError
        When it is not JSON (names the line and column), has no array, or several, or a text beside it, or an item is
        neither an object nor a string: names the item, counted from 1.

    """
    key = text_column or _TEXT
    if _is_json_lines(file, key):
        yield from read_json_lines(file, text_column)
        return
    rows = _rows(JsonScanner(file), file.name, key)
    runs = iter(lambda: list(islice(rows, _BATCH_ROWS)), [])
    yield from batches_of_rows(runs, file.name, "item", text_column)


def _is_json_lines(file: InputFile, key: str) -> bool:
    """Whether the first line is an object that more lines follow, or one that is alone and a row itself."""
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
    arrays = [value for value in first.values() if isinstance(value, list)]
    in_array = any(_has_text(item, key) for array in arrays for item in array)
    return bool(rest.strip()) or not arrays or (isinstance(first.get(key), str) and not in_array)


def _has_text(item: Any, key: str) -> bool:
    return isinstance(item, dict) and key in item


def _rows(scanner: JsonScanner, name: str, key: str) -> Iterator[Row]:
    items = _array(scanner) if scanner.peek() == "[" else _only_array(scanner, name, key)
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict | str | None):
            what = f"{kind_of(item)} where an object or a string is expected"
            raise AlpsError(f"{name}, item {number}: {what}; correct it.")
        yield number, item if isinstance(item, dict) else {_TEXT: item}
    if scanner.peek():
        raise scanner.error("text follows the end of the document")


def _array(scanner: JsonScanner) -> Iterator[Any]:
    for _ in scanner.members("[", "]"):
        yield scanner.value()


def _only_array(scanner: JsonScanner, name: str, text_key: str) -> Iterator[Any]:
    found: str | None = None
    text_beside, text_inside = False, False
    for _ in scanner.members("{", "}"):
        if scanner.peek() != '"':
            raise scanner.error("a key expected")
        key = scanner.value()
        scanner.take(":")
        if scanner.peek() != "[":
            text_beside |= isinstance(scanner.value(), str) and key == text_key
        elif found is None:
            found = key
            for item in _array(scanner):
                text_inside |= _has_text(item, text_key)
                yield item
        else:
            both = f"'{for_terminal(found, 40)}' and '{for_terminal(key, 40)}'"
            raise AlpsError(f"{name} holds several arrays ({both}); leave only that of the texts.")
    if found is None:
        raise AlpsError(f"{name} holds one object without an array; write an array of objects or one object a line.")
    if text_beside and not text_inside:
        both = f"the text '{for_terminal(text_key, 40)}' and the array '{for_terminal(found, 40)}'"
        raise AlpsError(f"{name} holds one object with {both}; write an array of objects or one object a line.")
