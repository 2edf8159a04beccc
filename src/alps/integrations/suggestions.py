"""What the newest model of a project thinks of each text, for tools that show it."""

from __future__ import annotations

from alps.integrations.entries import Suggestion
from alps.labelling.project import Project
from alps.labelling.trainings import latest_predictions


def suggestions_of(project: Project) -> dict[int, Suggestion]:
    """
    The likeliest class of every predicted text, by the number of the text.

    There are none before a model is trained, in a project that is labelled blind, and for classes that are no more.
    """
    predictions = None if project.setting("blind") else latest_predictions(project)
    if predictions is None:
        return {}
    classes = {*project.labels}
    model = f"alps-training-{predictions.training}"
    found = {}
    for number in predictions.numbers.tolist():
        label, score = predictions.suggestion(number) or ("", 0.0)
        if label in classes:
            found[number] = Suggestion(label, min(max(score, 0.0), 1.0), model)
    return found
