"""Compute ahead what a strategy will look at: of a whole pool, or of one part of it on each of several machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alps.base.errors import AlpsError
from alps.base.progress import ProgressCallback, no_progress
from alps.models.batches import TOKENS_PER_BATCH
from alps.pool.read import read_pool
from alps.representations.prompting import TEMPLATE
from alps.selection.prepare import check_choice, prepare, resources_of
from alps.selection.task import Clock
from alps.strategies import DEFAULT_STRATEGY
from alps.strategies.mixture import needs_of, rows_of


def embed(
    texts: Any,
    *,
    cache_dir: str | Path,
    strategy: str = DEFAULT_STRATEGY,
    sample: int | None = None,
    part: tuple[int, int] = (1, 1),
    model: str = "bundled",
    seed: int = 0,
    evaluated_fraction: float | None = None,
    masked: bool = False,
    label_words: Mapping[str, Sequence[str]] | None = None,
    template: str = TEMPLATE,
    max_length: int = 128,
    pooling: str = "auto",
    device: str = "auto",
    dtype: str = "auto",
    tokens_per_batch: int = TOKENS_PER_BATCH,
    text_column: str | None = None,
    id_column: str | None = None,
    format: str | None = None,
    progress: ProgressCallback = no_progress,
) -> dict[str, Any]:
    """
    Compute into the cache what a cold strategy looks at, and choose nothing.

    `alps.select` with the same options then finds it there. Which part a text is in depends on the text alone: parts
    have no text in common, together they are the pool, and they may run at once, on one machine or on several that
    see the same `cache_dir`. Values of another kind of processor are kept apart.

    Parameters
    ----------
    texts
        What `alps.select` takes, or a `Pool`.
    cache_dir
        Where the values are kept.
    strategy
        A strategy or a mixture that needs no label.
    sample
        As in `alps.select`: of the rest nothing is computed.
    part
        Which of how many: (1, 16) to (16, 16). A part is in memory as a pool of its size would be.
    model, seed, evaluated_fraction, masked, label_words, template, max_length, pooling, device, dtype, tokens_per_batch
        As in `alps.select`. An `evaluated_fraction` of 1.0 serves every seed and fraction.
    text_column, id_column, format, progress
        As in `alps.select`.

    Returns
    -------
    dict
        What was done, JSON-able: ``texts_read``, ``texts_in_part`` (distinct ones), ``texts_computed``, ``seconds``,
        and what was looked through.

    Raises
    ------
    AlpsError
        For any mistake in what was passed, and for a strategy that looks at no model, or through labels.

    Examples
    --------
    >>> import alps, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> pool = ["good film", "bad film", "a film about Rome", "rain in Rome"]
    >>> halves = [alps.embed(pool, part=(i, 2), cache_dir=folder) for i in (1, 2)]
    >>> sum(half["texts_computed"] for half in halves)
    4
    >>> alps.select(pool, k=2, cache_dir=folder).summary["texts_computed"]
    0

    """
    number, n_parts = part
    if not 1 <= number <= n_parts:
        raise AlpsError(f"There is no part {number}/{n_parts}; the first of {max(n_parts, 1)} is 1/{max(n_parts, 1)}.")
    if "classifier" in needs_of(strategy):
        raise AlpsError(f"The strategy {strategy} needs labels; choose one that needs none, such as stratified.")
    if all(row.representation is None for row in rows_of(strategy)):
        raise AlpsError(f"The strategy {strategy} looks at no text, so there is nothing to compute ahead.")
    check_choice([strategy], 1, seed, "probe", "stable", "default", None, label_words, sample)
    clock = Clock()
    resources = resources_of(
        model=model, device=device, dtype=dtype, max_length=max_length, pooling=pooling,
        tokens_per_batch=tokens_per_batch, cache_dir=cache_dir, progress=progress,
    )  # fmt: skip
    pool = read_pool(
        texts, text_column=text_column, id_column=id_column, format=format, spool_folder=resources.cache_folder
    )
    n_pool = pool.n
    if sample is not None:
        pool = pool.sample(sample, seed)
    clock.lap("read")
    rows = pool.distinct().rows
    mine = rows[pool.keys[rows] % np.uint64(n_parts) == number - 1]
    task = prepare(
        pool, 1, strategies=[strategy], seed=seed, evaluated_fraction=evaluated_fraction, masked=masked,
        label_words=label_words, template=template, clock=clock, resources=resources,
    )  # fmt: skip
    if len(mine):
        task.embed(strategy, mine)
    clock.lap("represent")
    return {
        "strategy": strategy,
        "part": f"{number}/{n_parts}",
        "source": pool.source,
        "texts_read": pool.n_read,
        **({"texts_in_pool": pool.n, "texts_sampled_from": n_pool} if pool.n < n_pool else {}),
        "texts_in_part": len(mine),
        "texts_computed": 0,
        **resources.describe(),
        "seconds": clock.seconds,
    }
