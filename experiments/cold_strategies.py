r"""
Single batches of every strategy that needs no label, beside Random, on the sub-pools of `cold_start.py`.

    python experiments/cold_strategies.py FOLDER... --output runs/cold-strategies --cache cache --sub-pools 10
    python experiments/cold_start_tables.py runs/cold-strategies --output docs/results --prefix cold-strategies

Budgets of 32, 64 and 128, the classifier is the probe. `--prompts FILE`, as of `alps simulate`, adds strategies that
ask for label words. Left out: `alps-masked`, which computes the surprisal of each seed's own masked texts. What is
finished is not computed again; about 20 seconds of one thread for each data set and sub-pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.simulation.prompts import DataSetPrompt, read_prompts
from alps.strategies import Strategy
from alps.strategies.table import strategies
from cold_start import NOTHING, SubPool, compute, options, random_lines

BUDGETS = (32, 64, 128)
REPRESENTATIONS = ("encoding", "surprisal", "joined")


def cold_rows(*, with_words: bool) -> list[Strategy]:
    """The strategies, without those that choose alike: `alps-single` differs after the first batch only."""
    representations = (*REPRESENTATIONS, "prompting") if with_words else REPRESENTATIONS
    return [
        row
        for row in strategies().values()
        if row.representation in representations
        and "classifier" not in row.needs
        and "masked" not in row.representation_options
        and row.schedule == "every round"
    ]


def cell(pool: SubPool, prompts: dict[str, DataSetPrompt]) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    everything = np.arange(len(pool.rows))
    copies = np.ones(len(pool.rows), dtype=np.int64)
    texts = Texts.of(pool.bench.train.pool, pool.rows)
    meaning = Features(pool.bench.embeddings[pool.rows], copies)
    found: dict[str, Features] = {}
    prompt = prompts.get(pool.bench.name)
    for k in BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        yield from random_lines(pool, meaning, k, stream)
        for row in cold_rows(with_words=prompt is not None):
            key = f"{row.representation} {sorted(row.representation_options.items())}"
            if key not in found:
                represent = import_module(f"alps.representations.{row.representation}").represent
                words = vars(prompt) if row.representation == "prompting" else {}
                found[key] = represent(
                    texts, copies, pool.bench.resources, Stream(pool.seed), **row.representation_options, **words
                )
            choose = import_module(f"alps.selectors.{row.selector}").select
            picks = choose(found[key], everything, NOTHING, k, stream.child(row.name), **row.selector_options)
            weights = picks.cluster_sizes.astype(np.float64) if row.gives_weights else None
            yield pool.bench.name, pool.seed, k, row.name, 0, *pool.measured(picks.rows, weights)


if __name__ == "__main__":
    parser = options(__doc__, sub_pools=10)
    parser.add_argument("--prompts", type=Path)
    arguments = parser.parse_args()
    compute(arguments, partial(cell, prompts=read_prompts(arguments.prompts) if arguments.prompts else {}))
