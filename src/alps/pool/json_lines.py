"""JSON Lines: one object a line; the keys may differ from line to line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.input_file import InputFile
from alps.pool.json_rows import Row, batches_of_rows, kind_of
from alps.pool.text_file import Block, line_blocks


def read_json_lines(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read JSON Lines; columns and values as `batches_of_rows`.

    Raises
    ------
    AlpsError
        For a line that is not an object, and for a text that is neither string nor null: names the line.

    """
    runs = (list(_objects(block, file.name)) for block in line_blocks(file))
    yield from batches_of_rows(runs, file.name, "line", text_column)


def _objects(block: Block, name: str) -> Iterator[Row]:
    for line, text in enumerate(block.data.decode().split("\n"), start=block.first_line):
        if not text or text.isspace():
            continue
        where = f"{name}, line {line}"
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            if line == 1 and text.lstrip().startswith("["):
                what = "a JSON array begins here; write one object a line, or use --format json"
                raise AlpsError(f"{where}: {what}.") from None
            what = for_terminal(error.msg, 80)
            raise AlpsError(f"{where}, column {error.colno}: this is not JSON ({what}); correct it.") from None
        except (RecursionError, ValueError):
            raise AlpsError(f"{where}: nested too deeply or a number too long; simplify it.") from None
        if not isinstance(value, dict):
            raise AlpsError(f"{where}: {kind_of(value)} where an object is expected; write one object a line.")
        yield line, value
