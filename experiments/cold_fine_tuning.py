r"""
The first batch where the whole encoder is trained: the arms of `cold_start.py` that matter, with `finetune`.

    python experiments/cold_fine_tuning.py FOLDER... --output runs/cold-fine-tuning --cache cache --sub-pools 10
    python experiments/cold_start_tables.py runs/cold-fine-tuning --output docs/results --prefix cold-fine-tuning

The same sub-pools and the same picks as there, with 64 and 128 labels; Random has three draws. The classifiers of one
sub-pool and budget begin with the same last layer. What is finished is not computed again. A sub-pool takes 14
fine-tunings for each data set: 18 minutes on one thread for TREC-6, beside other work; longer texts take longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from alps.base.streams import Stream
from alps.classifiers.finetune import train_finetune
from alps.classifiers.labelled import Labelled
from alps.pool.texts import Texts
from alps.selectors import random
from alps.selectors.equal_size_clusters import equal_size_clusters
from alps.simulation.evaluate import evaluate
from cold_start import NOTHING, Rows, SubPool, compute, equal_arms, free_arms, options

BUDGETS = (64, 128)
RANDOM_DRAWS = 3
MOST_TEST = 1000
FREE = ("surprisal", "encoder")  # the arm `nearest none` of each: ALPS and BERT-KM
EQUAL = ("equal random none", "equal core none")


def cell(pool: SubPool, recipe: str) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    features = pool.features()
    meaning, everything = features["encoder"], np.arange(len(pool.rows))
    for k in BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        drawn = [
            ("random", draw, random.select(meaning, everything, NOTHING, k, stream.child(f"random {draw}")).rows)
            for draw in range(RANDOM_DRAWS)
        ]
        for name in FREE:
            picks = {arm: rows for arm, rows, _ in free_arms(features[name], k, stream.child(name))}
            drawn.append((f"{name} free nearest none", 0, picks["free nearest none"]))
        own = stream.child("encoder")
        strata = equal_size_clusters(meaning, k, own.child("strata"))
        picks = {arm: rows for arm, rows, _ in equal_arms(meaning, strata, k, own)}
        drawn += [(f"encoder {arm}", 0, picks[arm]) for arm in EQUAL]
        for name, draw, rows in drawn:
            yield pool.bench.name, pool.seed, k, name, draw, *measured(pool, rows, recipe, stream), *pool.mix(rows)


def measured(pool: SubPool, picks: Rows, recipe: str, stream: Stream) -> tuple[float, float]:
    """Accuracy and macro-F1 on test of a classifier that is fine-tuned on some texts."""
    bench, rows = pool.bench, pool.rows[picks]
    labelled = Labelled.of(Texts.of(bench.train.pool, rows), bench.train.labels[rows].tolist(), classes=bench.classes)
    trained = train_finetune(labelled, bench.resources, stream.child("training"), recipe=recipe)
    test = bench.test.take(np.sort(Stream(0, "test").generator().permutation(bench.test.pool.n)[:MOST_TEST]))
    scores = evaluate(trained, test, bench.resources).overall
    return scores["micro_f1"], scores["macro_f1"]


def main() -> None:
    """Compute what is not there yet."""
    parser = options(__doc__, sub_pools=10)
    parser.add_argument("--recipe", default="stable")
    arguments = parser.parse_args()
    compute(arguments, partial(cell, recipe=arguments.recipe))


if __name__ == "__main__":
    main()
