"""What the cells of one data set share: its texts, and the values of the models that do not change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from alps.models import Encoder, MaskedLanguageModel
from alps.representations import encoding, prompting
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal
from alps.shards.store import NoStore, Store, store_key
from alps.simulation.data_sets import DataSet
from alps.simulation.grid import USUAL_FRACTION, Grid, Settings
from alps.simulation.plan import first_strategy, rows_in
from alps.simulation.results import FULL
from alps.strategies import Strategy

_ALL_AT_ONCE = 3  # seeds; for so many, the surprisal of every token costs less than of each seed's own


class KeptStore(Store):
    """A store whose shards are read and checked once; what other processes append later is not seen."""

    def __init__(self, kept: Store) -> None:
        self.description, self.schema, self.folder = kept.description, kept.schema, kept.folder
        self._kept = kept
        self._shards = list(kept.shards())

    def append(self, rows: pa.Table) -> None:
        """Add rows, on disk too where the store is on disk."""
        self._kept.append(rows)
        self._shards.append(rows.select(self.schema.names).cast(self.schema))

    def shards(self) -> Any:
        """Every shard."""
        yield from self._shards

    def prepare(self) -> None:
        """Make the store's folder, where it has one."""
        self._kept.prepare()


@dataclass(frozen=True)
class SharedResources(Resources):
    """Resources whose stores stay open from round to round and from cell to cell."""

    stores: dict[str, KeptStore] = field(default_factory=dict)

    def store(self, model: MaskedLanguageModel | Encoder, settings: Mapping[str, Any], schema: pa.Schema) -> Store:
        """The store for values that this model computes with further settings."""
        found = super().store(model, settings, schema)
        if isinstance(found, NoStore):
            return found
        key = store_key(found.description)
        if key not in self.stores:
            self.stores[key] = KeptStore(found)
        return self.stores[key]


def resources_for(settings: Settings, cache_folder: Path | None) -> Resources:
    """The models of a grid, with what is shared of them."""
    kind = SharedResources if settings.share else Resources
    return kind(
        settings.model, device=settings.device, dtype=settings.dtype, max_length=settings.max_length,
        pooling=settings.pooling, cache_folder=cache_folder if settings.share else None,
    )  # fmt: skip


def load_models(grid: Grid, resources: Resources) -> None:
    """Load what the cells of a grid look through, so that no round is charged for it."""
    named = [name for each in grid.strategies if each != FULL for name in (each, first_strategy(each))]
    needs = {need for name in named for row in rows_in(name) for need in row.needs}
    if "masked language model" in needs:
        _ = resources.masked_language_model
    if "encoder" in needs or "probe" in grid.classifiers:
        _ = resources.encoder


def compute_shared(data: DataSet, grid: Grid, resources: Resources) -> dict[str, float]:
    """
    Compute once what the cells of a data set share, into the store.

    Returns
    -------
    dict
        Seconds of ``encoding``, ``surprisal`` and ``prompting``, where they were needed.

    """
    seconds: dict[str, float] = {}
    rows = [row for each in grid.strategies if each != FULL for row in rows_in(each)]
    start = time.perf_counter()
    if "probe" in grid.classifiers or any(row.representation in ("encoding", "joined", "prompting") for row in rows):
        parts = (data.train, data.dev, data.test) if "probe" in grid.classifiers else (data.train,)
        for part in parts:
            encoding.encodings(part.texts, np.ones(part.pool.n, np.int64), resources)
        seconds["encoding"] = round(time.perf_counter() - start, 3)
    start = time.perf_counter()
    wanted = {_surprisal_options(row, grid.settings) for row in rows if row.representation in ("surprisal", "joined")}
    for fraction, masked in sorted(wanted):
        at_once = not masked and len(grid.seeds) >= _ALL_AT_ONCE
        for seed in grid.seeds[:1] if at_once else grid.seeds:
            token_surprisal(
                data.train.texts, resources, seed=seed, fraction=1.0 if at_once else fraction, masked=masked
            )
        seconds["surprisal"] = round(time.perf_counter() - start, 3)
    start = time.perf_counter()
    if any(row.representation == "prompting" for row in rows):
        prompt = grid.prompts[data.name]
        prompting.answers(data.train.texts, resources, prompt.label_words, prompt.template)
        seconds["prompting"] = round(time.perf_counter() - start, 3)
    return seconds


def _surprisal_options(row: Strategy, settings: Settings) -> tuple[float, bool]:
    """Which tokens a strategy evaluates, and whether they are masked."""
    said = {} if settings.evaluated_fraction is None else {"evaluated_fraction": settings.evaluated_fraction}
    usual = {"evaluated_fraction": USUAL_FRACTION, "masked": False}
    options = {**usual, **row.representation_defaults, **said, **row.representation_options}
    return options["evaluated_fraction"], options["masked"]
