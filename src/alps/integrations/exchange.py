"""The two ways: a project to a file of another tool, and such a file to a project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from alps.base.atomic import atomic_file, check_writable
from alps.integrations.entries import Classes, Suggestion, entries_of
from alps.integrations.formats import exchange_format
from alps.integrations.take_in import Tool, take_in
from alps.labelling.project import Project
from alps.pool.input_file import open_input


def export_to(
    project: Project, path: Path, format: str, *, which: str = "all",
    suggestions: Mapping[int, Suggestion] | None = None, force: bool = False,
) -> list[Path]:  # fmt: skip
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
    list of Path
        The files that were written.

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
        write(entries_of(project, which, suggestions), classes, file)
    if row.beside is not None:
        with atomic_file(written[1], force=force) as temporary:
            temporary.write_text(row.function(row.beside[1])(classes), encoding="utf-8")
    return written


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
