"""From what is asked for to a `Task`: checks first, then models that are loaded when they are needed."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.base.progress import ProgressCallback, no_progress
from alps.base.streams import Stream
from alps.classifiers.train import check_classifier
from alps.models.batches import TOKENS_PER_BATCH
from alps.pool.pool import Pool, sample_size
from alps.representations.prompting import TEMPLATE
from alps.representations.resources import Resources
from alps.selection.task import Clock, Task
from alps.selectors.kmeans import check_preset
from alps.strategies import Strategy, find_strategy
from alps.strategies.mixture import parts_of, rows_of


def prepare(
    pool: Pool,
    k: int,
    *,
    strategies: Sequence[str],
    labels: npt.NDArray[np.object_] | None = None,
    known: npt.NDArray[np.bool_] | None = None,
    sample: int | None = None,
    classes: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    evaluated_fraction: float | None = None,
    masked: bool = False,
    kmeans: str = "default",
    n_classes: int | None = None,
    label_words: Mapping[str, Sequence[str]] | None = None,
    template: str = TEMPLATE,
    classifier: str = "probe",
    recipe: str = "stable",
    clock: Clock | None = None,
    resources: Resources | None = None,
    **models: Any,
) -> Task:
    """
    A task that any of some strategies can be put to.

    Parameters
    ----------
    pool
        All texts.
    strategies
        Strategies or mixtures.
    labels
        The label of every row of the pool, or None, (n,), copies alike; see `alps.pool.labelled.labels_of`.
    known
        Rows that are not to be chosen, bool (n,), copies alike; those with a label need not be among them.
    sample
        Look at so many of the texts that may be chosen, drawn at random, and at all that are known; None looks at all.
    classes
        Classes that may have no labelled text yet.
    weights
        Id -> training weight of labelled texts, where it is not 1.
    clock
        Runs already, where something was timed before.
    resources
        The models; None takes what `models` says.
    **models
        Arguments of `resources_of`.
    k, seed, evaluated_fraction, masked, kmeans, n_classes, label_words, template, classifier, recipe
        As in `alps.select`.

    Raises
    ------
    AlpsError
        For what is not there or does not go together, and for warm strategies without labels.

    """
    k, seed = check_choice(strategies, k, seed, classifier, recipe, kmeans, n_classes, label_words, sample)
    rows = [row for each in strategies for row in rows_of(each)]
    labels = np.full(pool.n, None, dtype=object) if labels is None else labels
    has_label = labels != None  # noqa: E711 - element by element
    _check_labels(rows, labels[has_label])
    known = has_label if known is None else has_label | known
    sampled_from = None
    if sample is not None and sample < (n_free := int((~known).sum())):
        kept, sampled_from = np.flatnonzero(known | pool.drawn(sample, seed, ~known)), n_free
        pool, labels, known = pool.only(kept), labels[kept], known[kept]
    options = {
        "evaluated_fraction": evaluated_fraction,
        "masked": masked,
        "preset": kmeans,
        "n_classes": n_classes,
        "label_words": {label: list(words) for label, words in (label_words or {}).items()},
        "template": template,
    }
    return Task(
        pool, labels, known, k, Stream(seed), resources or resources_of(**models), classifier, recipe, options,
        clock or Clock(), weights=weights or {}, classes=tuple(classes), sampled_from=sampled_from,
    )  # fmt: skip


def resources_of(
    *,
    model: str = "bundled",
    device: str = "auto",
    dtype: str = "auto",
    max_length: int = 128,
    pooling: str = "auto",
    tokens_per_batch: int = TOKENS_PER_BATCH,
    cache_dir: str | Path | None = None,
    progress: ProgressCallback = no_progress,
) -> Resources:
    """The models of a choice; arguments as in `alps.select`."""
    if tokens_per_batch < 1:
        raise AlpsError(f"tokens_per_batch is {tokens_per_batch}; allow at least 1 token.")
    return Resources(
        model, device=device, dtype=dtype, max_length=max_length, pooling=pooling, tokens_per_batch=tokens_per_batch,
        cache_folder=None if cache_dir is None else Path(cache_dir), progress=progress,
    )  # fmt: skip


def check_choice(
    strategies: Sequence[str],
    k: Any,
    seed: Any,
    classifier: str,
    recipe: str,
    kmeans: str,
    n_classes: int | None,
    label_words: Any,
    sample: int | None = None,
) -> tuple[int, int]:
    """
    Refuse what can be refused before anything is read; returns k and the seed as plain numbers.

    Raises
    ------
    AlpsError
        For what is not there, and for a strategy that needs what is not given.

    """
    k, seed = _whole_number("k", k), _whole_number("seed", seed)
    if k < 1:
        raise AlpsError(f"k is {k}; ask for at least 1 text.")
    if sample is not None and sample_size(sample) < k:
        raise AlpsError(f"A sample of {sample} texts is smaller than k = {k}; take a larger one.")
    if n_classes is not None and n_classes < 1:
        raise AlpsError(f"n_classes is {n_classes}; give the number of classes, at least 1.")
    check_classifier(classifier, recipe)
    for row in (find_strategy(name) for each in strategies for name, _ in parts_of(each)):
        if "fine-tuned encoder" in row.needs and classifier != "finetune":
            raise AlpsError(f"The strategy {row.name} looks through a fine-tuned encoder; add --classifier finetune.")
        if "label words" in row.needs and not label_words:
            raise AlpsError(
                f"The strategy {row.name} asks the language model for words that say the classes; give some of each "
                "(--label-words positive=great,good --label-words negative=bad)."
            )
    check_preset(kmeans)
    return k, seed


def said_in_vain(strategy: str, evaluated_fraction: float | None, *, masked: bool) -> list[str]:
    """Sentences about what was said of surprisal to a strategy that does not look at it."""
    options = {"evaluated_fraction": evaluated_fraction is not None, "masked": masked}
    said = " and ".join(name for name, given in options.items() if given)
    if not said or any("masked language model" in row.needs for row in rows_of(strategy)):
        return []
    return [f"The strategy {strategy} does not look at surprisal, so {said} changed nothing; alps does."]


def _check_labels(rows: Sequence[Strategy], labels: npt.NDArray[np.object_]) -> None:
    several = any(isinstance(label, tuple) for label in labels.tolist())
    for row in rows:
        if several and not row.multi_label:
            raise AlpsError(f"The strategy {row.name} is for one label a text; choose another, such as entropy.")
        if "classifier" in row.needs and not len(labels):
            raise AlpsError(
                f"The strategy {row.name} looks through a trained classifier; give texts with labels (--labelled FILE)."
            )


def _whole_number(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError as error:
        raise AlpsError(f"{name} is {value!r}, not a whole number; give one.") from error
