r"""
Single batches of every strategy that needs no label, beside Random, on the sub-pools of `cold_start.py`.

    python experiments/cold_strategies.py FOLDER... --output runs/cold-strategies --cache cache --sub-pools 10
    python experiments/cold_start_tables.py runs/cold-strategies --output docs/results --prefix cold-strategies

Budgets of 32, 64 and 128, the classifier is the probe. Left out: what asks for label words, and `alps-masked`, which
computes the surprisal of each seed's own masked texts. What is finished is not computed again; about 20 seconds of one
thread for each data set and sub-pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import numpy as np

from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.strategies import Strategy
from alps.strategies.table import strategies
from cold_start import NOTHING, SubPool, compute, options, random_lines

BUDGETS = (32, 64, 128)
REPRESENTATIONS = ("encoding", "surprisal", "joined")


def cold_rows() -> list[Strategy]:
    """The strategies, without those that choose alike: `alps-single` differs after the first batch only."""
    return [
        row
        for row in strategies().values()
        if row.representation in REPRESENTATIONS
        and not row.needs & {"classifier", "label words"}
        and "masked" not in row.representation_options
        and row.schedule == "every round"
    ]


def cell(pool: SubPool) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    everything = np.arange(len(pool.rows))
    copies = np.ones(len(pool.rows), dtype=np.int64)
    texts = Texts.of(pool.bench.train.pool, pool.rows)
    meaning = Features(pool.bench.embeddings[pool.rows], copies)
    found: dict[str, Features] = {}
    for k in BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        yield from random_lines(pool, meaning, k, stream)
        for row in cold_rows():
            key = f"{row.representation} {sorted(row.representation_options.items())}"
            if key not in found:
                represent = import_module(f"alps.representations.{row.representation}").represent
                found[key] = represent(
                    texts, copies, pool.bench.resources, Stream(pool.seed), **row.representation_options
                )
            choose = import_module(f"alps.selectors.{row.selector}").select
            picks = choose(found[key], everything, NOTHING, k, stream.child(row.name), **row.selector_options)
            weights = picks.cluster_sizes.astype(np.float64) if row.gives_weights else None
            yield pool.bench.name, pool.seed, k, row.name, 0, *pool.measured(picks.rows, weights)


if __name__ == "__main__":
    compute(options(__doc__, sub_pools=10).parse_args(), cell)
