r"""What one round of each strategy costs, and how it grows, as two Markdown tables.

    python benchmarks/strategies.py agnews/train.tsv --texts 20000
    python benchmarks/strategies.py agnews/train.tsv --texts 20000 --only alps badge cal

The first table is `alps.select` on a file of text, tab, label, on one thread: training on --labelled texts,
representing and selecting, as multiples of what the encoder's pass over the texts takes. The passes over the texts come
first, each with a cold store. All others find them there: what such a strategy takes with a cold store is its own time
and that of the passes that it needs (the encoder's, for classifiers that are not fine-tuned). Fine-tuned encoders look
at all texts anew. The second table is the selector alone on random features: its time at twice the texts, twice the
picks and four times the classes, divided by its time at the first size; complexity says what to expect. Take a quiet
machine: both tables take an hour or two.
"""

from __future__ import annotations

import argparse
import re
import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from threadpoolctl import threadpool_limits

import alps
from alps.base.errors import AlpsWarning
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.outer_product import OuterProductFeatures
from alps.representations.predicted import PredictedFeatures
from alps.strategies import Strategy, strategies

PASSES = ("stratified", "alps", "alps-masked", "alps-tokens", "patron")  # the first is the unit
WIDTH, CLASSES, DRAWS = 384, 4, 20
MOST_RUNS, ENOUGH_SECONDS = 20, 1.0
WITH_CLASSES = ("gradient", "prediction", "prompting")


def read(path: Path, n: int) -> tuple[list[str], list[str]]:
    """The first n distinct texts of a file without quoting, and their labels."""
    lines = path.read_text(encoding="utf-8").split("\n")[1:]
    rows = {text: label for text, _, label in (line.rpartition("\t") for line in lines if line)}
    return list(rows)[:n], list(rows.values())[:n]


def rounds_of(
    rows: list[Strategy], texts: list[str], labelled: pa.Table, k: int
) -> Iterator[tuple[Strategy, dict[str, float]]]:
    """Seconds of each stage of one selection by each strategy, all with one store."""
    with TemporaryDirectory() as cache:
        for row in rows:
            options: dict[str, Any] = {"labelled": labelled} if "classifier" in row.needs else {}
            if "label words" in row.needs:
                options["label_words"] = {
                    name: re.findall("[a-z]+", name.lower())[:1] for name in sorted({*labelled["label"].to_pylist()})
                }
            kind = "finetune" if "fine-tuned encoder" in row.needs else "probe"
            found = alps.select(texts, k, strategy=row.name, classifier=kind, cache_dir=Path(cache), **options)
            yield row, found.summary["seconds"]


def random_features(row: Strategy, n: int, n_classes: int) -> Features:
    """Features of the kind that the strategy's representation gives."""
    generator = np.random.default_rng(0)
    matrix = generator.standard_normal((n, WIDTH), dtype=np.float32)
    copies = np.ones(n, dtype=np.int64)
    if row.representation in WITH_CLASSES:
        samples = generator.dirichlet(np.ones(n_classes), (n, DRAWS)).astype(np.float32)
        probabilities = samples.mean(axis=1)
        if row.representation == "gradient":
            return OuterProductFeatures(probabilities - samples[:, 0], copies, right=matrix)
        return PredictedFeatures(matrix, copies, probabilities=probabilities, samples=samples)
    return Features(matrix, copies)


def selection_seconds(row: Strategy, n: int, k: int, n_classes: int) -> float:
    """Seconds of the selector alone, with 100 labelled rows where it looks at them; the best of several short runs."""
    module = import_module(row.selector if "." in row.selector else f"alps.selectors.{row.selector}")
    some = random_features(row, n + 100, n_classes)
    labelled = np.arange(n, n + 100) if row.uses_labelled else np.empty(0, np.int64)
    runs: list[float] = []
    while len(runs) < MOST_RUNS and sum(runs) < ENOUGH_SECONDS:
        start = time.perf_counter()
        module.select(some, np.arange(n), labelled, k, Stream(0), **row.selector_options)
        runs.append(time.perf_counter() - start)
    return min(runs)


def print_rounds(rows: list[Strategy], texts: list[str], labelled: pa.Table, k: int) -> None:
    """The first table."""
    passes = [strategies()[name] for name in PASSES if name == PASSES[0] or strategies()[name] in rows]
    unit = 0.0
    for row, found in rounds_of([*passes, *(row for row in rows if row not in passes)], texts, labelled, k):
        if not unit:
            unit = found["represent"]
            print(f"{len(texts):,} texts, {k} picks, {labelled.num_rows} labelled; 1 = {unit:.1f} s here\n")
            print("| strategy | needs | train | represent | select |\n|---|---|---|---|---|")
        shown = [f"{found[stage] / unit:.3f}" if stage in found else "" for stage in ("train", "represent", "select")]
        print(f"| `{row.name}` | {', '.join(sorted(row.needs))} | {' | '.join(shown)} |", flush=True)


def print_growth(rows: list[Strategy], n: int, k: int) -> None:
    """The second table; strategies that share a selector and its options are one row."""
    print(f"\n{n:,} texts, {k} picks, {CLASSES} classes, {WIDTH} features: 1\n")
    print("| selector of | texts x 2 | picks x 2 | classes x 4 | stated |\n|---|---|---|---|---|")
    done = set()
    for row in rows:
        key = (row.selector, row.representation in WITH_CLASSES, repr(dict(row.selector_options)))
        if key in done:
            continue
        done.add(key)
        selection_seconds(row, 200, 5, CLASSES)  # imports and the first call
        base = selection_seconds(row, n, k, CLASSES)
        more = [(2 * n, k, CLASSES), (n, 2 * k, CLASSES)]
        more += [(n, k, 4 * CLASSES)] if row.representation in WITH_CLASSES else []
        ratios = [f"{selection_seconds(row, *sizes) / base:.1f}" for sizes in more]
        print(f"| `{row.name}` | {' | '.join([*ratios, ''][:3])} | {row.cost} |", flush=True)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--picks", type=int, default=100)
    parser.add_argument("--labelled", type=int, default=100)
    parser.add_argument("--growth-texts", type=int, default=5000)
    parser.add_argument("--only", nargs="+", help="names of strategies; all of them if left out")
    parser.add_argument("--table", choices=("rounds", "growth"), help="one of the two; both if left out")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    texts, labels = read(arguments.file, arguments.texts)
    labelled = pa.table({"text": texts[: arguments.labelled], "label": labels[: arguments.labelled]})
    rows = [row for name, row in strategies().items() if not arguments.only or name in arguments.only]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)
        if arguments.table != "growth":
            print_rounds(rows, texts, labelled, arguments.picks)
        if arguments.table != "rounds":
            print_growth(rows, arguments.growth_texts, arguments.picks)


if __name__ == "__main__":
    main()
