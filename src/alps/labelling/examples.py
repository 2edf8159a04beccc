"""Labelled texts, as a classifier takes them; those of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alps.base.errors import AlpsError
from alps.classifiers.labelled import Answer
from alps.labelling.class_names import labels_of
from alps.labelling.oracle import weights_of
from alps.labelling.project import Project


class Examples(NamedTuple):
    """
    Labelled texts.

    Attributes
    ----------
    texts, labels
        n texts and n labels, or where a text may have several, n lists of labels.
    classes
        The classes, where they are known apart from the labels.
    weights
        How much each text counts in training, (n,), where a strategy picked with weights; else None.

    """

    texts: list[str]
    labels: list[Answer]
    classes: Sequence[str] = ()
    weights: list[float] | None = None


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
