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
from alps.labelling.trainings import answered_batch, can_train, fail_training, latest_training

CLASSIFIERS = ("probe", "finetune")
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
        # One of them runs at a time; each waits for itself after a failure, so that one never holds up the other.
        self._processes = {name: Background("alps.labelling.training_process") for name in CLASSIFIERS}
        self._asked: str | None = None
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
            for name, process in self._processes.items():
                if process.look():
                    if process.failure is not None:
                        fail_training(self._project, process.failure)
                    elif self._asked == name:
                        self._asked = None
            if self._settings is None or self._running() is not None:
                return
            for name in self._due(self._settings):
                if self._processes[name].ready:
                    settings = json.dumps(asdict(self._settings) | {"classifier": name})
                    self._processes[name].begin(str(self._project.path), settings)
                    return

    def notice(self) -> str | None:
        """What people should know about the training."""
        if (failure := self._failure()) is not None:
            return f"A training failed and will be tried again; no label is lost: {failure}"
        if self._running() == "finetune":
            return "A model is being fine-tuned; go on labelling meanwhile."
        return None

    def current(self) -> Mapping[str, Any]:
        """The classifier that is being trained or None, and why the last attempt failed or None."""
        return {"running": self._running(), "failure": self._failure()}

    def close(self) -> None:
        """End the process."""
        with self._lock:
            for process in self._processes.values():
                process.close()

    def _running(self) -> str | None:
        return next((name for name, process in self._processes.items() if process.running), None)

    def _failure(self) -> str | None:
        return next((process.failure for process in self._processes.values() if process.failure is not None), None)

    def _due(self, settings: TrainingSettings) -> list[str]:
        """What is to be trained, the most urgent first."""
        if not can_train(self._project):
            return []
        due = [] if self._asked is None else [self._asked]
        probe, finetune = (latest_training(self._project, name) for name in ("probe", "finetune"))
        if settings.finetune == "round" and answered_batch(self._project) > (finetune.batch if finetune else 0):
            due.append("finetune")
        n_new = self._project.database.row(
            "SELECT count(*) FROM (SELECT 1 FROM events JOIN texts ON text = texts.number WHERE events.number > ? AND "
            "kind IN ('label', 'settle', 'undo') AND audit IS NULL LIMIT ?)", probe.last_event if probe else 0,
            settings.every,
        )[0]  # fmt: skip
        return [*due, "probe"] if n_new >= settings.every else due
