"""
`select`: from a pool to the texts worth labelling, through one strategy.

Data flows one way: pool -> representation -> selector -> queries. Everything is computed on distinct texts in the order
of their ids, so that the answer does not depend on the order of the pool.
"""

from __future__ import annotations

import operator
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import scipy.sparse as sp

from alps.base.errors import AlpsError, AlpsWarning, require
from alps.base.progress import ProgressCallback, no_progress
from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import check_classifier, train
from alps.models.batches import TOKENS_PER_BATCH
from alps.models.classifier import Classifier
from alps.pool.exclude import excluded_rows
from alps.pool.labelled import labels_of
from alps.pool.pool import Pool
from alps.pool.read import read_pool
from alps.pool.rows import take_rows
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.representations.prompting import TEMPLATE
from alps.representations.resources import Resources
from alps.selectors.kmeans import check_preset
from alps.selectors.picks import Picks
from alps.selectors.prefix_order import prefix_order
from alps.strategies import Strategy, find_strategy
from alps.strategies.mixture import divide, parts_of
from alps.summary import notes, summarise
from alps.view import View, look_at

if TYPE_CHECKING:
    import pandas as pd

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Basis:
    """
    What a selection was made from, for those who explain it.

    Attributes
    ----------
    pool, view
        All texts, and the m distinct ones that were looked at.
    features
        Of those m texts.
    picks
        The chosen rows of the features, in the order of the selection.
    strategy
        The row of the table of strategies.
    resources
        The models, loaded when first needed.
    stream
        The seed of the selection.
    options
        What the representation was told.

    """

    pool: Pool
    view: View
    features: Features
    picks: Picks
    strategy: Strategy
    resources: Resources
    stream: Stream
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Selection:
    """
    The texts to label, in an order of which every prefix is a good batch.

    Attributes
    ----------
    indices
        Positions of the texts in the input as it was given, int64 (k,).
    ids
        Their ids.
    texts
        The texts.
    cluster_sizes
        How many texts of the pool each stands for, int64 (k,); None where the strategy has no clusters.
    distances
        Euclidean distance to the cluster centre, float32 (k,); None where there are no centres.
    surprisal
        Mean surprisal over the evaluated tokens in nats, float32 (k,), NaN where none was evaluated; None where the
        strategy does not look at surprisal.
    columns
        Every original column of the texts.
    summary
        What was read, left out and computed, with what settings and versions: JSON-able.
    basis
        What it was made from, models included; a pickle or a copy goes without, and has None.

    """

    indices: npt.NDArray[np.int64]
    ids: list[str]
    texts: list[str]
    cluster_sizes: npt.NDArray[np.int64] | None
    distances: npt.NDArray[np.float32] | None
    surprisal: npt.NDArray[np.float32] | None
    columns: pa.Table
    summary: dict[str, Any]
    basis: Basis | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "basis": None}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def weights(self) -> npt.NDArray[np.float64] | None:
        """
        How much each text counts in training, of mean 1, float64 (k,); None where the strategy gives no weights.

        They are the cluster sizes, so that a text stands for its cluster and the batch for the pool; what takes them
        is `train_classifier` and, by itself, a `Learner`.
        """
        if not self.summary.get("gives_weights") or self.cluster_sizes is None:
            return None
        sizes = np.maximum(self.cluster_sizes, 1).astype(np.float64)
        return np.asarray(sizes / sizes.mean())

    def take(self, rows: npt.NDArray[np.int64]) -> Selection:
        """Some of the texts, in that order, with what is known of each; the summary stays that of the whole choice."""
        return Selection(
            indices=self.indices[rows],
            ids=_in_order(self.ids, rows),
            texts=_in_order(self.texts, rows),
            cluster_sizes=None if self.cluster_sizes is None else self.cluster_sizes[rows],
            distances=None if self.distances is None else self.distances[rows],
            surprisal=None if self.surprisal is None else self.surprisal[rows],
            columns=self.columns.take(rows),
            summary=self.summary,
        )

    def to_table(self) -> pa.Table:
        """
        Rank, id, text, what is known of the pick, and every original column, as an Arrow table of k rows.

        The columns of texts and ids are not repeated where they are called ``text`` and ``id``; any other original
        column of a name that is taken keeps its values under ``input_`` and that name.
        """
        empty = pa.nulls(len(self))
        table = pa.table(
            {
                "rank": pa.array(np.arange(1, len(self) + 1)),
                "id": pa.array(self.ids, pa.string()),
                "text": pa.array(self.texts, pa.large_string()),
                "cluster_size": empty if self.cluster_sizes is None else pa.array(self.cluster_sizes),
                "distance_to_centre": empty if self.distances is None else pa.array(self.distances),
                "mean_surprisal": empty if self.surprisal is None else pa.array(self.surprisal, from_pandas=True),
            }
        )
        repeated = {"text": self.summary["text_column"], "id": self.summary["id_column"]}
        for name, column in zip(self.columns.column_names, self.columns.columns, strict=True):
            if repeated.get(name) == name:
                continue
            while name in table.column_names:
                name = f"input_{name}"
            table = table.append_column(name, column)
        return table

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas data frame; needs the extra ``pandas``."""
        require("pandas", "pandas")
        frame: pd.DataFrame = self.to_table().to_pandas()
        return frame


def select(
    texts: Any,
    k: int = 100,
    *,
    strategy: str = "alps",
    model: str = "bundled",
    seed: int = 0,
    evaluated_fraction: float = 0.15,
    masked: bool = False,
    max_length: int = 128,
    kmeans: str = "default",
    label_words: Mapping[str, Sequence[str]] | None = None,
    template: str = TEMPLATE,
    pooling: str = "auto",
    device: str = "auto",
    dtype: str = "auto",
    tokens_per_batch: int = TOKENS_PER_BATCH,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    exclude: Any = None,
    labelled: Any = None,
    label_column: str | None = None,
    training_weights: Mapping[str, float] | None = None,
    classifier: str = "probe",
    recipe: str = "stable",
    cache_dir: str | Path | None = None,
    progress: ProgressCallback = no_progress,
) -> Selection:
    """
    Choose the k texts of a pool that are worth labelling first.

    Parameters
    ----------
    texts
        A list of texts, a path, a data frame, a `datasets.Dataset`, an Arrow table, or a `Pool`.
    k
        How many; where fewer distinct texts remain, all of them are returned with a warning.
    strategy
        A row of the table of strategies: ``alps``, ``alps-kmeans++``, ``bert-km``, ``random``, ...; or a mixture such
        as ``margin:3,random:1``, whose parts share the batch.
    model
        ``bundled``, a folder, or a Hugging Face hub id.
    seed
        Decides every random draw.
    evaluated_fraction
        Share of the tokens whose surprisal is computed (paper: 0.15).
    masked
        Whether the evaluated tokens are masked in the input.
    max_length
        Length limit in tokens, special tokens included.
    kmeans
        ``default``, ``paper`` or ``released``; see `alps.selectors.kmeans`.
    label_words, template
        What ``patron`` asks the masked language model: class -> words that say it, and what follows a text; see
        `alps.representations.prompting`.
    pooling
        How an encoder makes one vector of a text: ``auto``, ``cls``, ``mean`` or ``pooler``.
    device, dtype, tokens_per_batch
        Where, in which type and how many tokens at a time the model computes.
    text_column, id_column, format
        Where the texts and ids are, and the format of a file, where it is not plain; id_column ``"none"`` ignores
        a column ``id``.
    exclude
        Texts that are not to be chosen, by id or text: anything that `texts` can be but a `Pool`.
    labelled, label_column
        Texts of the pool with their labels, by id or text, and the column that holds the labels: what warm strategies
        train their classifier on. They are not chosen either.
    training_weights
        How much labelled texts count in training, by id, such as the `Selection.weights` of earlier batches; texts
        that are not named count 1.
    classifier, recipe
        What warm strategies train on them: ``probe`` or ``finetune``, and the recipe of the latter; see
        `alps.train_classifier`.
    cache_dir
        Where computed values are kept; None keeps nothing.
    progress
        Told how far the work has come.

    Returns
    -------
    Selection

    Raises
    ------
    AlpsError
        For any mistake in what was passed, in one sentence.

    Examples
    --------
    >>> import alps
    >>> selection = alps.select(["good film", "bad film", "a film about Rome", "rain in Rome"], k=2, seed=1)
    >>> len(selection)
    2
    >>> selection.to_table().column_names
    ['rank', 'id', 'text', 'cluster_size', 'distance_to_centre', 'mean_surprisal']

    """
    k, seed = _whole_number("k", k), _whole_number("seed", seed)
    if k < 1:
        raise AlpsError(f"k is {k}; ask for at least 1 text.")
    if tokens_per_batch < 1:
        raise AlpsError(f"tokens_per_batch is {tokens_per_batch}; allow at least 1 token.")
    check_classifier(classifier, recipe)
    rows = [find_strategy(name) for name, _ in parts_of(strategy)]
    for row in rows:
        if "fine-tuned encoder" in row.needs and classifier != "finetune":
            raise AlpsError(f"The strategy {row.name} looks through a fine-tuned encoder; add --classifier finetune.")
        if "label words" in row.needs and not label_words:
            raise AlpsError(
                f"The strategy {row.name} asks the language model for words that say the classes; give some of each "
                "(--label-words positive=great,good --label-words negative=bad)."
            )
    check_preset(kmeans)
    folder = None if cache_dir is None else Path(cache_dir)
    pool = texts
    clock = Clock()
    if not isinstance(pool, Pool):
        pool = read_pool(texts, text_column=text_column, id_column=id_column, format=format, spool_folder=folder)
    labels = _labels(rows, pool, labelled, label_column)
    known = labels != None  # noqa: E711 - element by element
    if exclude is not None:
        known |= excluded_rows(pool, exclude)
    clock.lap("read")
    resources = Resources(
        model,
        device=device,
        dtype=dtype,
        max_length=max_length,
        pooling=pooling,
        tokens_per_batch=tokens_per_batch,
        cache_folder=folder,
        progress=progress,
    )
    options = {
        "evaluated_fraction": evaluated_fraction,
        "masked": masked,
        "preset": kmeans,
        "label_words": {label: list(words) for label, words in (label_words or {}).items()},
        "template": template,
    }
    task = Task(
        pool, labels, known, k, Stream(seed), resources, classifier, recipe, options, clock,
        weights=training_weights or {},
    )  # fmt: skip
    selection = task.run(strategy)
    for note in selection.summary["notes"]:
        warnings.warn(note, AlpsWarning, stacklevel=2)
    return selection


@dataclass(frozen=True)
class Task:
    """What one call of `select`, or one round of a simulation, has read, and how it is to choose."""

    pool: Pool
    labels: npt.NDArray[np.object_]
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
        """The texts that a strategy or a mixture chooses."""
        parts = parts_of(strategy)
        return self.choose(find_strategy(parts[0][0])) if len(parts) == 1 else self.mix(strategy)

    def choose(self, row: Strategy) -> Selection:
        """The texts that one strategy chooses."""
        represent, choose = _functions(row)
        options = {**_taken(represent, self.options), **row.representation_options}
        selector_options = {**_taken(choose, self.options), **row.selector_options}
        pool, stream, resources = self.pool, self.stream, self.resources
        view = look_at(pool, self.known, keep_labelled=row.uses_labelled)
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
        return _selection(Basis(pool, view, features, picks, row, resources, stream, options), summary)

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
        return _joined(chosen, np.argsort(place, kind="stable"), summary)

    def _with_classifier(self, *, samples: bool) -> Resources:
        if self.trained is not None:
            return self.resources.with_classifier(self.trained)
        examples = _examples(self.pool, self.labels, self.weights)
        stream = self.stream.child("train")
        trained = train(self.classifier, self.recipe, examples, self.resources, stream, samples=samples)
        return self.resources.with_classifier(trained)


def _whole_number(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError as error:
        raise AlpsError(f"{name} is {value!r}, not a whole number; give one.") from error


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


def _functions(row: Strategy) -> tuple[Function | None, Function]:
    """The strategy's functions ``represent`` and ``select``."""
    represent = None if row.representation is None else _module("representations", row.representation).represent
    return represent, _module("selectors", row.selector).select


