"""
Training that never stands in the way of labelling: a process of its own begins when enough has changed.

`probe` follows the labels closely; `finetune`, which takes minutes, comes at the end of a batch or when somebody asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from alps.base.errors import AlpsError
from alps.labelling.background import Background
from alps.labelling.project import Project
from alps.labelling.trainings import answered_batch, fail_training, latest_training

FEWEST_LABELS = 10  # of the texts that are not of the audit
FINETUNE_WHEN = ("round", "demand")


@dataclass(frozen=True)
class TrainingSettings:
    """
    How models are trained.

    Attributes
    ----------
    every
        Answers after which `probe` is trained again.
    finetune
        ``round`` fine-tunes whenever a batch is answered, ``demand`` when somebody asks.
    recipe, seed, model, cache_dir
        As in `alps.train_classifier`.

    """

    every: int = 10
    finetune: str = "round"
    recipe: str = "stable"
    seed: int = 0
    model: str = "bundled"
    cache_dir: str | None = None

    def __post_init__(self) -> None:
        if self.finetune not in FINETUNE_WHEN:
            raise AlpsError(f"Fine-tuning '{self.finetune}' is not possible; choose one of {', '.join(FINETUNE_WHEN)}.")


class Trainer:
    """
    The trainings of a project, and the process of the one that runs.

    Parameters
    ----------
    project
        The project.
    settings
        How models are trained; None trains none.

    """

    def __init__(self, project: Project, settings: TrainingSettings | None) -> None:
        self._project = project
        self._settings = settings
        self._lock = Lock()
        self._process = Background("alps.labelling.training_process")
        self._asked: str | None = None
        self._classifier = ""  # of the run that goes on
        if settings is not None:
            fail_training(project, "It was interrupted.")

    def ask(self, classifier: str) -> None:
        """
        Train as soon as possible.

        Raises
        ------
        AlpsError
            When this server trains nothing.

        """
        if self._settings is None:
            raise AlpsError("This server trains no models; start it with --train.")
        self._asked = classifier
        self.look()

    def look(self) -> None:
        """Begin a training when one is due; note how the last one ended."""
        with self._lock:
            if self._process.look():
                if self._process.failure is not None:
                    fail_training(self._project, self._process.failure)
                elif self._asked == self._classifier:
                    self._asked = None
            if self._settings is None or not self._process.ready:
                return
            classifier = self._asked or self._due(self._settings)
            if classifier is not None:
                self._classifier = classifier
                settings = json.dumps(asdict(self._settings) | {"classifier": classifier})
                self._process.begin(str(self._project.path), settings)

    def notice(self) -> str | None:
        """What people should know about the training."""
        if self._process.failure is not None:
            return f"A training failed and will be tried again; no label is lost: {self._process.failure}"
        if self._process.running and self._classifier == "finetune":
            return "A model is being fine-tuned; go on labelling meanwhile."
        return None

    def current(self) -> Mapping[str, Any]:
        """The classifier that is being trained or None, and why the last attempt failed or None."""
        return {"running": self._classifier if self._process.running else None, "failure": self._process.failure}

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._process.close()

    def _due(self, settings: TrainingSettings) -> str | None:
        database = self._project.database
        n_classes = database.row(
            "SELECT count(*) FROM (SELECT DISTINCT labels FROM answers JOIN texts ON text = number "
            "WHERE kind = 'label' AND audit IS NULL LIMIT 2)"
        )[0]
        if n_classes < 2:
            return None
        n_audited = database.row("SELECT count(*) FROM texts WHERE audit IS NOT NULL AND state = 'labelled'")[0]
        if self._project.counts()["labelled"] - n_audited < FEWEST_LABELS:
            return None
        probe, finetune = (latest_training(self._project, name) for name in ("probe", "finetune"))
        batch = answered_batch(self._project)
        if settings.finetune == "round" and batch > (finetune.batch if finetune else 0):
            return "finetune"
        n_new = database.row(
            "SELECT count(*) FROM (SELECT 1 FROM events JOIN texts ON text = texts.number WHERE events.number > ? AND "
            "kind IN ('label', 'settle', 'undo') AND audit IS NULL LIMIT ?)", probe.last_event if probe else 0,
            settings.every,
        )[0]  # fmt: skip
        return "probe" if n_new >= settings.every else None
