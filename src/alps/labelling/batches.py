"""
Batches chosen while people label.

`alps.select` may take minutes and would freeze the page; it runs in a process of its own, and texts come at random
until it has answered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from alps.labelling.project import Project
from alps.labelling.queue import RANDOM

_FEW_LEFT = 10  # picks that are still to answer when the next batch is begun


@dataclass(frozen=True)
class BatchSettings:
    """
    How batches are chosen.

    Attributes
    ----------
    k
        Texts in a batch.
    strategy, warm
        The strategies of the `Plan` of the learner.
    seed, model, cache_dir
        As in `alps.select`.

    """

    k: int = 100
    strategy: str = "alps"
    warm: str | None = "margin"
    seed: int = 0
    model: str = "bundled"
    cache_dir: str | None = None


class Batches:
    """
    The batches of a project, and the process that chooses the next.

    Parameters
    ----------
    project
        The project.
    settings
        How they are chosen; None chooses none, and all texts come at random.

    """

    def __init__(self, project: Project, settings: BatchSettings | None) -> None:
        self._project = project
        self._settings = settings
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._failure: str | None = None

    def look(self) -> None:
        """Begin to choose the next batch when few texts of the last are left; note how the last attempt ended."""
        with self._lock:
            self._notice_end()
            if self._settings is None or self._process is not None or self._failure is not None:
                return
            n_left = self._project.database.row(
                "SELECT count(*) FROM picks JOIN texts ON text = texts.number WHERE state IN ('unlabelled', 'pending') "
                "AND batch = (SELECT max(number) FROM batches)"
            )[0]
            if n_left < min(_FEW_LEFT, self._settings.k) and self._project.counts()["unlabelled"]:
                settings = json.dumps(asdict(self._settings))
                command = [sys.executable, "-m", "alps.labelling.batch_process", str(self._project.path), settings]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors
                )

    def current(self) -> dict[str, Any]:
        """The newest batch: its number, strategy, size, and how many of its texts are answered."""
        number, strategy, size, done = self._project.database.row(
            "SELECT batches.number, strategy, count(text), "
            "coalesce(sum(state IN ('labelled', 'skipped')), 0) FROM batches LEFT JOIN picks ON batch = batches.number "
            "LEFT JOIN texts ON text = texts.number WHERE batches.number = (SELECT max(number) FROM batches)"
        )
        if number is None:
            counts = self._project.counts()
            return {"number": 0, "size": 0, "done": counts["labelled"] + counts["skipped"], "source": RANDOM}
        return {"number": number, "size": size, "done": done, "source": strategy}

    def notice(self) -> str | None:
        """What people should know about the order of the texts."""
        if self._failure is not None:
            return f"No batch could be chosen, so the texts are drawn at random: {self._failure}"
        if self._process is None:
            return None
        if self.current()["number"] == 0:
            return "The first texts are drawn at random while ALPS reads the pool."
        return "The next batch is being chosen."

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._process is not None:
                self._process.terminate()
                self._process.wait()
            self._errors.close()

    def _notice_end(self) -> None:
        if self._process is None or self._process.poll() is None:
            return
        if self._process.returncode != 0:
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            self._failure = lines[-1] if lines else f"the process ended with code {self._process.returncode}."
        self._process = None