def _taken(function: Function | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some options that a function has parameters for."""
    parameters = {} if function is None else signature(function).parameters
    return {name: value for name, value in options.items() if name in parameters}


def _labels(rows: list[Strategy], pool: Pool, labelled: Any, label_column: str | None) -> npt.NDArray[np.object_]:
    """The label of every row of the pool, or None, (n,)."""
    if labelled is not None:
        return labels_of(pool, labelled, label_column=label_column)
    for row in rows:
        if "classifier" in row.needs:
            raise AlpsError(
                f"The strategy {row.name} looks through a trained classifier; give texts with labels (--labelled FILE)."
            )
    return np.full(pool.n, None, dtype=object)


def _label_counts(labels: npt.NDArray[np.object_]) -> dict[str, Any]:
    """How many texts have each label, copies counted; nothing where none has one."""
    known = [label for label in labels.tolist() if label is not None]
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
    if represent is None:
        return Features(sp.csr_array((len(view.rows), 0), dtype=np.float32), view.copies)
    features: Features = represent(Texts.of(pool, view.rows), view.copies, resources, stream, **options)
    return features


def _pick(
    row: Strategy, choose: Function, features: Features, view: View, k: int, stream: Stream, options: dict[str, Any]
) -> Picks:
    picks: Picks = choose(features, view.candidates, view.labelled, k, stream.child(row.selector), **options)
    if not len(picks.rows) == len(np.intersect1d(picks.rows, view.candidates)) == k:
        raise AlpsError(f"The selector {row.selector} did not give {k} different candidates; mend that package.")
    if row.keeps_order:
        return picks
    return picks.reordered(prefix_order(features, view.candidates, picks.rows, stream.child("order")))


def _selection(basis: Basis, summary: dict[str, Any]) -> Selection:
    pool, picks = basis.pool, basis.picks
    rows = basis.view.rows[picks.rows]
    surprisal = basis.features.facts.get("surprisal")
    return Selection(
        indices=pool.row_numbers[rows],
        ids=take_rows(pool.ids, rows).to_pylist(),
        texts=take_rows(pool.texts, rows).to_pylist(),
        cluster_sizes=picks.cluster_sizes,
        distances=picks.distances,
        surprisal=None if surprisal is None else surprisal[picks.rows],
        columns=pool.take(rows),
        summary=summary,
        basis=basis,
    )


def _joined(parts: list[Selection], order: npt.NDArray[np.int64], summary: dict[str, Any]) -> Selection:
    """Several selections of one pool in one order, without what belongs to the clusters of one of them."""
    surprisal = [part.surprisal for part in parts if part.surprisal is not None]
    return Selection(
        indices=np.concatenate([part.indices for part in parts])[order],
        ids=_in_order([name for part in parts for name in part.ids], order),
        texts=_in_order([text for part in parts for text in part.texts], order),
        cluster_sizes=None,
        distances=None,
        surprisal=np.concatenate(surprisal)[order] if len(surprisal) == len(parts) else None,
        columns=pa.concat_tables([part.columns for part in parts]).take(order),
        summary=summary,
    )


def _in_order(values: list[str], order: npt.NDArray[np.int64]) -> list[str]:
    return [values[i] for i in order.tolist()]


def _module(package: str, name: str) -> Any:
    """A module of ours by its short name, or one of another package by its full name."""
    ours = f"alps.{package}.{name}"
    try:
        return import_module(name if "." in name or find_spec(ours) is None else ours)
    except ImportError as error:
        raise AlpsError(f"The module {name} of a strategy cannot be loaded ({error}); mend that package.") from error
