"""One choice of texts: what was read, and the strategy's functions put to it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.models.classifier import Classifier
from alps.pool.identity import digest_words
from alps.pool.labelled import label_names
from alps.pool.pool import Pool
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.selection.result import Basis, Selection, joined
from alps.selectors.picks import Picks
from alps.selectors.prefix_order import prefix_order
from alps.strategies import Strategy, find_strategy
from alps.strategies.mixture import divide, parts_of, rows_of
from alps.summary import notes, summarise
from alps.view import View, look_at

Function: TypeAlias = Callable[..., Any]


class Clock:
    """Seconds spent on each stage, and how many classifiers were trained."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.trainings = 0
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Count the seconds since the last lap for a stage."""
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 3)
        self._last = now


@dataclass(frozen=True)
class Task:
    """What one call of `select`, or one query of a learner, has read, and how it is to choose."""

    pool: Pool
    labels: npt.NDArray[np.object_]  # of every row of the pool: see `alps.pool.labelled.labels_of`
    known: npt.NDArray[np.bool_]  # rows of the pool that are labelled or excluded
    k: int
    stream: Stream
    resources: Resources
    classifier: str
    recipe: str
    options: Mapping[str, Any]
    clock: Clock
    trained: Classifier | None = None  # M_{t-1}, where the caller has it; else it is trained when needed
    weights: Mapping[str, float] = field(default_factory=dict)  # id -> training weight of labelled texts that have one
    classes: tuple[str, ...] = ()  # that may have no labelled text yet
    sampled_from: int | None = None  # texts, copies counted, of which those of the pool that are not known are a sample

    def run(self, strategy: str) -> Selection:
        """The texts that a strategy or a mixture chooses, by draws of their own after every batch."""
        parts = parts_of(strategy)
        task = replace(self.ready([strategy]), stream=self.stream.at(_turn(self.pool, self.known)))
        return task.choose(find_strategy(parts[0][0])) if len(parts) == 1 else task.mix(strategy)

    def ready(self, strategies: Sequence[str]) -> Task:
        """The same task with M_{t-1}, trained once for all of some strategies, where any looks through it."""
        rows = [row for each in strategies for row in rows_of(each)]
        if self.trained is not None or not any("classifier" in row.needs for row in rows):
            return self
        return replace(self, trained=self.train(samples=any(map(gives_samples, rows))))

    def train(self, *, samples: bool) -> Classifier:
        """The classifier that the labels give, from the pre-trained weights."""
        examples = _examples(self.pool, self.labels, self.weights, self.classes)
        stream = self.stream.steady().child("train")
        trained = train(self.classifier, self.recipe, examples, self.resources, stream, samples=samples)
        self.clock.trainings += 1
        self.clock.lap("train")
        return trained

    def choose(self, row: Strategy) -> Selection:
        """The texts that one strategy chooses; the task is `ready`."""
        represent, choose = _functions(row)
        options = _effective(represent, self.options, row.representation_defaults, row.representation_options)
        selector_options = _effective(choose, self.options, {}, row.selector_options)
        pool, stream, resources = self.pool, self.stream, self.resources
        has_label = self.labels != None  # noqa: E711 - element by element
        view = look_at(pool, self.known, has_label, keep_known=row.uses_labelled)
        if "classifier" in row.needs:
            assert self.trained is not None
            resources = resources.with_classifier(self.trained)
        features = _represent(represent, pool, view, resources, stream, options)
        self.clock.lap("represent")
        picks = _pick(row, choose, features, view, min(self.k, len(view.candidates)), stream, selector_options)
        self.clock.lap("select")
        summary = {
            "strategy": row.name,
            "k": len(picks.rows),
            "seed": stream.seed,
            **options,
            **{f"{row.selector}_{name}": value for name, value in selector_options.items()},
            **summarise(pool, features, view.candidates, view.n_excluded),
            **({} if self.sampled_from is None else {"texts_sampled_from": self.sampled_from}),
            **_label_counts(self.labels),
            **resources.describe(),
            **({"gives_weights": True} if row.gives_weights else {}),
            **({"classifiers_trained": self.clock.trainings} if self.clock.trainings else {}),
            "seconds": self.clock.seconds,
        }
        summary["notes"] = notes(summary, self.k) + self._notes_on_labels(row.name)
        return Selection.of(Basis(pool, view, features, picks, row, resources, stream, options), summary)

    def embed(self, strategy: str, rows: npt.NDArray[np.int64]) -> None:
        """Have what a cold strategy or mixture looks at in the store, of some distinct rows of the pool."""
        for row in rows_of(strategy):
            represent, _ = _functions(row)
            if represent is not None:
                options = _effective(represent, self.options, row.representation_defaults, row.representation_options)
                copies = np.ones(len(rows), dtype=np.int64)
                represent(Texts.of(self.pool, rows), copies, self.resources, self.stream, **options)

    def mix(self, mixture: str) -> Selection:
        """
        The texts that several strategies choose, one after another: each leaves out what the others have chosen.

        The order goes round: every prefix has about the parts' shares.
        """
        parts = parts_of(mixture)
        known = self.known
        chosen: list[Selection] = []
        group = self.pool.distinct().group
        for (name, _), n in zip(parts, divide(self.k, [share for _, share in parts]), strict=True):
            if not n or (chosen and known.all()):
                continue
            part = replace(self, known=known, k=n).choose(find_strategy(name))
            chosen.append(part)
            known = known | np.isin(group, group[np.isin(self.pool.row_numbers, part.indices)])
        place = np.concatenate([(np.arange(len(part)) + 0.5) / len(part) for part in chosen])
        summary = {**chosen[0].summary, "strategy": mixture, "k": len(place)}
        summary.pop("gives_weights", None)  # the others have none
        summary["parts"] = {part.summary["strategy"]: len(part) for part in chosen}
        summary["notes"] = notes(summary, self.k) + self._notes_on_labels(mixture)
        return joined(chosen, np.argsort(place, kind="stable"), summary)

    def _notes_on_labels(self, strategy: str) -> list[str]:
        """What is to be said when a strategy looks through a classifier that knows of one class only."""
        warm = [row.name for row in rows_of(strategy) if "classifier" in row.needs]
        if not warm or len({label for label in self.labels.tolist() if label is not None}) != 1:
            return []
        return [
            "All labelled texts have the same label: a classifier cannot tell classes apart yet, and "
            f"{warm[0]} takes the first texts. Label texts of another class, or choose a strategy that needs no label, "
            "such as stratified."
        ]


def gives_samples(row: Strategy) -> bool:
    """Whether a strategy looks at classifiers drawn from their posterior."""
    return bool(row.representation_options.get("samples"))


def _turn(pool: Pool, known: npt.NDArray[np.bool_]) -> int:
    """What tells a choice from those before it: a digest of the texts that are known, 0 where none is."""
    if not known.any():
        return 0
    texts = np.unique(digest_words(pool.digests.filter(pa.array(known))), axis=0)
    return int.from_bytes(blake2b(texts.astype(">u8").tobytes(), digest_size=8).digest(), "big")


def _functions(row: Strategy) -> tuple[Function | None, Function]:
    """The strategy's functions ``represent`` and ``select``."""
    represent = None if row.representation is None else _module("representations", row.representation).represent
    return represent, _module("selectors", row.selector).select


