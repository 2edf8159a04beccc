"""The options of ``alps label`` that change the classes of a project; the same command may come again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal

if TYPE_CHECKING:
    from alps.labelling.project import Project


class Change(NamedTuple):
    """A class, and the name that it gets; None removes it."""

    name: str
    new: str | None


def label_changes(renamed: Sequence[str], removed: Sequence[str]) -> list[Change]:
    """
    What ``--rename-label`` and ``--remove-label`` say, the former first.

    Raises
    ------
    AlpsError
        When something is not like ``old=new``.

    >>> label_changes(["good=positive"], ["mixed"])
    [Change(name='good', new='positive'), Change(name='mixed', new=None)]

    """
    changes = []
    for one in renamed:
        name, *rest = (part.strip() for part in one.split("="))
        if len(rest) != 1 or not name or not rest[0]:
            raise AlpsError(f"--rename-label '{for_terminal(one, 60)}' is not like old=new; correct it, or, where a "
                            "name has a '=' in it, rename it on the page.")  # fmt: skip
        changes.append(Change(name, rest[0]))
    return changes + [Change(name.strip(), None) for name in removed]


def change_labels(project: Project, changes: Sequence[Change]) -> list[str]:
    """
    Make all changes or none; one that was made before is passed over.

    Returns
    -------
    list of str
        What was done, in sentences.

    Raises
    ------
    AlpsError
        As `Project.rename_class` and `Project.remove_class`.

    """
    told = []
    with project.database.transaction():
        for name, new in changes:
            labels, shown = project.labels, for_terminal(name, 40)
            if _was_made(project, name, new):
                if name in labels:
                    told.append(f"'{shown}' was renamed or removed before; the class that has this name now is another "
                                "one and stays as it is; the page changes it.")  # fmt: skip
                continue
            if new is None:
                project.remove_class(name)
                told.append(f"Removed the class '{shown}'.")
            else:
                project.rename_class(name, new)
                done = "is one class with" if new in labels else "is now called"
                told.append(f"'{shown}' {done} '{for_terminal(new, 40)}'.")
    return told


def add_labels(project: Project, names: Sequence[str]) -> list[str]:
    """
    Add the classes that are not there; not one that was renamed or removed: the command that made the project names it.

    Returns
    -------
    list of str
        What was not done, in sentences.

    Raises
    ------
    AlpsError
        As `Project.add_class`.

    """
    had, told = {each.name for each in project.class_names().renamed}, []
    for name in {name.strip(): None for name in names if name.strip() not in project.labels}:
        if name in had:
            told.append(f"'{for_terminal(name, 40)}' was renamed or removed before and is not added; the page adds it.")
        else:
            project.add_class(name)
    return told


def _was_made(project: Project, name: str, new: str | None) -> bool:
    names = project.class_names()
    if name in project.labels:
        return any((each.name, each.now) == (name, new) for each in names.renamed)
    return any(each.name == name for each in names.renamed) and names.current(name, project.labels) == new
