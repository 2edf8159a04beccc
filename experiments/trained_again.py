r"""
What of a score is due to the picks, and what to the draws of the training: labels of a run, trained with other seeds.

    python experiments/trained_again.py runs/six-strategies-finetune-paper --data-set agnews --labels 200 \
        --output docs/results/trained-again.csv

The first labels of every curve are trained from the pre-trained weights with each of some seeds, which decide the new
last layer, the order of the texts and the dropout, and are the same for all curves. Scores are those of the development
part. What is in the output already is not computed again, and several processes may share the work with `--seeds`,
each with an output of its own.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alps.base.streams import Stream
from alps.classifiers.labelled import Labelled
from alps.classifiers.train import train
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.simulation.data_sets import DataSet
from alps.simulation.evaluate import evaluate
from alps.simulation.published import read_data_set
from alps.simulation.results import Curve, read_run

COLUMNS = ("data_set", "strategy", "seed", "n_labelled", "training_seed", "micro_f1", "macro_f1")


def first_labels(curve: Curve, data: DataSet, n: int) -> Labelled:
    """The first n texts of a curve with their labels, ordered by id."""
    picks = [name for each in curve.rounds for name in each.picks][:n]
    rows = data.train.pool.distinct().rows
    ids = np.array(data.train.pool.ids.to_pylist(), dtype=object)[rows]
    chosen = rows[np.isin(ids, picks)]
    return Labelled.of(Texts.of(data.train.pool, chosen), data.train.labels[chosen].tolist(), classes=data.classes)


def measured(curve: Curve, data: DataSet, n: int, training_seed: int, resources: Resources) -> tuple[float, float]:
    """Micro- and macro-F1 on dev, in per cent, of a classifier that learnt the first n labels of a curve."""
    stream = Stream(training_seed, "trained again")
    recipe = str(curve.settings["recipe"])
    trained = train(curve.cell.classifier, recipe, first_labels(curve, data, n), resources, stream)
    scores = evaluate(trained, data.dev, resources).overall
    return 100 * scores["micro_f1"], 100 * scores["macro_f1"]


def wanted(run: Path, data_set: str, strategies: Sequence[str], n: int) -> list[Curve]:
    """The curves of some strategies on a data set that have n labels."""
    return [
        curve
        for curve in read_run(run)
        if curve.cell.dataset == data_set and curve.cell.strategy in strategies and curve.rounds[-1].n_labelled >= n
    ]


def main() -> None:
    """Compute what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data-set", required=True)
    parser.add_argument("--strategies", default="random,alps,bert-km")
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--seeds", default="0,1,2", help="of the training")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    curves = wanted(arguments.run, arguments.data_set, arguments.strategies.split(","), arguments.labels)
    data = read_data_set(str(curves[0].settings["source"]))
    resources = Resources(str(curves[0].settings["model"]), max_length=int(str(curves[0].settings["max_length"])))
    done = set()
    if arguments.output.exists():
        with arguments.output.open(encoding="utf-8") as file:
            done = {tuple(row[:5]) for row in csv.reader(file)}
    with arguments.output.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not done:
            writer.writerow(COLUMNS)
        for training_seed in map(int, arguments.seeds.split(",")):
            for curve in curves:
                cell = (curve.cell.dataset, curve.cell.strategy, curve.cell.seed, arguments.labels, training_seed)
                if tuple(map(str, cell)) not in done:
                    scores = measured(curve, data, arguments.labels, training_seed, resources)
                    writer.writerow([*cell, *(f"{score:.2f}" for score in scores)])
                    file.flush()


if __name__ == "__main__":
    main()
