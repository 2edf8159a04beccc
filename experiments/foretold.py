r"""
How often what `alps label` foretells comes true: the gain of the next hundred labels, and the labels saved.

    python experiments/foretold.py FOLDER... --output runs/foretold --cache cache --seeds 20 --table foretold.csv

Every folder is a data set as `alps simulate` reads one; of its different texts a seed draws a pool of 3,000, and up to
6,000 others on which accuracy is measured. The pool is labelled as `alps label` has it by itself: a tenth is the
audit, of which one text is answered for nine others; batches of 100 by `stratified` until each class has three
labels, then by `margin`; a `probe` after every 20 labels. After 300, 400, ... 1,000 labels without the audit's, the
functions behind `alps status` foretell:

- the gain of the next 100 labels. True is what the accuracy on the other texts then rises by;
- from 100 labels of the audit on, the labels saved against random. True is how many random labels, on average over
  three draws from the pool of each seed, give a `probe` of the model's accuracy, without those of the model.

What is finished (one file for each data set and seed) is not computed again. The table counts, over data sets and
seeds, how often the truth was within the interval, on which side it was else, and how often the interval leaves out
zero.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.analysis.foretelling import changed_share, foretold_gain, saved_against_random, thinned
from alps.base.atomic import atomic_file
from alps.base.streams import Stream
from alps.labelling.against_random import FEWEST, learning_curve_of_random_texts
from alps.models.linear_head import LinearHead, fit_probe
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.features import Features
from alps.representations.predicted import PredictedFeatures
from alps.representations.resources import Resources
from alps.selectors import stratified, top_k
from alps.simulation.data_sets import read_folder
from alps.simulation.grid import Settings
from alps.simulation.shared import resources_for
from cold_start_tables import write

POOL, AUDIT, MOST_JUDGED = 3000, 300, 6000
BATCH, EVERY, ANSWERED = 100, 20, 9  # texts of a batch; labels between trainings; labels for one of the audit
LOOKS = range(300, 1001, 100)
NEXT = 100
TEXTS_PER_CLASS = 3
RANDOM_SIZES, RANDOM_DRAWS = (50, 100, 200, 300, 450, 600, 800, 1100, 1500, 2000, 2600), 3
COLUMNS = (
    "foretold", "data_set", "n", "inside", "truth_below", "truth_above", "certain", "foretold_median", "truth_median",
)  # fmt: skip
NOTHING = np.empty(0, dtype=np.int64)

Rows = npt.NDArray[np.int64]
Told = tuple[float, float, float, float]  # low, estimate, high, truth


class Labelling:
    """One data set under one seed: the texts, and what is known of a `probe` after each number of labels."""

    def __init__(self, folder: Path, seed: int, resources: Resources) -> None:
        data = read_folder(folder)
        gold = {
            text: label
            for part in (data.train, data.dev, data.test)
            for text, label in zip(part.pool.texts.to_pylist(), part.labels.tolist(), strict=True)
        }
        self.name, self.classes, self.seed, self.resources = data.name, data.classes, seed, resources
        everything, purpose = [*gold], f"foretold {data.name}"
        used = Stream(0, purpose).generator().permutation(len(gold))[: POOL + MOST_JUDGED]
        stream = Stream(seed, purpose).child("pool")
        order = used[stream.generator().permutation(len(used))]
        self.texts = [everything[i] for i in order]
        self.labels = [gold[text] for text in self.texts]
        found = encoding.represent(Texts.of_strings(self.texts), np.ones(len(order), np.int64), resources, stream)
        self.embeddings = found.matrix
        self.targets = np.array(self.labels, dtype=object)[:, None] == np.array(self.classes, dtype=object)
        self.stream = stream

    def head(self, rows: Rows) -> LinearHead:
        """A `probe` trained on some texts."""
        return fit_probe(self.embeddings[rows], self.targets[rows], self.classes)

    def right(self, head: LinearHead, rows: Rows) -> npt.NDArray[np.bool_]:
        """On which texts it is right, (m,)."""
        predicted = head.logits(self.embeddings[rows]).argmax(axis=1)
        return np.asarray(self.targets[rows, predicted])

    @property
    def judged(self) -> Rows:
        """The texts that accuracy is measured on."""
        return np.arange(POOL, len(self.texts))

    def picks(self, n: int) -> Rows:
        """The first n texts that are labelled, the audit left out."""
        picked, free = NOTHING, np.arange(AUDIT, POOL)
        while len(picked) < n:
            stream = self.stream.child("batch").at(len(picked))
            embeddings, copies, candidates = self.embeddings[free], np.ones(len(free), np.int64), np.arange(len(free))
            if self.targets[picked].sum(axis=0).min() < TEXTS_PER_CLASS:
                features = Features(embeddings, copies)
                chosen = stratified.select(features, candidates, NOTHING, BATCH, stream).rows
            else:
                probabilities = self.head(picked).probabilities(embeddings)
                seen = PredictedFeatures(embeddings, copies, probabilities=probabilities)
                chosen = top_k.select(seen, candidates, NOTHING, BATCH, stream, score="margin").rows
            picked, free = np.concatenate([picked, free[chosen]]), np.delete(free, chosen)
        return picked[:n]

    def run(self) -> dict[str, Any]:
        """What the table is made of."""
        picks = self.picks(LOOKS[-1] + NEXT)
        models = {n: self.head(picks[:n]) for n in range(EVERY, len(picks) + 1, EVERY)}
        on_audit = {n: head.logits(self.embeddings[:AUDIT]).argmax(axis=1) for n, head in models.items()}
        gold = self.targets[:AUDIT].argmax(axis=1)
        looks = []
        for n in LOOKS:
            n_audited = n // ANSWERED
            if n_audited < FEWEST:
                continue
            random = learning_curve_of_random_texts(
                self.texts[:n_audited], self.labels[:n_audited], self.resources, self.seed
            )
            if random is None:  # one class in the audit so far
                continue
            n_right = int((on_audit[n] == gold)[:n_audited].sum())
            saved = saved_against_random(random["sizes"], random["scores"], n_right, n_audited, n, POOL - n)
            looks.append({"n": n, "saved": saved._asdict()})
        return {
            "accuracy": {n: float(self.right(head, self.judged).mean()) for n, head in models.items()},
            "predicted": {n: predicted.tolist() for n, predicted in on_audit.items()},
            "gold": gold.tolist(), "looks": looks, "random": self.random_curves(),
        }  # fmt: skip

    def random_curves(self) -> list[list[float]]:
        """The accuracy after random labels, one list of `RANDOM_SIZES` for each draw from the pool."""
        found = []
        for draw in range(RANDOM_DRAWS):
            order = self.stream.child(f"random {draw}").generator().permutation(POOL)
            found.append([float(self.right(self.head(order[:n]), self.judged).mean()) for n in RANDOM_SIZES])
        return found


def compute(folder: Path, seed: int, resources: Resources, output: Path) -> None:
    """The file of one data set and seed, unless it is there."""
    path = output / f"{seed:03d}-{folder.name}.json"
    if path.exists():
        return
    text = json.dumps(Labelling(folder, seed, resources).run())
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(path.name, flush=True)


def lines(output: Path) -> Iterator[dict[str, Any]]:
    """The table: a line for each data set, and one for all, of the gains and of the labels saved."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(output.glob("*.json")):
        runs[path.stem.partition("-")[2]].append(json.loads(path.read_text(encoding="utf-8")))
    for what, told in (("gain", gains), ("saved", labels_saved)):
        rows = {name: list(told(several)) for name, several in runs.items()}
        rows["all"] = [row for several in rows.values() for row in several]
        for name, several in rows.items():
            low, estimate, high, truth = np.array(several).T
            inside = (low <= truth) & (truth <= high)
            yield {
                "foretold": what, "data_set": name, "n": len(several), "inside": float(inside.mean()),
                "truth_below": float((truth < low).mean()), "truth_above": float((truth > high).mean()),
                "certain": float(((low > 0) | (high < 0)).mean()),
                "foretold_median": float(np.median(estimate)), "truth_median": float(np.median(truth)),
            }  # fmt: skip


