"""
One cell of a grid: a learner that goes through Algorithm 1 with gold labels, a line of results for each round.

A round is decided by the picks of the rounds before it: after a crash they are taught again, M_{t-1} is trained again
from the pre-trained weights, and the run goes on as if nothing had happened.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.text_safety import for_terminal
from alps.base.versions import versions
from alps.learning.bandit import Bandit
from alps.learning.learner import Learner
from alps.learning.loop import Round as Step
from alps.learning.loop import active_learning
from alps.learning.plan import Plan
from alps.models.classifier import Classifier
from alps.models.device import dtype_name, processor, resolve_device, resolve_dtype
from alps.representations.resources import Resources
from alps.selection import Clock, Selection
from alps.simulation.data_sets import DataSet
from alps.simulation.evaluate import entropies, evaluate
from alps.simulation.grid import Grid, Settings
from alps.simulation.plan import depends_on_rounds, first_strategy, plan_of, rows_in
from alps.simulation.prompts import DataSetPrompt
from alps.simulation.results import FULL, Cell, Curve, CurveFile, Round

_LIBRARIES = ("alps-learn", "numpy", "scikit-learn", "torch", "transformers")
_MAY_CHANGE = ("rounds", "source", "versions", "seconds_shared", "shared_texts")  # between a run and its continuation
_LATER = ("label_digests",)  # results of before do not say it

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
    prompt
        Of the data set, where a strategy needs one.

    """

    data: DataSet
    settings: Settings
    resources: Resources
    threads: int
    jobs: int
    seconds_shared: dict[str, float]
    prompt: DataSetPrompt | None = None


