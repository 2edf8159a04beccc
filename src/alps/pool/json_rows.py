"""Objects of JSON as rows: strings stay, null stays null, lists of strings too; other values become their JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
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
    texts that was asked for is there from the first batch. A column in which every value is an array of strings (or of
    null among them) holds lists, in a batch without values it is of Arrow's type null, and else it holds strings.

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
        When there are no rows, for a text that is neither string nor null, and for a string or key that is not
        Unicode: names the line or item.

    """
    names: dict[str, None] = {}
    for rows in runs:
        for number, row in rows:
            n_known = len(names)
            names.update(dict.fromkeys(row))
            for key in islice(names, n_known, None):
                if not _is_unicode(key):
                    raise _half_a_pair(f"{name}, {unit} {number}, the key '{for_terminal(key, 40)}'")
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


def _column(rows: list[Row], column: str, where: str) -> pa.Array:
    values = [row.get(column) for _, row in rows]
    given = [value for value in values if value is not None]
    if not given:
        return pa.nulls(len(values))  # says nothing about the type in other batches
    kind: pa.DataType = pa.large_string()
    if all(_is_list_of_strings(value) for value in given):
        kind = pa.list_(kind)
    else:
        values = [_text(value) for value in values]
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError as error:
        number = next(number for (number, _), value in zip(rows, values, strict=True) if error.object in (value or ()))
        raise _half_a_pair(f"{where} {number}, '{for_terminal(column, 40)}'") from None


def _is_list_of_strings(value: Any) -> bool:
    return isinstance(value, list) and all(item is None or isinstance(item, str) for item in value)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _half_a_pair(where: str) -> AlpsError:
    return AlpsError(f"{where}: half of a surrogate pair (such as \\ud800) is no character; remove it.")
