"""
One cell of a grid: Algorithm 1 with gold labels, a line of results for each round.

A round is decided by the picks of the rounds before it: after a crash they are read, M_{t-1} is trained again from the
pre-trained weights, and the run goes on as if nothing had happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.models.classifier import Classifier
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.selection import Clock, Task
from alps.simulation.data_sets import DataSet
from alps.simulation.evaluate import evaluate
from alps.simulation.grid import Settings, first_strategy, schedule_of
from alps.simulation.results import FULL, Cell, Curve, CurveFile, Round
from alps.strategies import find_strategy
from alps.strategies.mixture import needs_of, parts_of

_LIBRARIES = ("alps-learn", "numpy", "scikit-learn", "torch", "transformers")
_MAY_CHANGE = ("rounds", "source", "versions", "seconds_shared", "shared_texts")  # between a run and its continuation

Rows = npt.NDArray[np.int64]
Told = Callable[[Cell, Round], None]


@dataclass(frozen=True, eq=False)
class Bench:
    """
    What a cell is computed with.

    Attributes
    ----------
    data
        The data set.
    settings
        Common to all cells.
    resources
        The models, and what is shared of them.
    threads, jobs
        Of the processor, and processes that compute cells at the same time; for the results.
    seconds_shared
        What `alps.simulation.shared.compute_shared` took; empty where nothing was computed before.

    """

    data: DataSet
    settings: Settings
    resources: Resources
    threads: int
    jobs: int
    seconds_shared: dict[str, float]


def n_rounds(cell: Cell, data: DataSet, settings: Settings) -> int:
    """How many rounds a cell has: T, fewer where the pool runs out; one with the whole pool."""
    return 1 if cell.strategy == FULL else min(settings.rounds, -(-data.train.pool.n // settings.k))


def run_cell(cell: Cell, bench: Bench, file: CurveFile, told: Told, go_on: Callable[[], bool] = lambda: True) -> None:
    """
    Compute the rounds of a cell that are not finished.

    Parameters
    ----------
    cell, bench
        What to compute, and with what.
    file
        Where its rounds are, and go.
    told
        Called with every round that is on the disk.
    go_on
        Asked before a round is written; if not, the cell is left as it is.

    Raises
    ------
    AlpsError
        When the file holds rounds of other settings.

    """
    settings = describe(cell, bench)
    curve = file.read()
    if curve is not None:
        _compare(curve, settings, file)
    total = n_rounds(cell, bench.data, bench.settings)
    done = [] if curve is None else list(curve.rounds)
    if len(done) >= total:
        return
    file.begin(settings)
    work = _Work(cell, bench)
    trained = work.train(work.labelled_in(done)) if done and work.is_warm else None
    for number in range(len(done) + 1, total + 1):
        finished, trained = work.round(number, work.labelled_in(done), trained)
        if not go_on():
            return
        file.append(finished)
        done.append(finished)
        told(cell, finished)


def describe(cell: Cell, bench: Bench) -> dict[str, Any]:
    """The settings of a cell as the results keep them, JSON-able."""
    data = bench.data
    return {
        **bench.settings.describe(),
        "first_strategy": cell.strategy if cell.strategy == FULL else first_strategy(cell.strategy),
        "sizes": data.sizes(),
        "shared_texts": data.shared_texts,
        "classes": list(data.classes),
        "source": data.source,
        "fingerprints": data.digests(),
        "seconds_shared": bench.seconds_shared,
        "versions": versions(),
    }


@cache
def versions() -> dict[str, str]:
    """Versions of this package and of the libraries that decide values."""
    return {name: version(name) for name in _LIBRARIES}


def _compare(curve: Curve, settings: dict[str, Any], file: CurveFile) -> None:
    """Refuse to go on with rounds that were computed otherwise."""
    for name, value in settings.items():
        free = name in _MAY_CHANGE
        if name == "rounds" and curve.cell.strategy != FULL:
            free = schedule_of(curve.cell.strategy) == "every round"
        if not free and curve.settings.get(name) != value:
            was = str(curve.settings.get(name))[:60]
            raise AlpsError(
                f"{file.path} was computed with another {name} ({was}, not {str(value)[:60]}); "
                "name another --output-dir."
            )


class _Known(NamedTuple):
    """Labelled rows of the pool, and how much each counts in training."""

    rows: Rows
    weights: npt.NDArray[np.float64]

    def and_then(self, more: _Known) -> _Known:
        return _Known(np.concatenate([self.rows, more.rows]), np.concatenate([self.weights, more.weights]))

    def take(self, which: slice) -> _Known:
        return _Known(self.rows[which], self.weights[which])


_NOTHING = _Known(np.empty(0, np.int64), np.empty(0))


class _Work:
    """The rounds of one cell."""

    def __init__(self, cell: Cell, bench: Bench) -> None:
        self.cell, self.data, self.settings, self.resources = cell, bench.data, bench.settings, bench.resources
        self.threads, self.jobs = bench.threads, bench.jobs
        self.is_full = cell.strategy == FULL
        self.is_warm = not self.is_full and "classifier" in needs_of(cell.strategy)
        rows = [] if self.is_full else [find_strategy(name) for name, _ in parts_of(cell.strategy)]
        self.samples = any(row.representation_options.get("samples") for row in rows)
        self.has_shared_features = any(
            row.representation is not None and "fine-tuned encoder" not in row.needs
            and not ("classifier" in row.needs and cell.classifier != "probe")
            for row in rows
        )  # fmt: skip
        self.stream = Stream(cell.seed)

    def round(self, number: int, known: _Known, trained: Classifier | None) -> tuple[Round, Classifier]:
        """Query, label, train from the pre-trained weights, evaluate."""
        pool, labels = self.data.train.pool, self.data.train.labels
        clock = Clock()
        batch = _NOTHING if self.is_full else self.query(number, known, trained, clock)
        labelled = _Known(np.arange(pool.n), np.ones(pool.n)) if self.is_full else known.and_then(batch)
        start = time.perf_counter()
        trained = self.train(labelled)
        seconds = {"train": round(time.perf_counter() - start, 3)}
        start = time.perf_counter()
        scores = {
            name: evaluate(trained, part, self.resources)
            for name, part in (("test", self.data.test), ("dev", self.data.dev))
            if part.pool.n
        }
        seconds["evaluate"] = round(time.perf_counter() - start, 3)
        finished = Round(
            number=number,
            n_labelled=len(labelled.rows),
            picks=pool.ids.take(batch.rows).to_pylist(),
            labels=labels[batch.rows].tolist(),
            scores={name: each.overall for name, each in scores.items()},
            per_class={name: each.per_class for name, each in scores.items()},
            seconds={"represent": 0.0, "select": 0.0, **clock.seconds, **seconds},
            shared=self.shared(),
            weights=[] if (batch.weights == 1.0).all() else batch.weights.tolist(),
            threads=self.threads,
            jobs=self.jobs,
        )
        return finished, trained

    def query(self, number: int, known: _Known, trained: Classifier | None, clock: Clock) -> _Known:
        """The next batch, in the order of the picks."""
        if schedule_of(self.cell.strategy) == "all at once":
            start = (number - 1) * self.settings.k
            chosen = self.chosen_at_once if number > 1 else self.choose_at_once(clock)
            return chosen.take(slice(start, start + self.settings.k))
        strategy = first_strategy(self.cell.strategy) if number == 1 else self.cell.strategy
        return self.choose(strategy, self.settings.k, number, known.rows, trained, clock)

    def choose_at_once(self, clock: Clock) -> _Known:
        """The picks of all rounds, timed."""
        chosen = self.choose(self.cell.strategy, self.settings.k * self.settings.rounds, 1, _NOTHING.rows, None, clock)
        self.__dict__["chosen_at_once"] = chosen
        return chosen

    @cached_property
    def chosen_at_once(self) -> _Known:
        """The picks of all rounds, for a cell that goes on after a crash."""
        return self.choose_at_once(Clock())

    def choose(
        self, strategy: str, k: int, number: int, known: Rows, trained: Classifier | None, clock: Clock
    ) -> _Known:
        """What `alps.select` would choose; the first batch is the one that it chooses with this seed."""
        pool, gold = self.data.train.pool, self.data.train.labels
        is_known = np.zeros(pool.n, dtype=bool)
        is_known[known] = True
        labels = gold.copy()
        labels[~is_known] = None
        settings = self.settings
        options = {"evaluated_fraction": settings.evaluated_fraction, "masked": False, "preset": settings.kmeans}
        selection = Task(
            pool, labels, is_known, k, self.stream, self.resources, self.cell.classifier, settings.recipe,
            options, clock, trained,
        ).run(strategy)  # fmt: skip
        weights = selection.weights
        rows = np.searchsorted(pool.row_numbers, selection.indices)
        return _Known(rows, np.ones(len(rows)) if weights is None else weights)

    def train(self, labelled: _Known) -> Classifier:
        """M_t, from the pre-trained weights; the order of the picks does not matter."""
        train_part = self.data.train
        rows = self.by_id[np.isin(self.by_id, labelled.rows)]
        weights = np.empty(train_part.pool.n)
        weights[labelled.rows] = labelled.weights
        examples = Labelled.of(
            Texts.of(train_part.pool, rows), train_part.labels[rows].tolist(), classes=self.data.classes,
            weights=weights[rows],
        )  # fmt: skip
        return train(
            self.cell.classifier, self.settings.recipe, examples, self.resources, self.stream.child("train"),
            samples=self.samples,
        )  # fmt: skip

    @cached_property
    def by_id(self) -> Rows:
        """All rows of the pool in the order of their ids."""
        return self.data.train.pool.distinct().rows

    def labelled_in(self, rounds: list[Round]) -> _Known:
        """What was queried in these rounds."""
        ids = [name for each in rounds for name in each.picks]
        found = pc.index_in(pa.array(ids, pa.large_string()), value_set=self.data.train.pool.ids)
        rows = np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
        return _Known(rows, np.array([x for each in rounds for x in each.weights or [1.0] * len(each.picks)]))

    def shared(self) -> list[str]:
        """Parts of a round that other cells had paid for in whole or in part."""
        if not self.settings.share:
            return []
        probe = ["train", "evaluate"] if self.cell.classifier == "probe" else []
        return (["represent"] if self.has_shared_features else []) + probe