def n_rounds(cell: Cell, data: DataSet, settings: Settings) -> int:
    """How many rounds a cell has: T, fewer where the pool runs out; one with the whole pool."""
    return 1 if cell.strategy == FULL else min(settings.rounds, -(-data.train.pool.n // settings.k))


def warn_of_few_texts(cells: Sequence[Cell], data: DataSet, settings: Settings) -> None:
    """Warn where the pool runs out before the last round."""
    n = min((n_rounds(cell, data, settings) for cell in cells if cell.strategy != FULL), default=settings.rounds)
    if n < settings.rounds:
        warnings.warn(
            f"{data.name}: the pool has {data.train.pool.n:,} texts, which are labelled after {n} of "
            f"{settings.rounds} rounds of {settings.k}; the curves end there.",
            AlpsWarning, stacklevel=2,
        )  # fmt: skip


def warn_of_rare_classes(cells: Sequence[Cell], data: DataSet, settings: Settings) -> None:
    """Warn where a strategy waits for more labelled texts of a class than the pool has, so that it never turns warm."""
    counts = Counter(data.train.labels.tolist())
    rarest = min(data.classes, key=lambda name: counts[name])
    for strategy in dict.fromkeys(cell.strategy for cell in cells if cell.strategy != FULL):
        plan = plan_of(strategy, budget=settings.k * settings.rounds, seed=0)
        if plan.warm is not None and plan.texts_per_class > counts[rarest]:
            warnings.warn(
                f"{data.name}: {strategy} waits for {plan.texts_per_class} texts of every class, and the pool has "
                f"{counts[rarest]} of '{for_terminal(rarest, 40)}': {plan.cold} will choose in every round.",
                AlpsWarning, stacklevel=2,
            )  # fmt: skip


def check_curves(curves: Iterable[Curve], grid: Grid, data: DataSet, run: Path) -> None:
    """
    Refuse a folder that holds cells of other settings, or of another data set of the same name.

    Raises
    ------
    AlpsError
        Says which setting.

    """
    of_data = _of_data(data)
    for curve in curves:
        is_ours = curve.cell.strategy in grid.strategies
        common = grid.settings.describe()
        if curve.cell.dataset == data.name:
            common |= of_data | (_of_prompt(curve.cell, grid.prompts.get(data.name)) if is_ours else {})
        _compare(curve, common, CurveFile(run, curve.cell).path, may_grow=not is_ours)


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
        Called with every round that is on the disk. A cell that another process computes is left to it.
    go_on
        Asked before a round is written; if not, the cell is left as it is.

    Raises
    ------
    AlpsError
        When the file holds rounds of other settings.

    """
    settings = describe(cell, bench)
    with file.alone() as is_mine:
        if not is_mine:
            return
        curve = file.read()
        if curve is not None:
            _compare(curve, settings, file.path)
        done = () if curve is None else curve.rounds
        if len(done) >= n_rounds(cell, bench.data, bench.settings):
            return
        file.begin(settings)
        for finished in _Work(cell, bench).rounds(done):
            if not go_on():
                return
            file.append(finished)
            told(cell, finished)


def describe(cell: Cell, bench: Bench) -> dict[str, Any]:
    """The settings of a cell as the results keep them, JSON-able."""
    return {
        **bench.settings.describe(),
        "first_strategy": cell.strategy if cell.strategy == FULL else first_strategy(cell.strategy),
        **_of_data(bench.data),
        **_of_prompt(cell, bench.prompt),
        "seconds_shared": bench.seconds_shared,
        "versions": versions(*_LIBRARIES),
    }


def _of_data(data: DataSet) -> dict[str, Any]:
    return {
        "sizes": data.sizes(),
        "shared_texts": data.shared_texts,
        "classes": list(data.classes),
        "source": data.source,
        "fingerprints": data.digests(),
        "label_digests": data.label_digests(),
    }


def _of_prompt(cell: Cell, prompt: DataSetPrompt | None) -> dict[str, Any]:
    rows = [] if cell.strategy == FULL else rows_in(cell.strategy)
    return asdict(prompt) if prompt is not None and any("label words" in row.needs for row in rows) else {}


def _compare(curve: Curve, settings: Mapping[str, Any], path: Path, *, may_grow: bool = False) -> None:
    """Refuse to go on with rounds that were computed otherwise; `may_grow` allows any number of them."""
    for name, value in settings.items():
        free = name in _MAY_CHANGE or (name in _LATER and name not in curve.settings)
        if name == "rounds" and curve.cell.strategy != FULL:
            free = may_grow or not depends_on_rounds(curve.cell.strategy)
        if not free and curve.settings.get(name) != value:
            was = str(curve.settings.get(name))[:60]
            raise AlpsError(
                f"{path} was computed with another {name} ({was}, not {str(value)[:60]}); name another --output-dir."
            )


class _Work:
    """The rounds of one cell."""

    def __init__(self, cell: Cell, bench: Bench) -> None:
        self.cell, self.bench, self.data = cell, bench, bench.data
        settings = bench.settings
        self.rows = [] if cell.strategy == FULL else rows_in(cell.strategy)
        plan = None if cell.strategy == FULL else plan_of(
            cell.strategy, budget=settings.k * settings.rounds, seed=cell.seed
        )  # fmt: skip
        self.learner = Learner(
            self.data.train.pool, plan or Plan("random", None, seed=cell.seed), labels=self.data.classes,
            resources=bench.resources, classifier=cell.classifier, recipe=settings.recipe, kmeans=settings.kmeans,
            evaluated_fraction=settings.evaluated_fraction, **({} if bench.prompt is None else vars(bench.prompt)),
        )  # fmt: skip

    def rounds(self, done: Sequence[Round]) -> Iterator[Round]:
        """The rounds that are not done yet, one at a time, each with its model trained and evaluated."""
        if self.cell.strategy == FULL:
            pool = self.data.train.pool
            self.learner.teach(dict(zip(pool.ids.to_pylist(), self.data.train.labels.tolist(), strict=True)))
            yield self.finished(1, None)
            return
        self.go_through(done)
        k, total = self.bench.settings.k, self.bench.settings.rounds
        rounds = active_learning(self.learner, self.gold, k, total, done=len(done))
        while (step := _without_notes(rounds)) is not None:
            yield self.finished(step.number, step.batch)

    def go_through(self, done: Sequence[Round]) -> None:
        """Bring the learner to where it stood after some rounds."""
        for each in done:
            self.learner.states.queried(each.picks)
            self.learner.teach(dict(zip(each.picks, each.labels, strict=True)))
            self.learner.weights |= dict(zip(each.picks, each.weights, strict=False))  # there are none, or all
            self.learner.bandit = None if each.bandit is None else Bandit(**each.bandit)
        self.learner.n_queries = len(done)

    def gold(self, batch: Selection) -> dict[str, str]:
        """The oracle: gold labels."""
        rows = np.searchsorted(self.data.train.pool.row_numbers, batch.indices)
        return dict(zip(batch.ids, self.data.train.labels[rows].tolist(), strict=True))

    def finished(self, number: int, batch: Selection | None) -> Round:
        """Train from the pre-trained weights, and evaluate; without a batch, the whole pool was labelled at once."""
        learner, clock = self.learner, Clock()
        trained = learner.train()
        clock.lap("train")
        scores = {
            name: evaluate(trained, part, self.bench.resources)
            for name, part in (("test", self.data.test), ("dev", self.data.dev))
            if part.pool.n
        }
        clock.lap("evaluate")
        choice = {} if batch is None else batch.summary["seconds"]
        weights = [] if batch is None or batch.weights is None else batch.weights.tolist()
        return Round(
            number=number,
            n_labelled=len(learner.states.labels),
            picks=[] if batch is None else batch.ids,
            labels=[] if batch is None else [*self.gold(batch).values()],
            scores={name: each.overall for name, each in scores.items()},
            per_class={name: each.per_class for name, each in scores.items()},
            seconds={name: choice.get(name, 0.0) for name in ("represent", "select")} | clock.seconds,
            shared=self.shared(),
            weights=weights if any(weight != 1.0 for weight in weights) else [],
            strategy=self.cell.strategy if batch is None else batch.summary["strategy"],
            bandit=None if learner.bandit is None else asdict(learner.bandit),
            pool_entropy=self.pool_entropy(trained),
            threads=self.bench.threads,
            jobs=self.bench.jobs,
            versions=versions(*_LIBRARIES),
            device=processor(resolve_device(self.bench.settings.device)),
            dtype=dtype_name(resolve_dtype(self.bench.settings.dtype)),
        )

    def pool_entropy(self, trained: Classifier) -> list[float]:
        """Of a classifier that was fine-tuned on the whole pool, which nobody will have again: how unsure it is."""
        if self.cell.strategy != FULL or self.cell.classifier == "probe":
            return []
        return [round(nats, 6) for nats in entropies(trained, self.data.train, self.bench.resources).tolist()]

    def shared(self) -> list[str]:
        """Parts of a round that other cells had paid for in whole or in part."""
        if not self.bench.settings.share:
            return []
        is_probe = self.cell.classifier == "probe"
        represent = any(
            row.representation is not None
            and "fine-tuned encoder" not in row.needs
            and ("classifier" not in row.needs or is_probe)
            for row in self.rows
        )
        return (["represent"] if represent else []) + (["train", "evaluate"] if is_probe else [])


def _without_notes(rounds: Iterator[Step]) -> Step | None:
    """The next round; what a selection tells of its pool, it would tell again in every round of every cell."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)
        return next(rounds, None)
