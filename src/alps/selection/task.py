"""One choice of texts: what was read, and the strategy's functions put to it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.models.classifier import Classifier
from alps.pool.identity import digest_words
from alps.pool.labelled import label_names
from alps.pool.pool import Pool
from alps.pool.rows import take_rows
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.selection.result import Basis, Selection, joined
from alps.selectors.picks import Picks
from alps.selectors.prefix_order import prefix_order
from alps.strategies import Strategy, find_strategy
from alps.strategies.mixture import divide, parts_of
from alps.summary import notes, summarise
from alps.view import View, look_at

Function: TypeAlias = Callable[..., Any]


class Clock:
    """Seconds spent on each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Count the seconds since the last lap for a stage."""
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 3)
        self._last = now


@dataclass(frozen=True)
class Task:
    """What one call of `select`, or one round of a simulation, has read, and how it is to choose."""

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
    weights: Mapping[str, float] = field(default_factory=dict)  # id -> training weight of labelled texts, if not 1

    def run(self, strategy: str) -> Selection:
        """The texts that a strategy or a mixture chooses, by draws of their own after every batch."""
        parts = parts_of(strategy)
        task = replace(self, stream=self.stream.at(_turn(self.pool, self.known)))
        return task.choose(find_strategy(parts[0][0])) if len(parts) == 1 else task.mix(strategy)

    def choose(self, row: Strategy) -> Selection:
        """The texts that one strategy chooses."""
        represent, choose = _functions(row)
        options = {**_taken(represent, self.options), **row.representation_options}
        selector_options = {**_taken(choose, self.options), **row.selector_options}
        pool, stream, resources = self.pool, self.stream, self.resources
        has_label = self.labels != None  # noqa: E711 - element by element
        view = look_at(pool, self.known, has_label, keep_known=row.uses_labelled)
        if "classifier" in row.needs:
            resources = self._with_classifier(samples=options.get("samples", False))
            self.clock.lap("train")
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
            **_label_counts(self.labels),
            **resources.describe(),
            **({"gives_weights": True} if row.gives_weights else {}),
            "seconds": self.clock.seconds,
        }
        summary["notes"] = notes(summary, self.k)
        return Selection.of(Basis(pool, view, features, picks, row, resources, stream, options), summary)

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
        summary["parts"] = {part.summary["strategy"]: len(part) for part in chosen}
        summary["notes"] = notes(summary, self.k)
        return joined(chosen, np.argsort(place, kind="stable"), summary)

    def _with_classifier(self, *, samples: bool) -> Resources:
        if self.trained is not None:
            return self.resources.with_classifier(self.trained)
        examples = _examples(self.pool, self.labels, self.weights)
        stream = self.stream.steady().child("train")
        trained = train(self.classifier, self.recipe, examples, self.resources, stream, samples=samples)
        return self.resources.with_classifier(trained)


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


def _taken(function: Function | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some options that a function has parameters for."""
    parameters = {} if function is None else signature(function).parameters
    return {name: value for name, value in options.items() if name in parameters}


def _label_counts(labels: npt.NDArray[np.object_]) -> dict[str, Any]:
    """How many texts have each label, copies counted; nothing where none has one."""
    known = [each for label in labels.tolist() if label is not None for each in label_names(label)]
    return {"texts_labelled": dict(sorted(Counter(known).items()))} if known else {}


def _examples(pool: Pool, labels: npt.NDArray[np.object_], weights: Mapping[str, float]) -> Labelled:
    """What the acquisition model learns from: all labelled texts, each as often as it occurs times its weight."""
    distinct = pool.distinct()
    known = np.flatnonzero(labels[distinct.rows] != None)  # noqa: E711 - element by element
    rows = distinct.rows[known]
    own = np.array([weights.get(name, 1.0) for name in take_rows(pool.ids, rows).to_pylist()])
    return Labelled.of(Texts.of(pool, rows), labels[rows].tolist(), weights=distinct.copies[known] * own)


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
