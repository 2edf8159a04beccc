"""Values as words: what a format without types holds in place of numbers, times and lists."""

from __future__ import annotations

import json

import pyarrow as pa

from alps.pool.columns import is_text


def words(column: pa.Array | pa.ChunkedArray) -> list[str | None]:
    """
    The values of a column (n,) as strings: null stays null, numbers and times in their shortest form, lists as JSON.

    >>> words(pa.array([1.5, None])), words(pa.array([["a"], None])), words(pa.array([True]))
    (['1.5', None], ['["a"]', None], ['true'])
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_nested(column.type):
        return [None if value is None else _json_text(value) for value in column.to_pylist()]
    if is_text(column.type):
        strings: list[str | None] = column.to_pylist()
        return strings
    try:
        shortest: list[str | None] = column.cast(pa.large_string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # bytes that are not UTF-8, for example
        return [None if value is None else str(value) for value in column.to_pylist()]
    return shortest


def _json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