def gains(several: list[dict[str, Any]]) -> Iterator[Told]:
    """The gain of the next labels at each look of each labelling, in points, and what it was."""
    for run in several:
        gold, predicted = np.array(run["gold"]), {int(n): said for n, said in run["predicted"].items()}
        for n in LOOKS:
            shown = thinned([size for size in predicted if size <= n])
            right = [(predicted[size] == gold)[: n // ANSWERED] for size in shown]
            gain = foretold_gain(shown, right, NEXT, changed_share(predicted[n - NEXT], predicted[n]))
            truth = run["accuracy"][str(n + NEXT)] - run["accuracy"][str(n)]
            yield 100 * gain.low, 100 * gain.estimate, 100 * gain.high, 100 * truth


def labels_saved(several: list[dict[str, Any]]) -> Iterator[Told]:
    """The labels saved at each look from which they are told, and how many they were."""
    curve = np.maximum.accumulate(np.mean([run["random"] for run in several], axis=(0, 1)))
    for run in several:
        for n, told in ((look["n"], look["saved"]) for look in run["looks"]):
            truth = labels_for(curve, run["accuracy"][str(n)]) - n
            low, estimate, high = (math.inf if told[end] is None else told[end] for end in ("low", "estimate", "high"))
            yield low, estimate, high, truth


def labels_for(curve: npt.NDArray[np.float64], accuracy: float) -> float:
    """How many random labels reach an accuracy, on a line through the logarithms; infinite beyond the last size."""
    if accuracy > curve[-1]:
        return math.inf
    return float(np.exp(np.interp(accuracy, curve, np.log(RANDOM_SIZES))))


def main() -> None:
    """Compute what is missing, all data sets of a seed before the next seed; write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    resources = resources_for(Settings(), options.cache)
    for seed in range(options.seeds):
        for folder in options.folders:
            compute(folder, seed, resources, options.output)
    if options.table is not None:
        write(options.table, COLUMNS, lines(options.output))


if __name__ == "__main__":
    main()
