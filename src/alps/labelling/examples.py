"""The labelled texts of a project, as a classifier takes them."""

from __future__ import annotations

from pathlib import Path

from alps.base.errors import AlpsError
from alps.classifiers.labelled import Answer
from alps.labelling.class_names import labels_of
from alps.labelling.project import Project


def labelled_examples(path: Path) -> tuple[list[str], list[Answer], list[str]]:
    """
    Texts, their verdicts, and the classes of a project; texts on whose label people do not agree are left out.

    Returns
    -------
    list of str, list, list of str
        n texts; n labels, or in a multi-label project n lists of labels; the classes.

    Raises
    ------
    AlpsError
        When it cannot be opened, or no text has a verdict.

    """
    project = Project(path)
    try:
        with project.database.snapshot() as read:
            verdicts, classes = project.verdicts(read), labels_of(read)
        if not verdicts:
            raise AlpsError(f"No text of {path} has a label on which people agree; label some first.")
        names = list(verdicts)
        texts = [project.text(project.number_of(name)) for name in names]
        several = bool(project.setting("multi_label"))
        labels: list[Answer] = [verdicts[name][1] if several else verdicts[name][1][0] for name in names]
        return texts, labels, classes
    finally:
        project.close()
