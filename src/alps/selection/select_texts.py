"""
`select`: from a pool to the texts worth labelling, through one strategy.

Data flows one way: pool -> representation -> selector -> queries. Everything is computed on distinct texts in the order
of their ids, so that the answer does not depend on the order of the pool.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alps.base.errors import AlpsWarning
from alps.base.progress import ProgressCallback, no_progress
from alps.models.batches import TOKENS_PER_BATCH
from alps.pool.exclude import excluded_rows
from alps.pool.labelled import labels_of
from alps.pool.read import read_pool
from alps.representations.prompting import TEMPLATE
from alps.selection.prepare import check_choice, prepare, resources_of, said_in_vain
from alps.selection.result import Selection
from alps.selection.task import Clock
from alps.strategies import DEFAULT_STRATEGY


def select(
    texts: Any,
    k: int = 100,
    *,
    strategy: str = DEFAULT_STRATEGY,
    model: str = "bundled",
    seed: int = 0,
    evaluated_fraction: float | None = None,
    masked: bool = False,
    max_length: int = 128,
    kmeans: str = "default",
    n_classes: int | None = None,
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
    sample: int | None = None,
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
        Share of the tokens whose surprisal is computed; None takes the strategy's own, which is the paper's 0.15, and
        1.0 for ``alps-tokens``.
    masked
        Whether the evaluated tokens are masked in the input.
    max_length
        Length limit in tokens, special tokens included.
    kmeans
        ``default``, ``paper`` or ``released``; see `alps.selectors.kmeans`.
    n_classes
        How many classes there will be, where it is known, for ``probcover``; None takes 10.
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
    sample
        Choose from so many texts, at least k and copies counted, drawn at random from those that may be chosen; all
        when None. Nothing is computed of the others, but of those that are labelled or excluded where a strategy looks
        at them.
    training_weights
        How much labelled texts count in training, by id, such as the `Selection.weights` of earlier batches; texts
        that are not named count as often as they occur.
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
    check_choice([strategy], k, seed, classifier, recipe, kmeans, n_classes, label_words, sample)
    resources = resources_of(
        model=model, device=device, dtype=dtype, max_length=max_length, pooling=pooling,
        tokens_per_batch=tokens_per_batch, cache_dir=cache_dir, progress=progress,
    )  # fmt: skip
    clock = Clock()
    pool = read_pool(
        texts, text_column=text_column, id_column=id_column, format=format, spool_folder=resources.cache_folder
    )
    labels = None
    if labelled is not None:
        labels = labels_of(pool, labelled, label_column=label_column, multi_label=multi_label)
    known = None if exclude is None else excluded_rows(pool, exclude)
    clock.lap("read")
    task = prepare(
        pool, k, strategies=[strategy], labels=labels, known=known, sample=sample, weights=training_weights,
        seed=seed, evaluated_fraction=evaluated_fraction, masked=masked, kmeans=kmeans, n_classes=n_classes,
        label_words=label_words, template=template, classifier=classifier, recipe=recipe, clock=clock,
        resources=resources,
    )  # fmt: skip
    selection = task.run(strategy)
    selection.summary["notes"] += said_in_vain(strategy, evaluated_fraction, masked=masked)
    for note in selection.summary["notes"]:
        warnings.warn(note, AlpsWarning, stacklevel=2)
    return selection
