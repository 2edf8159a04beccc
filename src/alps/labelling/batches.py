"""
Batches chosen while people label.

`alps.select` may take minutes and would freeze the page; it runs in a process of its own, and texts come at random
until it has answered.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from alps.labelling.background import Background
from alps.labelling.loop import loop_of
from alps.labelling.project import Project
from alps.labelling.queue import RANDOM

_FEW_LEFT = 0.25  # share of a batch that is still to answer when the next is begun, so that it is ready in time
_FEWEST_LEFT = 10  # texts, likewise


@dataclass(frozen=True)
class BatchSettings:
    """
    How batches are chosen, beside the strategies, which the project keeps (`alps.labelling.loop`).

    Attributes
    ----------
    k
        Texts in a batch.
    seed, model, cache_dir
        As in `alps.select`.

    """

    k: int = 100
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
        self._process = Background("alps.labelling.batch_process")

    def look(self) -> None:
        """Begin to choose the next batch when few texts of the last are left; note how the last attempt ended."""
        with self._lock:
            self._process.look()
            if self._settings is None or not self._process.ready:
                return
            loop = loop_of(self._project)
            if not loop.chooses:
                return
            n_left = self._project.database.row(
                "SELECT count(*) FROM picks JOIN texts ON text = texts.number WHERE state IN ('unlabelled', 'pending') "
                "AND batch = (SELECT max(number) FROM batches)"
            )[0]
            few = min(self._settings.k, max(_FEWEST_LEFT, round(_FEW_LEFT * self._settings.k)))
            if n_left < few and self._n_to_pick():
                self._process.begin(str(self._project.path), json.dumps(asdict(self._settings) | asdict(loop)))

    def current(self) -> dict[str, Any]:
        """
        The batch that people are at: the newest, or the one before as long as texts of that are to be answered.

        Returns
        -------
        dict
            Its number, size, how many of its texts are done, the source (a strategy), and the reason why that chose.

        """
        rows = self._project.database.rows(
            "SELECT batches.number, strategy, count(text), coalesce(sum(state IN ('labelled', 'skipped')), 0), account "
            "FROM batches LEFT JOIN picks ON batch = batches.number LEFT JOIN texts ON text = texts.number "
            "WHERE batches.number >= (SELECT max(number) - 1 FROM batches) GROUP BY batches.number ORDER BY 1"
        )
        if not rows:
            counts = self._project.counts()
            done = counts["labelled"] + counts["skipped"]
            return {"number": 0, "size": 0, "done": done, "source": RANDOM, "reason": None}
        number, strategy, size, done, summary = next((row for row in rows if row[3] < row[2]), rows[-1])
        reason = json.loads(summary).get("reason")
        return {"number": number, "size": size, "done": done, "source": strategy, "reason": reason}

    def notice(self) -> str | None:
        """What people should know about the order of the texts."""
        if self._process.failure is not None:
            return f"No batch could be chosen, so texts are drawn at random until it works: {self._process.failure}"
        if not self._process.running:
            return None
        if self.current()["number"] == 0:
            return "The first texts are drawn at random while the pool is read."
        return "The next batch is being chosen."

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._process.close()

    def _n_to_pick(self) -> int:
        """How many texts a batch could take: neither asked, nor of the audit, nor picked just before."""
        reserved = self._project.database.row(
            "SELECT count(*) FROM texts WHERE state = 'unlabelled' AND (audit IS NOT NULL OR number IN "
            "(SELECT text FROM picks WHERE batch = (SELECT max(number) FROM batches)))"
        )[0]
        return self._project.counts()["unlabelled"] - int(reserved)
