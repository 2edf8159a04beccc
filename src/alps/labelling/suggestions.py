"""What the newest model suggests for a text: shown beside it, never preselected, and never for a text of the audit."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from alps.labelling.predictions import Predictions
from alps.labelling.project import Project
from alps.labelling.queue import AUDIT, Item
from alps.labelling.trainings import latest_predictions


class Suggestions:
    """
    The predictions of the newest model, read once for each training and whenever a class is renamed or removed.

    Parameters
    ----------
    project
        The project.

    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = Lock()
        self._read: tuple[int | None, int] | None = None
        self._predictions: Predictions | None = None

    def of(self, items: Sequence[Item]) -> list[dict[str, object] | None]:
        """For each item the label and its probability; None where there is none, and in a project labelled blind."""
        predictions = None if self._project.setting("blind") else self._newest()
        if predictions is None:
            return [None] * len(items)
        found: list[dict[str, object] | None] = []
        for item in items:
            said = None if item.source == AUDIT else predictions.suggestion(self._project.number_of(item.id))
            found.append(None if said is None else {"label": said[0], "probability": said[1]})
        return found

    def _newest(self) -> Predictions | None:
        with self._lock:
            newest = self._project.database.row(
                "SELECT (SELECT max(number) FROM trainings WHERE state = 'done'), (SELECT count(*) FROM renamed)"
            )
            if newest != self._read:
                self._read, self._predictions = newest, latest_predictions(self._project)
            return self._predictions
