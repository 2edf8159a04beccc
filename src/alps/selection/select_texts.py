"""
`select`: from a pool to the texts worth labelling, through one strategy.

Data flows one way: pool -> representation -> selector -> queries. Everything is computed on distinct texts in the order
of their ids, so that the answer does not depend on the order of the pool.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError, AlpsWarning
from alps.base.progress import ProgressCallback, no_progress
from alps.base.streams import Stream
from alps.classifiers.train import check_classifier
from alps.models.batches import TOKENS_PER_BATCH
from alps.pool.exclude import excluded_rows
from alps.pool.labelled import labels_of
from alps.pool.pool import Pool
from alps.pool.read import read_pool
from alps.representations.prompting import TEMPLATE
from alps.representations.resources import Resources
from alps.selection.result import Selection
from alps.selection.task import Clock, Task
from alps.selectors.kmeans import check_preset
from alps.strategies import Strategy, find_strategy
from alps.strategies.mixture import parts_of


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
    multi_label: bool = False,
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
    multi_label
        Whether a text may have several labels: its field then holds them with ``;`` between. A column of lists says so
        by itself.
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
    _check_needs(rows, classifier, label_words)
    check_preset(kmeans)
    folder = None if cache_dir is None else Path(cache_dir)
    pool = texts
    clock = Clock()
    if not isinstance(pool, Pool):
        pool = read_pool(texts, text_column=text_column, id_column=id_column, format=format, spool_folder=folder)
    labels = _labels(rows, pool, labelled, label_column, multi_label=multi_label)
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


def _whole_number(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError as error:
        raise AlpsError(f"{name} is {value!r}, not a whole number; give one.") from error


def _labels(
    rows: list[Strategy], pool: Pool, labelled: Any, label_column: str | None, *, multi_label: bool
) -> npt.NDArray[np.object_]:
    """The label of every row of the pool, or its labels, or None, (n,)."""
    if labelled is not None:
        labels = labels_of(pool, labelled, label_column=label_column, multi_label=multi_label)
        several = any(isinstance(label, tuple) for label in labels.tolist())
        for row in rows:
            if several and not row.multi_label:
                raise AlpsError(f"The strategy {row.name} is for one label a text; choose another, such as entropy.")
        return labels
    for row in rows:
        if "classifier" in row.needs:
            raise AlpsError(
                f"The strategy {row.name} looks through a trained classifier; give texts with labels (--labelled FILE)."
            )
    return np.full(pool.n, None, dtype=object)


def _check_needs(rows: list[Strategy], classifier: str, label_words: Any) -> None:
    """Refuse a strategy that needs what is not given, before anything is read."""
    for row in rows:
        if "fine-tuned encoder" in row.needs and classifier != "finetune":
            raise AlpsError(f"The strategy {row.name} looks through a fine-tuned encoder; add --classifier finetune.")
        if "label words" in row.needs and not label_words:
            raise AlpsError(
                f"The strategy {row.name} asks the language model for words that say the classes; give some of each "
                "(--label-words positive=great,good --label-words negative=bad)."
            )
