"""Tables as JSON Lines: one object a line, strings as they are, numbers and lists as JSON has them."""

from __future__ import annotations

import json
import math
from typing import Any, BinaryIO

import pyarrow as pa

from alps.pool.cells import words

BATCH_ROWS = 8192


def write_json_lines(table: pa.Table, file: BinaryIO) -> None:
    """Write a table to an open file; null, NaN and infinity as null, times and other values as strings."""
    names = table.schema.names
    for batch in table.to_batches(BATCH_ROWS):
        for row in zip(*map(_values, batch.columns), strict=True):
            line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str)
            file.write(line.encode() + b"\n")


def _values(column: pa.Array) -> list[Any]:
    kind = column.type
    if pa.types.is_floating(kind):
        return [value if value is not None and math.isfinite(value) else None for value in column.to_pylist()]
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_nested(kind):
        return list(column.to_pylist())
    return list(words(column))
