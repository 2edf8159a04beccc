"""
A learner: active learning step by step, with whoever answers the queries, in whatever order the answers come.

A cold strategy chooses until every class has been seen often enough; then a warm one does, through a classifier
trained on everything that is labelled, from the pre-trained weights each time.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from alps.base.atomic import atomic_file, explain_os_error
from alps.base.errors import AlpsError, AlpsWarning
from alps.base.notebook import table_html
from alps.base.streams import Stream
from alps.base.text_safety import for_terminal
from alps.classifiers.labelled import Answer
from alps.classifiers.text_classifier import TextClassifier
from alps.learning.bandit import Bandit, is_bandit, strategies_of
from alps.learning.plan import Plan
from alps.learning.states import States
from alps.models.classifier import Classifier
from alps.pool.identity import NO_ID_COLUMN
from alps.pool.labelled import Label, label_names
from alps.pool.read import read_pool
from alps.pool.rows import take_rows
from alps.pool.unite import unite
from alps.pool.write import write_table
from alps.representations.resources import Resources
from alps.selection import Selection, Task
from alps.selection.prepare import prepare
from alps.selection.task import gives_samples
from alps.strategies.mixture import is_chosen_at_once, needs_of, rows_of

POOL_FILE, STATE_FILE = "pool.parquet", "learner.json"


class Learner:
    """
    The state of one active-learning run.

    Parameters
    ----------
    texts
        What `alps.select` takes, or a `Pool`.
    plan
        Which strategy chooses when.
    labels
        The classes, where they are known beforehand.
    resources
        The models, where they are loaded; None loads those that the options name, for each query anew.
    options
        Further options of `alps.select`, such as `model` and `cache_dir`; give a `cache_dir`, so that texts are
        computed once and not in every round.

    Examples
    --------
    >>> learner = Learner(["rain in Rome", "sun in Rome", "a late goal", "the cup final"], Plan(cold="random"))
    >>> batch = learner.query(2)
    >>> learner.teach({batch.ids[0]: "weather"})
    >>> learner.skip([batch.ids[1]])
    >>> learner.counts()
    {'unlabelled': 2, 'pending': 0, 'labelled': 1, 'skipped': 1}

    """

    def __init__(
        self,
        texts: Any,
        plan: Plan | None = None,
        *,
        labels: Sequence[str] = (),
        resources: Resources | None = None,
        **options: Any,
    ) -> None:
        reading = {name: options.pop(name) for name in ("text_column", "id_column", "format") if name in options}
        self.pool = read_pool(texts, **reading)
        self.plan = plan or Plan()
        self.labels = tuple(labels)
        self.options = options
        self.resources = resources
        self.states = States()
        self.weights: dict[str, float] = {}  # id -> training weight, where a strategy gave one
        self.bandit: Bandit | None = None
        self.n_queries = 0
        self._at_once: dict[str, Selection] = {}  # strategy -> what it chose for all rounds
        self._trained: tuple[Any, Classifier] | None = None  # the last model, and what it was trained on

    def query(self, k: int) -> Selection:
        """
        Choose up to k unlabelled texts, which become pending.

        A strategy that chooses all texts at once hands out what it chose, k at a time; when that has run out, it
        chooses among the rest.

        Raises
        ------
        AlpsError
            When no text is unlabelled any more.

        """
        strategy = self.plan.strategy(self.states.class_counts(), self.labels)
        selection = None
        if is_bandit(strategy):
            selection = self._ask_bandit(strategy, k)
        elif is_chosen_at_once(strategy):
            selection = self._hand_out(strategy, k)
        selection = selection or self._task(strategy, k).run(strategy)
        for note in selection.summary["notes"]:
            warnings.warn(note, AlpsWarning, stacklevel=2)
        if selection.weights is not None:
            self.weights |= dict(zip(selection.ids, selection.weights.tolist(), strict=True))
        self.states.queried(selection.ids)
        self.n_queries += 1
        return selection

    def train(self) -> Classifier:
        """
        The model M_t: a classifier trained on everything that is labelled, from the pre-trained weights.

        It is kept until the labels change; a warm strategy then looks through it in the next query.

        Raises
        ------
        AlpsError
            When nothing is labelled.

        """
        return self._model(self._task(self.plan.cold, 1))

    def teach(self, labels: Mapping[str, Answer]) -> None:
        """
        Take in labels of some texts, by id: of a part of a batch, in any order, again, or of texts never queried.

        A text has one label, or, in the multi-label case, a collection of them, which may be empty.

        Raises
        ------
        AlpsError
            When an id is not in the pool, a label not among the classes that were set, or some texts have one label and
            some a collection.

        """
        self._check(labels)
        given: dict[str, Label] = {
            name: answer if isinstance(answer, str) else tuple(sorted(set(answer))) for name, answer in labels.items()
        }
        for name in {name for label in given.values() for name in label_names(label)}:
            if self.labels and name not in self.labels:
                listed = ", ".join(for_terminal(known, 40) for known in self.labels)
                raise AlpsError(f"There is no class '{for_terminal(name, 40)}'; the classes are: {listed}.")
        if len({isinstance(label, str) for label in {**self.states.labels, **given}.values()}) > 1:
            raise AlpsError(
                "Some texts have one label and some a collection of labels; give a collection for every text."
            )
        self.states.labelled(given)

    def skip(self, ids: Collection[str]) -> None:
        """Leave texts without a label and never query them again; errors as `teach` and `States.skip`."""
        self._check(ids)
        self.states.skip(ids)

    def release(self, ids: Collection[str]) -> None:
        """Make texts unlabelled again, whatever they are; errors as `teach`."""
        self._check(ids)
        self.states.release(ids)

    def add(self, texts: Any, **reading: Any) -> int:
        """
        Add texts to the pool; returns how many rows came. Labels and everything else stay.

        Raises
        ------
        AlpsError
            When ids of the new texts are there already, or the texts cannot be read.

        """
        new = read_pool(texts, **reading)
        column, given = self.pool.text_column, self.pool.id_column
        table = new.table.rename_columns(
            [column if name == new.text_column else name for name in new.table.schema.names]
        )
        if given is not None and given not in table.schema.names:
            table = table.append_column(given, new.ids)
        self.pool = read_pool(unite([self.pool.table, table]), text_column=column, id_column=given or NO_ID_COLUMN)
        self._at_once.clear()
        return new.n

    def set_labels(self, labels: Sequence[str]) -> None:
        """
        Name the classes, old and new.

        Raises
        ------
        AlpsError
            When a text has a label that would not be among them.

        """
        lost = sorted({*self.states.class_counts()} - {*labels}) if labels else []
        if lost:
            raise AlpsError(f"Texts are labelled '{for_terminal(lost[0], 40)}'; keep that class or release them first.")
        self.labels = tuple(labels)

    def counts(self) -> dict[str, int]:
        """How many texts are in each state."""
        states = self.states
        known = {"pending": len(states.pending), "labelled": len(states.labels), "skipped": len(states.skipped)}
        return {"unlabelled": self.pool.n - sum(known.values()), **known}

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        counts = self.states.class_counts()
        classes = list(dict.fromkeys([*self.labels, *counts]))
        states = ", ".join(f"{n} {state}" for state, n in self.counts().items())
        strategies = self.plan.cold if self.plan.warm is None else f"{self.plan.cold}, then {self.plan.warm}"
        caption = f"Learner on {self.pool.source} with {strategies}: {states}"
        return table_html(caption, ["class", "labelled"], [(name, counts[name]) for name in classes], len(classes))

    def n_left(self) -> int:
        """How many different texts a query can still return; exact copies of a taken text are taken too."""
        distinct = self.pool.distinct()
        return len(distinct.rows) - len(np.unique(distinct.group[self._rows(self.states.taken())]))

    def save(self, folder: str | Path, *, force: bool = False) -> None:
        """
        Write pool and state into a folder; `Learner.load` goes on from there.

        Raises
        ------
        AlpsError
            When the files exist and `force` is not set, or cannot be written.

        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explain_os_error(error, folder) from error
        write_table(self.pool.table, folder / POOL_FILE, force=force)
        state = {
            "text_column": self.pool.text_column,
            "id_column": self.pool.id_column,
            "plan": asdict(self.plan),
            "labels": list(self.labels),
            "n_queries": self.n_queries,
            "weights": self.weights,
            "bandit": None if self.bandit is None else asdict(self.bandit),
            "states": {name: value if name == "labels" else list(value) for name, value in vars(self.states).items()},
        }
        with atomic_file(folder / STATE_FILE, force=force) as temporary:
            temporary.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(folder: str | Path, **options: Any) -> Learner:
        """
        Read what `save` wrote; options as for a new learner.

        Raises
        ------
        AlpsError
            When there is nothing, or it is damaged.

        """
        folder = Path(folder)
        path = folder / STATE_FILE
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
            reading = {"text_column": state["text_column"], "id_column": state["id_column"] or NO_ID_COLUMN}
            pool = read_pool(folder / POOL_FILE, **reading)
            learner = Learner(pool, Plan(**state["plan"]), labels=state["labels"], **options)
            learner.n_queries = state["n_queries"]
            learner.weights = dict(state["weights"])
            learner.bandit = None if state["bandit"] is None else Bandit(**state["bandit"])
            states = state["states"]
            learner.states = States(
                {name: label if isinstance(label, str) else tuple(label) for name, label in states["labels"].items()},
                dict.fromkeys(states["pending"]),
                dict.fromkeys(states["skipped"]),
            )
        except FileNotFoundError as error:
            raise AlpsError(f"There is no learner in {folder}: {path.name} is missing.") from error
        except (KeyError, TypeError, ValueError) as error:
            raise AlpsError(f"{path} is not what a learner saved, or is damaged.") from error
        return learner

    def _task(self, strategy: str, k: int, *, whole_pool: bool = False) -> Task:
        """A query as a task, with M_{t-1} where the strategy looks through it."""
        is_warm = "classifier" in needs_of(strategy)
        labels, known = self._standing()
        n_classes = len(self.labels) if len(self.labels) > 1 else None
        options: dict[str, Any] = {"resources": self.resources, "n_classes": n_classes, **self.options}
        task = prepare(
            self.pool, k, strategies=[each.name for each in rows_of(strategy)],
            labels=None if whole_pool and not is_warm else labels, known=None if whole_pool else known,
            classes=self.labels, weights=self.weights, seed=self.plan.seed, **options,
        )  # fmt: skip
        return replace(task, trained=self._model(task)) if is_warm else task

    def _standing(self) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
        """The label of every row of the pool, or None, and which rows no query may return; copies alike."""
        distinct = self.pool.distinct()
        labels = self.states.labels
        label_of = np.full(len(distinct.rows), None, dtype=object)
        for name, text, label in zip(labels, distinct.group[self._rows(labels)], labels.values(), strict=True):
            if label_of[text] not in (None, label):
                raise AlpsError(
                    f"The text '{for_terminal(name, 40)}' and an exact copy of it are labelled differently; "
                    "give both the same label."
                )
            label_of[text] = label
        is_taken = np.zeros(len(distinct.rows), dtype=bool)
        is_taken[distinct.group[self._rows(self.states.taken())]] = True
        return label_of[distinct.group], is_taken[distinct.group]

    def _rows(self, ids: Collection[str]) -> npt.NDArray[np.int64]:
        """The rows of the pool that have some ids."""
        return np.asarray(pc.index_in(pa.array([*ids], pa.large_string()), value_set=self.pool.ids).to_numpy())

    def _model(self, task: Task) -> Classifier:
        """What a task trains, unless it was trained before."""
        basis = (dict(self.states.labels), dict(self.weights), self.labels, self.pool)
        if self._trained is None or self._trained[0] != basis:
            samples = any(map(gives_samples, self.plan.rows()))
            self._trained = (basis, task.train(samples=samples))
        return self._trained[1]

    def _ask_bandit(self, bandit: str, k: int) -> Selection:
        """The batch of the strategy that the bandit follows this time, after it has learnt from the last."""
        assert self.plan.budget is not None
        if self.bandit is None:
            self.bandit = Bandit(strategies_of(bandit), rounds=math.ceil(self.plan.budget / k))
        task = self._task(bandit, k)
        if self.bandit.advice:
            self.bandit.learn(self._right(task), self.pool.n)
        batches = [task.run(name) for name in self.bandit.strategies]
        stream = Stream(self.plan.seed, f"bandit/{self.n_queries}")
        return batches[self.bandit.follow([batch.ids for batch in batches], stream)]

    def _right(self, task: Task) -> list[str]:
        """Ids of the labelled texts that M_{t-1}, trained on them, predicts as they are labelled."""
        labels = self.states.labels
        trained = self._model(task)
        classifier = TextClassifier(task.classifier, trained, task.resources.with_classifier(trained))
        predicted = classifier.predict(take_rows(self.pool.texts, self._rows(labels)).to_pylist())
        guesses = [guess if isinstance(guess, str) else tuple(sorted(guess)) for guess in predicted]
        return [name for (name, label), guess in zip(labels.items(), guesses, strict=True) if label == guess]

    def _hand_out(self, strategy: str, k: int) -> Selection | None:
        """The next k of the texts chosen for all rounds; None when they have run out."""
        assert self.plan.budget is not None
        is_new = strategy not in self._at_once
        if is_new:  # from the whole pool, so that a learner that was loaded chooses the same
            self._at_once[strategy] = self._task(strategy, self.plan.budget, whole_pool=True).run(strategy)
        chosen, group = self._at_once[strategy], self.pool.distinct().group
        taken = group[self._rows(self.states.taken())]
        free = np.flatnonzero(~np.isin(group[self._rows(chosen.ids)], taken))
        if not len(free):
            return None
        batch = chosen.take(free[:k])
        return batch if is_new else replace(batch, summary={**batch.summary, "seconds": {}, "notes": []})

    def _check(self, ids: Collection[str]) -> None:
        other = next((name for name in ids if not isinstance(name, str)), None)
        if other is not None:
            raise AlpsError(f"The id {for_terminal(repr(other), 40)} is not a string; give ids as batches have them.")
        wanted = pa.array(list(ids), pa.large_string())
        unknown = wanted.filter(pc.invert(pc.is_in(wanted, value_set=self.pool.ids)))
        if len(unknown):
            shown = for_terminal(unknown[0].as_py(), 40)
            raise AlpsError(f"The pool has no text with the id '{shown}'; check the ids.")