def _effective(
    function: Function | None, said: Mapping[str, Any], defaults: Mapping[str, Any], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """
    The options that a function is called with.

    A row's own ones go before what is said, which goes before the row's defaults and the function's; None says nothing.
    """
    parameters = {} if function is None else signature(function).parameters
    taken = {name: value for name, value in said.items() if name in parameters}
    usual = {name: parameters[name].default for name in taken}
    return {**usual, **defaults, **{name: value for name, value in taken.items() if value is not None}, **fixed}


def _label_counts(labels: npt.NDArray[np.object_]) -> dict[str, Any]:
    """How many texts have each label, copies counted; nothing where none has one."""
    known = [each for label in labels.tolist() if label is not None for each in label_names(label)]
    return {"texts_labelled": dict(sorted(Counter(known).items()))} if known else {}


def _examples(
    pool: Pool, labels: npt.NDArray[np.object_], weights: Mapping[str, float], classes: Sequence[str]
) -> Labelled:
    """
    What the acquisition model learns from: all labelled texts, each as often as it occurs.

    A weight of its own takes the place of that: the size of the cluster it stands for has its copies already.
    """
    distinct = pool.distinct()
    known = np.flatnonzero(labels[distinct.rows] != None)  # noqa: E711 - element by element
    rows = distinct.rows[known]
    counts = distinct.copies.astype(np.float64)
    if weights:
        places = pc.index_in(pa.array([*weights], pa.large_string()), value_set=pool.ids)
        found = np.flatnonzero(places.is_valid().to_numpy(zero_copy_only=False))
        counts[distinct.group[places.drop_null().to_numpy()]] = np.array([*weights.values()])[found]
    return Labelled.of(Texts.of(pool, rows), labels[rows].tolist(), classes=classes, weights=counts[known])


def _represent(
    represent: Function | None, pool: Pool, view: View, resources: Resources, stream: Stream, options: dict[str, Any]
) -> Features:
    texts = Texts.of(pool, view.rows)
    if represent is None:
        features = Features(sp.csr_array((texts.n, 0), dtype=np.float32), view.copies)
    else:
        features = represent(texts, view.copies, resources, stream, **options)
    return replace(features, facts={**features.facts, "key": texts.keys})


def _pick(
    row: Strategy, choose: Function, features: Features, view: View, k: int, stream: Stream, options: dict[str, Any]
) -> Picks:
    before = view.labelled if row.needs_labels else view.known
    picks: Picks = choose(features, view.candidates, before, k, stream.child(row.selector), **options)
    if not len(picks.rows) == len(np.intersect1d(picks.rows, view.candidates)) == k:
        raise AlpsError(f"The selector {row.selector} did not give {k} different candidates; mend that package.")
    if row.keeps_order:
        return picks
    return picks.reordered(prefix_order(features, view.candidates, picks.rows, stream.child("order")))


def _module(package: str, name: str) -> Any:
    """A module of ours by its short name, or one of another package by its full name."""
    ours = f"alps.{package}.{name}"
    try:
        return import_module(name if "." in name or find_spec(ours) is None else ours)
    except ImportError as error:
        raise AlpsError(f"The module {name} of a strategy cannot be loaded ({error}); mend that package.") from error
