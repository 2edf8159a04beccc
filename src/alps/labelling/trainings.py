"""The trainings of a project: each is recorded with its time, its labels, its score, and how it ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alps.base.atomic import TEMPORARY_SUFFIX
from alps.base.errors import AlpsError
from alps.labelling.class_names import ClassNames
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project, utc_now

_COLUMNS = (
    "number, classifier, state, begun_at, ended_at, last_event, batch, n_labels, scores, classes, audit, "
    "against_random, error, n_renamed"
)
FEWEST_LABELS = 10  # of texts that are not of the audit
_KEPT = 2  # models of each classifier; older ones are removed


@dataclass(frozen=True)
class Training:
    """
    One training.

    Attributes
    ----------
    number
        Counts from 1.
    classifier
        ``probe`` or ``finetune``.
    state
        ``running``, ``done`` or ``failed``.
    begun_at, ended_at
        UTC; None while it runs.
    last_event
        The newest event in the log when it began.
    batch
        The newest batch that was answered by then; 0 before there is one.
    n_labels
        How many labelled texts it was trained on; texts of the audit are not among them.
    scores
        Cross-validated on these; see `alps.classifiers.cross_validation`.
    classes
        The classes that it tells apart, as they are called now.
    audit
        What it predicts for texts of the audit: number of the text -> labels, as they are called now. A label that was
        removed is left out.
    against_random
        See `alps.labelling.against_random`; None also where classes became one or were removed since.
    error
        Why it failed.
    n_renamed
        How many changes of names (`alps.labelling.class_names`) what it has written follows already.

    """

    number: int
    classifier: str
    state: str
    begun_at: str
    ended_at: str | None
    last_event: int
    batch: int
    n_labels: int | None
    scores: Mapping[str, Any]
    classes: tuple[str, ...]
    audit: Mapping[int, tuple[str, ...]]
    against_random: Mapping[str, Any] | None
    error: str | None
    n_renamed: int

    def folder(self, project: Project) -> Path:
        """Where its model and its predictions are, unless a newer one has taken its place."""
        return project.models_folder / f"{self.number:06d}-{self.classifier}"


def trainings(project: Project, *, state: str | None = None, classifier: str | None = None) -> list[Training]:
    """The trainings in their order, all or those of a state or a classifier."""
    rows = project.database.rows(
        f"SELECT {_COLUMNS} FROM trainings WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR classifier = ?2) "
        "ORDER BY number", state, classifier,
    )  # fmt: skip
    names = project.class_names()
    return [_training(names, *row) for row in rows]


def latest_training(project: Project, classifier: str | None = None) -> Training | None:
    """The newest training that has ended well, of any classifier or of one."""
    row = project.database.row(
        f"SELECT {_COLUMNS} FROM trainings WHERE state = 'done' AND (?1 IS NULL OR classifier = ?1) "
        "ORDER BY number DESC LIMIT 1", classifier,
    )  # fmt: skip
    return None if row is None else _training(project.class_names(), *row)


def latest_predictions(project: Project) -> Predictions | None:
    """What the newest model predicts; None before there is one, and where its folder or all its classes are no more."""
    training = latest_training(project)
    return None if training is None else predictions_in(project, training, training.folder(project))


def predictions_in(project: Project, training: Training, folder: Path) -> Predictions | None:
    """Predictions that a training has left in a folder, of the classes as they are called now; None as above."""
    try:
        return Predictions.load(folder).renamed(project.class_names(), training.n_renamed)
    except AlpsError:
        return None


def can_train(project: Project) -> bool:
    """Whether there are verdicts on enough texts that are not of the audit, and of two kinds."""
    n_labelled = project.database.row("SELECT count(*) FROM texts WHERE audit IS NULL AND state = 'labelled'")[0]
    if n_labelled < FEWEST_LABELS:
        return False
    audited = {name for (name,) in project.database.rows("SELECT id FROM texts WHERE audit IS NOT NULL")}
    said = [labels for name, (_, labels) in project.verdicts().items() if name not in audited]
    return len(said) >= FEWEST_LABELS and len({*said}) > 1


def begin_training(project: Project, classifier: str) -> int:
    """Record that a training begins; returns its number."""
    with project.database.transaction() as connection:
        cursor = connection.execute(
            "INSERT INTO trainings (classifier, state, begun_at, last_event, batch) VALUES (?, 'running', ?, "
            "(SELECT coalesce(max(number), 0) FROM events), ?)", (classifier, utc_now(), answered_batch(project)),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)


def end_training(project: Project, number: int, **facts: Any) -> None:
    """Record that a training has ended well, with its facts; those that are no number are kept as JSON."""
    kept = {name: value if isinstance(value, int) else json.dumps(value) for name, value in facts.items()}
    columns = "".join(f", {name} = ?" for name in kept)
    with project.database.transaction() as connection:
        connection.execute(
            f"UPDATE trainings SET state = 'done', ended_at = ?{columns} WHERE number = ?",
            (utc_now(), *kept.values(), number),
        )


def fail_training(project: Project, error: str, number: int | None = None) -> None:
    """Record that a training, or every one that seems to run still, has failed."""
    with project.database.transaction() as connection:
        connection.execute(
            "UPDATE trainings SET state = 'failed', ended_at = ?, error = ? WHERE state = 'running' AND "
            "(?3 IS NULL OR number = ?3)", (utc_now(), error, number),
        )  # fmt: skip


def answered_batch(project: Project) -> int:
    """The newest batch of which every text is answered; 0 where there is none."""
    row = project.database.row(
        "SELECT number FROM batches WHERE NOT EXISTS (SELECT 1 FROM picks JOIN texts ON text = texts.number "
        "WHERE batch = batches.number AND state IN ('unlabelled', 'pending')) ORDER BY number DESC LIMIT 1"
    )
    return 0 if row is None else int(row[0])


def remove_old_models(project: Project) -> None:
    """Remove the folders of models that newer ones have replaced, and what a killed training left behind."""
    done = trainings(project, state="done")
    kept = {
        each.folder(project).name
        for classifier in {each.classifier for each in done}
        for each in [one for one in done if one.classifier == classifier][-_KEPT:]
    }
    running = {each.folder(project).name for each in trainings(project, state="running")}
    for folder in project.models_folder.iterdir() if project.models_folder.is_dir() else ():
        whose = folder.name.removeprefix(".").partition(".")[0]
        unfinished = folder.name.startswith(".") and folder.name.endswith(TEMPORARY_SUFFIX)
        known = whose[:6].isdecimal() and whose[7:] in ("probe", "finetune")
        if known and whose not in running and (unfinished or whose not in kept):
            shutil.rmtree(folder, ignore_errors=True)


def _training(
    names: ClassNames, number: int, classifier: str, state: str, begun_at: str, ended_at: str | None, last_event: int,
    batch: int, n_labels: int | None, scores: str | None, classes: str | None, audit: str | None,
    against_random: str | None, error: str | None, n_renamed: int,
) -> Training:  # fmt: skip
    predicted = {int(key): tuple(names.since(labels, n_renamed)) for key, labels in json.loads(audit or "{}").items()}
    told_apart = json.loads(classes or "[]")
    now = tuple(names.since(told_apart, n_renamed))
    curve = json.loads(against_random or "null") if len(now) == len(told_apart) else None
    return Training(
        number, classifier, state, begun_at, ended_at, last_event, batch, n_labels, json.loads(scores or "{}"), now,
        predicted, curve, error, n_renamed,
    )  # fmt: skip
