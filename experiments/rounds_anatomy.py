r"""
Why strategies can lose in rounds: the mix of classes of what they label, how hard its texts are, how alike.

    python experiments/rounds_anatomy.py FOLDER... --run runs/learning-curves-probe --cache cache --output FILE
    alps simulate docs/results/recipes/without-hard.toml

Of the curves of a run of `alps simulate`, the probe is trained again on the labelled texts of some rounds, once as they
are and once with every class weighted back to its share of the train part (gold labels: nobody could do that; it shows
what the mix costs). Beside it stand the distance of that mix from the train part's (total variation) and the share of
hard texts: those that a probe trained on four fifths of the train part gets wrong in the other fifth; the mean cosine
of a text to the nearest other one of its batch; how dense the texts lie (mean cosine to the ten nearest of the train
part); and how unsure the probe that was there when the last batch was chosen is of that batch, and of all texts without
a label (mean entropy over the logarithm of the number of classes). Every folder is written again without the hard
texts, as FOLDER-without-hard, for a run of the same strategies.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from alps.analysis.bootstrap import bootstrap_interval
from alps.base.streams import Stream
from alps.models.entropy import predictive_entropy
from alps.models.linear_head import fit_probe
from alps.simulation.grid import Settings
from alps.simulation.results import Curve, read_run
from alps.simulation.shared import resources_for
from cold_start import Bench, Rows, prepared
from cut_data_set import write

STRATEGIES = ("random", "entropy", "margin", "badge", "bald", "batchbald", "cal", "coreset", "probcover", "maxherding")
N_LABELLED = (300, 500, 1000)
FOLDS = 5
NEIGHBOURS = 10
MEASURES = (
    "micro_f1", "macro_f1", "micro_f1_weighted", "class_distance", "hard", "nearest", "unsure", "unsure_pool",
    "density",
)  # fmt: skip
COLUMNS = (
    "data_set", "strategy", "n_labelled", "n", *MEASURES, "gain", "gain_lower", "gain_upper", "gain_weighted",
    "gain_weighted_lower", "gain_weighted_upper",
)  # fmt: skip


def hard_texts(bench: Bench) -> np.ndarray:
    """Which train texts a probe gets wrong that was not trained on them, bool (n,)."""
    n = bench.train.pool.n
    fold = Stream(0, f"folds {bench.name}").generator().permutation(n) % FOLDS
    hard = np.zeros(n, dtype=bool)
    for each in range(FOLDS):
        rest, out = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        head = fit_probe(bench.embeddings[rest], bench.targets(rest), bench.classes)
        likeliest = head.logits(bench.embeddings[out]).argmax(axis=1)
        hard[out] = ~bench.targets(out)[np.arange(len(out)), likeliest]
    return hard


def weights_to(shares: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """How much each text counts when the classes are to have these shares, (rows,)."""
    had = targets.mean(axis=0)
    return np.asarray((targets * np.divide(shares, had, out=np.zeros_like(shares), where=had > 0)).sum(axis=1))


def nearest(bench: Bench, rows: Rows) -> float:
    """The mean cosine of some rows to the nearest other of them."""
    cosines = bench.embeddings[rows] @ bench.embeddings[rows].T  # embeddings are of length 1
    np.fill_diagonal(cosines, -1.0)
    return float(cosines.max(axis=1).mean())


def densities(bench: Bench) -> np.ndarray:
    """The mean cosine of each train text to its nearest ones, (n,)."""
    cosines = bench.embeddings @ bench.embeddings.T
    np.fill_diagonal(cosines, -1.0)
    return np.partition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:].mean(axis=1)


def unsure(bench: Bench, before: Rows, batch: Rows) -> tuple[float, float]:
    """The mean entropy to the probe of the labels before a batch: of the batch and of all texts without a label."""
    head = fit_probe(bench.embeddings[before], bench.targets(before), bench.classes)
    shares = predictive_entropy(head.probabilities(bench.embeddings)) / np.log(len(bench.classes))
    return float(shares[batch].mean()), float(np.delete(shares, before).mean())


def measured(bench: Bench, hard: np.ndarray, density: np.ndarray, batches: list[Rows]) -> tuple[float, ...]:
    """The `MEASURES` of some batches of labelled rows."""
    rows = np.concatenate(batches)
    targets, shares = bench.targets(rows), bench.targets(np.arange(bench.train.pool.n)).mean(axis=0)
    weighted, _ = bench.scores(rows, weights_to(shares, targets))
    micro, macro = bench.scores(rows, None)
    distance = 0.5 * float(np.abs(shares - targets.mean(axis=0)).sum())
    alike = float(np.mean([nearest(bench, batch) for batch in batches[1:]]))  # the first one of most is Random's
    return (
        100 * micro, 100 * macro, 100 * weighted, distance, float(hard[rows].mean()), alike,
        *unsure(bench, np.concatenate(batches[:-1]), batches[-1]), float(density[rows].mean()),
    )  # fmt: skip


def lines_of(bench: Bench, hard: np.ndarray, curves: dict[tuple[str, int], Curve]) -> Iterator[tuple[object, ...]]:
    """Every line of one data set; gains are over Random."""
    row_of = {name: row for row, name in enumerate(bench.train.pool.ids.to_pylist())}
    seeds = sorted(seed for strategy, seed in curves if strategy == "random")
    density = densities(bench)
    found: dict[tuple[str, int], np.ndarray] = {}
    for strategy in STRATEGIES:
        for n_labelled in N_LABELLED:
            batches = [
                [np.array([row_of[name] for name in done.picks])
                 for done in curves[strategy, seed].rounds if done.n_labelled <= n_labelled]
                for seed in seeds
            ]  # fmt: skip
            values = np.array([measured(bench, hard, density, each) for each in batches])
            found[strategy, n_labelled] = values
            difference = values - found["random", n_labelled]
            gains: list[float] = []
            for measure in ("micro_f1", "micro_f1_weighted"):
                own = difference[:, MEASURES.index(measure)]
                stream = Stream(0, f"{bench.name} {strategy} {n_labelled} {measure}")
                gains += [own.mean(), *(bootstrap_interval({bench.name: own}, stream) or (np.nan, np.nan))]
            yield bench.name, strategy, n_labelled, len(seeds), *values.mean(axis=0), *gains


def main() -> None:
    """Measure every data set and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    resources = resources_for(Settings(), arguments.cache)
    run = read_run(arguments.run)
    with arguments.output.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for folder in arguments.folders:
            bench = prepared(folder, resources)
            curves = {(each.cell.strategy, each.cell.seed): each for each in run if each.cell.dataset == bench.name}
            hard = hard_texts(bench)
            without = folder.with_name(f"{folder.name}-without-hard")
            without.mkdir(exist_ok=True)
            write(without, bench.train.take(np.flatnonzero(~hard)), bench.test, force=True)
            for line in lines_of(bench, hard, curves):
                writer.writerow([f"{value:.5g}" if isinstance(value, float) else value for value in line])
                file.flush()


if __name__ == "__main__":
    main()
