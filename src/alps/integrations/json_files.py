"""Arrays of JSON and JSON Lines, row by row; what is wrong with a file is one sentence that names the place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.integrations.times import checked_time
from alps.pool.input_file import InputFile

_ZIP_MARK = b"PK\x03\x04"

Row = tuple[str, dict[str, Any]]  # where it stands, for messages, and the object


def write_array(rows: Iterable[dict[str, Any]], file: BinaryIO) -> None:
    """Write an array of objects, one a line."""
    file.write(b"[")
    for number, row in enumerate(rows):
        file.write((b",\n" if number else b"\n") + _line(row))
    file.write(b"\n]\n")


def write_lines(rows: Iterable[dict[str, Any]], file: BinaryIO) -> None:
    """Write an object a line."""
    file.writelines(_line(row) + b"\n" for row in rows)


def read_array(file: InputFile) -> Iterator[Row]:
    """
    The objects of an array.

    Raises
    ------
    AlpsError
        When the file is no array of objects.

    """
    _check_plain(file)
    rows = _loaded(file.handle.read(), file.name)
    if not isinstance(rows, list):
        raise AlpsError(f"{file.name} holds no array of JSON; check the file or --format.")
    yield from (_checked(row, f"{file.name}, item {number}") for number, row in enumerate(rows, 1))


def read_lines(file: InputFile) -> Iterator[Row]:
    """
    The objects of a file with one a line.

    Raises
    ------
    AlpsError
        When a line is no object.

    """
    _check_plain(file)
    for number, line in enumerate(file.handle, 1):
        if line.strip():
            where = f"{file.name}, line {number}"
            yield _checked(_loaded(line, where), where)


def key_of_labels(
    rows: Iterable[dict[str, Any]], usual: str, may_be: Callable[[str, Any], bool], name: str
) -> str | None:
    """
    The key under which objects have labels.

    Parameters
    ----------
    rows
        The objects; no more are looked at than needed.
    usual
        The key that it is wherever there is one.
    may_be
        Tells of another key and a value whether labels may stand there.
    name
        Of the file, for messages.

    Returns
    -------
    str or None
        The usual key, else the only other one; None where there is none.

    Raises
    ------
    AlpsError
        When it may be several; lists them.

    """
    found: dict[str, None] = {}
    for row in rows:
        if usual in row:
            return usual
        found.update((key, None) for key, value in row.items() if may_be(key, value))
    if len(found) > 1:
        listed = ", ".join(f"'{for_terminal(key, 40)}'" for key in found)
        raise AlpsError(f"{name} has no key '{usual}', and the labels may stand in one of {listed}; "
                        f"call the right one '{usual}'.")  # fmt: skip
    return next(iter(found), None)


def text_at(row: dict[str, Any], name: str, where: str) -> str | None:
    """
    A value that is a text or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value
    raise AlpsError(f"{where}: '{name}' is not a string; correct it.")


def time_at(row: dict[str, Any], name: str, where: str) -> str | None:
    """
    A value that is a time in ISO 8601 or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    return checked_time(text_at(row, name, where), name, where)


def truth_at(row: dict[str, Any], name: str, where: str) -> bool | None:
    """
    A value that is true, false or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise AlpsError(f"{where}: '{name}' is neither true nor false; correct it.")


def texts_at(row: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    """
    A value that is a list of texts, one text, or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    value = row.get(name)
    values = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise AlpsError(f"{where}: '{name}' is not a list of strings; correct it.")
    return tuple(values)


def object_of(text: str, where: str) -> dict[str, Any]:
    """
    An object that stands in a text as JSON.

    Raises
    ------
    AlpsError
        When it is none.

    """
    return _checked(_loaded(text.encode("utf-8", "replace"), where), where)[1]


def objects_at(row: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """
    A value that is a list of objects or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    values = row.get(name) or []
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise AlpsError(f"{where}: '{name}' is not a list of objects; correct it.")
    return values


def object_at(row: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    """
    A value that is an object or not there.

    Raises
    ------
    AlpsError
        When it is anything else.

    """
    value = row.get(name) or {}
    if not isinstance(value, dict):
        raise AlpsError(f"{where}: '{name}' is not an object; correct it.")
    return value


def _check_plain(file: InputFile) -> None:
    """Go to the start of a file that is no archive."""
    file.handle.seek(0)
    if file.handle.read(len(_ZIP_MARK)) == _ZIP_MARK:
        raise AlpsError(f"{file.name} is a zip archive; unzip it and import what is in it, or check --format.")
    file.handle.seek(0)


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def _loaded(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AlpsError(f"{where} cannot be read as JSON ({error}); check the file or --format.") from None


def _checked(row: Any, where: str) -> Row:
    if not isinstance(row, dict):
        raise AlpsError(f"{where} is not an object; check the file or --format.")
    return where, row
