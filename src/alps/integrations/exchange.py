"""The two ways: a project to a file of another tool, and such a file to a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

from alps.base.atomic import atomic_file, check_writable
from alps.integrations.entries import Classes, Suggestion, entries_of
from alps.integrations.formats import exchange_format
from alps.integrations.take_in import Tool, take_in
from alps.labelling.project import Project
from alps.pool.input_file import open_input


class Written(NamedTuple):
    """The files that were written, and how many texts stand in them."""

    files: list[Path]
    n_texts: int


def export_to(
    project: Project, path: Path, format: str, *, which: str = "all",
    suggestions: Mapping[int, Suggestion] | None = None, force: bool = False,
) -> Written:  # fmt: skip
    """
    Write texts of a project for another tool.

    Parameters
    ----------
    project
        The project.
    path
        The file.
    format
        A name in `EXCHANGE_FORMATS`.
    which, suggestions
        As in `entries_of`.
    force
        Whether files may be replaced.

    Returns
    -------
    Written
        The files, and how many texts there are in them; a file without texts is one as well.

    Raises
    ------
    AlpsError
        When a file exists and `force` is not set, or the format cannot hold a text.

    """
    row = exchange_format(format)
    classes = Classes.of(project)
    write = row.function(row.writer)
    check_writable(path, force=force)
    written = [path] if row.beside is None else [path, path.with_name(path.stem + row.beside[0])]
    for place in written[1:]:
        check_writable(place, force=force)
    with atomic_file(path, force=force) as temporary, temporary.open("wb") as file:
        numbers = count()
        write(
            (entry for entry, _ in zip(entries_of(project, which, suggestions), numbers, strict=False)), classes, file
        )
    if row.beside is not None:
        with atomic_file(written[1], force=force) as temporary:
            temporary.write_text(row.function(row.beside[1])(classes), encoding="utf-8")
    return Written(written, next(numbers))


def import_from(
    project: Project, path: Path, format: str, *, annotator: str | None = None, add_classes: bool = False
) -> Counter[str]:
    """
    Take in what another tool has written; parameters, result and errors as `take_in`.

    Parameters
    ----------
    project
        The project.
    path
        The file.
    format
        A name in `EXCHANGE_FORMATS`.
    annotator
        Whom to name where the file names nobody; the name of the format when None.
    add_classes
        Whether to add classes that the project does not have.

    """
    row = exchange_format(format)
    read = row.function(row.reader)
    file = open_input(path)
    try:
        return take_in(project, read(file), annotator or row.name, tool=Tool(row.name), add_classes=add_classes)
    finally:
        file.close()
