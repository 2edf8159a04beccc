"""JSON Lines: one object a line; the keys may differ from line to line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import find_text_column, well_known_text_column
from alps.pool.input_file import InputFile
from alps.pool.text_file import Block, line_blocks

MOST_COLUMNS = 4096


def read_json_lines(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read JSON Lines; strings stay, null stays null, every other value becomes its JSON text.

    Columns are all keys in the order in which they first appear; batches grow as keys appear. A column of
    texts that was asked for is there from the first batch.

    Raises
    ------
    AlpsError
        For a line that is not an object, and for a text that is neither string nor null: names the line.

    """
    names: dict[str, None] = {}
    for block in line_blocks(file):
        rows = list(_objects(block, file.name))
        for line, row in rows:
            names.update(dict.fromkeys(row))
            if len(names) > MOST_COLUMNS:
                where = f"{file.name}, line {line}"
                raise AlpsError(f"{where}: more than {MOST_COLUMNS} different keys; use the same keys in all lines.")
        if names and rows:
            text_column = text_column or well_known_text_column(list(names))
            _check_texts(rows, text_column, file.name)
            columns = list(dict.fromkeys([*names, *([text_column] if text_column else [])]))
            yield pa.record_batch([_column(rows, name, file.name) for name in columns], names=columns)
    if not names:
        raise AlpsError(f"{file.name} has no rows; give one JSON object a line.")
    if text_column is not None:
        find_text_column(list(names), text_column, file.name)  # it may never have come


def _objects(block: Block, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(block.data.decode().split("\n"), start=block.first_line):
        if not text or text.isspace():
            continue
        where = f"{name}, line {line}"
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            if line == 1 and text.lstrip().startswith("["):
                raise AlpsError(f"{where}: a JSON array begins here; write one object a line.") from None
            what = for_terminal(error.msg, 80)
            raise AlpsError(f"{where}, column {error.colno}: this is not JSON ({what}); correct it.") from None
        except (RecursionError, ValueError):
            raise AlpsError(f"{where}: nested too deeply or a number too long; simplify it.") from None
        if not isinstance(value, dict):
            raise AlpsError(f"{where}: {_kind(value)} where an object is expected; write one object a line.")
        yield line, value


def _check_texts(rows: list[tuple[int, dict[str, Any]]], text_column: str | None, name: str) -> None:
    for line, row in rows:
        value = row.get(text_column) if text_column is not None else None
        if value is not None and not isinstance(value, str):
            what = f"'{for_terminal(str(text_column), 40)}' is {_kind(value)}, not a string"
            raise AlpsError(f"{name}, line {line}: {what}; correct it or name another --text-column.")


def _column(rows: list[tuple[int, dict[str, Any]]], column: str, name: str) -> pa.LargeStringArray:
    texts = [_text(row.get(column)) for _, row in rows]
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError as error:
        line = rows[texts.index(error.object)][0]
        half = "half of a surrogate pair (such as \\ud800) is no character"
        raise AlpsError(f"{name}, line {line}, '{for_terminal(column, 40)}': {half}; remove it.") from None


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {int: "a number", float: "a number", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "null")
