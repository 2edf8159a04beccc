"""The paper's experiments as runs: the published setting, and a small one for a machine with two cores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from alps.base.atomic import atomic_file
from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.demo import BBC_NEWS
from alps.pool.write import write_table
from alps.simulation.data_sets import DEV_SHARE, DataSet, Part, name_of, read_folder, read_part, split, stratified_rows
from alps.simulation.grid import PAPER_SEEDS, Grid, Settings
from alps.simulation.published import PUBLISHED, short_name
from alps.simulation.results import FULL

MODELS = {"pubmed": "allenai/scibert_scivocab_uncased"}
MODEL = "bert-base-uncased"  # of the other data sets (section 5.1)

_COLD = ("alps", "alps-kmeans++", "alps-single", "alps-tokens", "alps-masked", "bert-km", "random")
_WARM = ("badge-normalised", "badge", "entropy")
_FRACTIONS = (0.1, 0.2)  # beside 0.15 and 1.0 (appendix A.3)
_FINE_TUNED = ("ft-bert-km",)  # beside these, where the classifier is fine-tuned
_TIMED = ("alps", "random", "badge-normalised", "badge", "bert-km", "entropy")
_TIMED_ROUNDS = 2  # the first one of those that need labels is chosen by another

# Texts of the small setting: enough for ten rounds of 20, few enough for all their tokens to be read in minutes.
_SMALL = {"train": 2_000, "dev": 300, "test": 600}
_DEMO_TEST_SHARE = 0.2
_MADE_FROM = "made-from.json"


@dataclass(frozen=True)
class PlannedRun:
    """A grid and the name of its folder; ``jobs`` is 1 where times are measured."""

    name: str
    grid: Grid
    jobs: int | None = None


def full_plan(datasets: Sequence[str] = (), model: str | None = None) -> list[PlannedRun]:
    """
    The published setting (sections 5 and 6, appendix A.3).

    Parameters
    ----------
    datasets
        Published names or folders; all four published ones where there are none.
    model
        In the place of BERT and SciBERT.

    """
    # The authors cluster BERT's pooler output; another model may have none.
    pooling = "auto" if model else "pooler"
    settings = Settings(k=100, rounds=10, recipe="paper", kmeans="released", pooling=pooling, dtype="float32")
    strategies = (*_COLD, *_WARM, *_FINE_TUNED, FULL)
    plan = []
    for dataset in datasets or tuple(PUBLISHED):
        name = short_name(dataset)
        own = replace(settings, model=model or MODELS.get(name, MODEL))
        plan += _runs(Grid((dataset,), strategies, ("finetune",), PAPER_SEEDS, own), name)
    return plan


def small_plan(dataset: str, model: str | None = None) -> list[PlannedRun]:
    """The same experiments with the probe, smaller batches and the bundled model, but for what needs fine-tuning."""
    settings = Settings(k=20, rounds=10, model=model or "bundled")
    grid = Grid((dataset,), (*_COLD, *_WARM, FULL), ("probe",), PAPER_SEEDS, settings)
    return _runs(grid, short_name(dataset))


def small_data(source: Path | None, folder: Path) -> Path:
    """
    A data set of at most 2,000 texts in train, drawn at random by a fixed seed, every class in its share.

    Parameters
    ----------
    source
        A folder as `alps.simulation.data_sets.read_folder` takes it; the demo texts where there is none.
    folder
        Where a folder of its name is made; what is there already is kept.

    Raises
    ------
    AlpsError
        When a folder of its name was made from other texts or labels.

    """
    place = folder / (BBC_NEWS if source is None else name_of(source))
    data = _demo() if source is None else read_folder(source)
    made_from, digests = place / _MADE_FROM, json.dumps([data.digests(), data.label_digests()])
    if made_from.exists() and made_from.read_text(encoding="utf-8") != digests:
        raise AlpsError(
            f"{place} was made from another data set than {source or BBC_NEWS}; name another --output-dir, or give the "
            "data set's folder another name."
        )
    if not made_from.exists():  # written last
        place.mkdir(parents=True, exist_ok=True)
        for name, n in _SMALL.items():
            write_table(_table(getattr(data, name), n), place / f"{name}.csv", force=True)
        with atomic_file(made_from, force=True) as temporary:
            temporary.write_text(digests, encoding="utf-8")
    return place


def _runs(grid: Grid, name: str) -> list[PlannedRun]:
    """The main grid, the other shares of tokens, and times of rounds that share nothing."""
    runs = [PlannedRun(name, grid)]
    for fraction in _FRACTIONS:
        settings = replace(grid.settings, evaluated_fraction=fraction)
        runs.append(PlannedRun(f"{name}-{fraction:g}", replace(grid, strategies=("alps",), settings=settings)))
    alone = replace(grid.settings, share=False, rounds=_TIMED_ROUNDS)
    timed = tuple(name for name in (*_TIMED, *_FINE_TUNED) if name in grid.strategies)
    times = replace(grid, strategies=timed, seeds=grid.seeds[:1], settings=alone)
    return [*runs, PlannedRun(f"{name}-alone", times, jobs=1)]


def _demo() -> DataSet:
    whole = read_part(BBC_NEWS, text_column="text", label_column="topic")
    rest, test = split(whole, round(_DEMO_TEST_SHARE * whole.pool.n))
    train, dev = split(rest, round(DEV_SHARE * rest.pool.n))
    return DataSet(BBC_NEWS, BBC_NEWS, train, dev, test)


def _table(part: Part, n: int) -> pa.Table:
    by_id = part.pool.distinct().rows
    drawn = stratified_rows(part.labels[by_id].tolist(), min(n, len(by_id)), Stream(0, "small"))
    rows = np.sort(by_id[drawn])
    return pa.table({"text": part.pool.texts.take(pa.array(rows)), "label": part.labels[rows].tolist()})
