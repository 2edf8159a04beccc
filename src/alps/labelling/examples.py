"""The labelled texts of a project, as a classifier takes them."""

from __future__ import annotations

from typing import NamedTuple

from alps.base.errors import AlpsError
from alps.classifiers.labelled import Answer
from alps.labelling.class_names import labels_of
from alps.labelling.oracle import weights_of
from alps.labelling.project import Project


class Examples(NamedTuple):
    """
    The labelled texts of a project.

    Attributes
    ----------
    texts, labels
        n texts and their verdicts: n labels, or in a multi-label project n lists of labels.
    classes
        The classes.
    weights
        How much each text counts in training, (n,), where a strategy picked with weights; else None.

    """

    texts: list[str]
    labels: list[Answer]
    classes: list[str]
    weights: list[float] | None


def labelled_examples(project: Project) -> Examples:
    """
    Everything that is labelled; texts on whose label people do not agree are left out.

    Raises
    ------
    AlpsError
        When no text has a verdict.

    """
    with project.database.snapshot() as read:
        verdicts, classes = project.verdicts(read), labels_of(read)
    if not verdicts:
        raise AlpsError(f"No text of {project.path} has a label on which people agree; label some first.")
    numbers = [project.number_of(name) for name in verdicts]
    several = bool(project.setting("multi_label"))
    labels: list[Answer] = [given if several else given[0] for _, given in verdicts.values()]
    texts = [project.text(number) for number in numbers]
    return Examples(texts, labels, classes, weights_of(project, numbers))
