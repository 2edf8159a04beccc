"""Objects of JSON as rows: strings stay, null stays null, every other value becomes its JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import find_text_column, well_known_text_column

MOST_COLUMNS = 4096

Row = tuple[int, dict[str, Any]]  # the number of its line or item, counted from 1


def batches_of_rows(
    runs: Iterable[list[Row]], name: str, unit: str, text_column: str | None = None
) -> Iterator[pa.RecordBatch]:
    """
    Make a record batch of every run of rows; the keys may differ from row to row.

    Columns are all keys in the order in which they first appear; batches grow as keys appear. A column of
    texts that was asked for is there from the first batch.

    Parameters
    ----------
    runs
        The rows; those of one run are held in memory at once.
    name
        The file, for messages.
    unit
        What the numbers of the rows count, for messages: ``line`` or ``item``.
    text_column
        The column of texts that was asked for.

    Raises
    ------
    AlpsError
        When there are no rows, and for a text that is neither string nor null: names the line or item.

    """
    names: dict[str, None] = {}
    for rows in runs:
        for number, row in rows:
            names.update(dict.fromkeys(row))
            if len(names) > MOST_COLUMNS:
                what = f"more than {MOST_COLUMNS} different keys; use the same keys in every {unit}"
                raise AlpsError(f"{name}, {unit} {number}: {what}.")
        if names and rows:
            text_column = text_column or well_known_text_column(list(names))
            _check_texts(rows, text_column, f"{name}, {unit}")
            columns = list(dict.fromkeys([*names, *([text_column] if text_column else [])]))
            yield pa.record_batch([_column(rows, column, f"{name}, {unit}") for column in columns], names=columns)
    if not names:
        raise AlpsError(f"{name} has no rows; give one JSON object for each text.")
    if text_column is not None:
        find_text_column(list(names), text_column, name)  # it may never have come


def kind_of(value: Any) -> str:
    """What messages call a value of JSON."""
    if isinstance(value, bool):
        return "true or false"
    names = {int: "a number", float: "a number", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "null")


def _check_texts(rows: list[Row], text_column: str | None, where: str) -> None:
    for number, row in rows:
        value = row.get(text_column) if text_column is not None else None
        if value is not None and not isinstance(value, str):
            what = f"'{for_terminal(str(text_column), 40)}' is {kind_of(value)}, not a string"
            raise AlpsError(f"{where} {number}: {what}; correct it or name another --text-column.")


def _column(rows: list[Row], column: str, where: str) -> pa.LargeStringArray:
    texts = [_text(row.get(column)) for _, row in rows]
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError as error:
        number = rows[texts.index(error.object)][0]
        half = "half of a surrogate pair (such as \\ud800) is no character"
        raise AlpsError(f"{where} {number}, '{for_terminal(column, 40)}': {half}; remove it.") from None


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
