r"""
Which part of a cold start helps: the clusters, the member that is drawn from each, or the weights it trains with.

    python experiments/cold_start.py FOLDER... --output runs/cold-start --cache cache --sub-pools 100
    python experiments/cold_start_tables.py runs/cold-start --output docs/results

Every folder is a data set as `alps simulate` reads one. Its train part is cut to 4,000 texts and its test part to
2,000, both represented once. A sub-pool is 1,000 of the train texts, drawn anew for each seed, for a rule without
randomness gives the same texts of the same pool however often it is asked. In each sub-pool, for each budget:

- clusters: `free` (k-means) or `equal` (of equal size); of the `encoder`, `surprisal` or `joined` embeddings;
- member of each cluster: `random`; `core`, random among the half nearest to the centre; `nearest` to the centre;
- weights in training: `none`, `sqrt` or `full` size of the cluster (equal clusters need none);
- beside them `random` (ten draws), `typiclust`, and the controls `shuffled` (equal clusters whose texts were shuffled:
  must do as Random does) and `oracle` (every class in its share, by the gold labels: what a perfect mix would bring).

`surprisal free nearest none` is ALPS, `encoder free nearest none` is BERT-KM, `encoder equal random none` is
stratified. The classifier is the probe. Every fourth sub-pool has all this, for 16 to 256 labels. The others have the
encoder embeddings, ALPS and two arms of the joined ones, for 16 to 128 labels, at a third of the cost.

What is finished (one file for each data set and sub-pool) is not computed again, and all data sets get a sub-pool
before any gets the next one. On one thread a sub-pool takes about 5 seconds for each data set, a full one 20, and
representing the texts takes 10 to 20 minutes, once.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alps.base.atomic import atomic_file
from alps.base.streams import Stream
from alps.models.linear_head import fit_probe
from alps.pool.texts import Texts
from alps.representations import encoding, surprisal
from alps.representations.features import Features
from alps.representations.joined import join
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal
from alps.selectors import kmeans, random, typiclust
from alps.selectors.equal_size_clusters import equal_size_clusters
from alps.selectors.fixed_size_samples import pivotal_sample
from alps.simulation.data_sets import Part, read_folder, stratified_rows
from alps.simulation.evaluate import score
from alps.simulation.grid import Settings
from alps.simulation.shared import resources_for
from cut_data_set import cut

BUDGETS, LARGEST_BUDGET = (16, 32, 64, 128), 256
SUB_POOL, MOST_TRAIN, MOST_TEST = 1000, 4000, 2000
RANDOM_DRAWS = 10
SURPRISAL_WEIGHT = 0.3
ALWAYS = ("surprisal free nearest none", "joined free nearest none", "joined equal random none")
COLUMNS = (
    "data_set", "sub_pool", "budget", "arm", "draw", "accuracy", "macro_f1", "classes_seen", "class_error", "tokens",
)  # fmt: skip

Rows = npt.NDArray[np.int64]
Arm = tuple[str, Rows, npt.NDArray[np.float64] | None]  # name, picks, weights
NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Bench:
    """A data set whose texts are represented: embeddings of train and test, labels as numbers."""

    name: str
    train: Part
    embeddings: npt.NDArray[np.float32]
    test: Part
    test_embeddings: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    n_tokens: Rows
    resources: Resources

    def targets(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """One column for each class, of some train rows."""
        return self.train.labels[rows][:, None] == np.array(self.classes, dtype=object)[None]

    def scores(self, rows: Rows, weights: npt.NDArray[np.float64] | None) -> tuple[float, float]:
        """Accuracy and macro-F1 on test of the probe that is trained on some train rows."""
        head = fit_probe(self.embeddings[rows], self.targets(rows), self.classes, weights=weights)
        predicted = np.array(self.classes, dtype=object)[head.logits(self.test_embeddings).argmax(axis=1)]
        found = score(self.test.labels, predicted, self.classes).overall
        return found["micro_f1"], found["macro_f1"]


@dataclass(frozen=True)
class SubPool:
    """The texts of one seed."""

    bench: Bench
    seed: int
    rows: Rows  # of the train part

    def features(self) -> dict[str, Features]:
        """Each representation, with the seed's own evaluated tokens."""
        copies = np.ones(len(self.rows), dtype=np.int64)
        texts = Texts.of(self.bench.train.pool, self.rows)
        meaning = self.bench.embeddings[self.rows]
        strange = surprisal.represent(texts, copies, self.bench.resources, Stream(self.seed)).matrix
        return {
            "encoder": Features(meaning, copies),
            "surprisal": Features(strange, copies),
            "joined": Features(join(meaning, strange, SURPRISAL_WEIGHT), copies),
        }

    def measured(self, picks: Rows, weights: npt.NDArray[np.float64] | None) -> tuple[float, float, int, float, float]:
        """What the probe that is trained on some texts scores on test, accuracy and macro-F1; and their `mix`."""
        return *self.bench.scores(self.rows[picks], weights), *self.mix(picks)

    def mix(self, picks: Rows) -> tuple[int, float, float]:
        """
        What kind of texts were chosen.

        Classes seen; the squared error of the class counts in units of what Random's would be on average; mean number
        of tokens.
        """
        bench, rows = self.bench, self.rows[picks]
        shares = bench.targets(self.rows).mean(axis=0)
        counts, k, n = bench.targets(rows).sum(axis=0), len(picks), len(self.rows)
        expected = k * float(np.sum(shares * (1 - shares))) * (n - k) / (n - 1)
        error = float(np.sum((counts - k * shares) ** 2)) / expected
        return int((counts > 0).sum()), error, float(bench.n_tokens[rows].mean())


def prepared(folder: Path, resources: Resources) -> Bench:
    """Read a data set, cut it, and represent it: from the cache where it is there."""
    data = read_folder(folder)
    train, test = cut(data, MOST_TRAIN, MOST_TEST)
    found = [
        encoding.represent(part.texts, np.ones(part.pool.n, np.int64), resources, Stream(0)) for part in (train, test)
    ]
    token_surprisal(train.texts, resources, seed=0, fraction=1.0)
    embeddings, test_embeddings = (each.matrix for each in found)
    n_tokens = found[0].facts["n_tokens"]
    return Bench(data.name, train, embeddings, test, test_embeddings, data.classes, n_tokens, resources)


def sub_pool(bench: Bench, seed: int) -> SubPool:
    """The sub-pool of a seed."""
    order = Stream(seed, f"sub-pool {bench.name}").generator().permutation(bench.train.pool.n)
    return SubPool(bench, seed, np.sort(order[:SUB_POOL]))


def free_arms(features: Features, k: int, stream: Stream) -> Iterator[Arm]:
    """Every member and weighting of k-means clusters."""
    everything = np.arange(features.n)
    nearest = kmeans.select(features, everything, NOTHING, k, stream.child("kmeans"))
    assert nearest.centres is not None
    cluster = kmeans.assign(features, nearest.centres)
    members = [np.flatnonzero(cluster == j) for j in range(k)]
    kept = [j for j in range(k) if len(members[j])]
    generator = stream.child("member").generator()
    sizes = np.array([len(members[j]) for j in kept], dtype=np.float64)
    drawn = {
        "random": np.array([generator.choice(members[j]) for j in kept]),
        "core": np.array([generator.choice(core(features, members[j], nearest.centres[j])) for j in kept]),
    }
    assert nearest.cluster_sizes is not None
    for member, picks, size in (
        ("random", drawn["random"], sizes),
        ("core", drawn["core"], sizes),
        ("nearest", nearest.rows, np.maximum(nearest.cluster_sizes, 1).astype(np.float64)),
    ):
        for weighting, weights in (("none", None), ("sqrt", np.sqrt(size)), ("full", size)):
            yield f"free {member} {weighting}", picks, weights


def equal_arms(features: Features, groups: list[Rows], k: int, stream: Stream) -> Iterator[Arm]:
    """Every member of clusters of equal size."""
    generator = stream.child("equal member").generator()
    centres = [features.dense(group).mean(axis=0) for group in groups]
    cores = [core(features, group, centre) for group, centre in zip(groups, centres, strict=True)]
    yield "equal random none", spread(groups, k, stream.child("draw").generator()), None
    yield "equal core none", np.array([generator.choice(part) for part in cores]), None
    yield "equal nearest none", np.array([part[0] for part in cores]), None


def core(features: Features, members: Rows, centre: npt.NDArray[np.float32]) -> Rows:
    """The half of a cluster that is nearest to its centre, the nearest first."""
    squares = features.take(members).squared_distances(centre[None])[:, 0]
    return members[np.argsort(squares, kind="stable")[: -(-len(members) // 2)]]


def spread(groups: list[Rows], k: int, generator: np.random.Generator) -> Rows:
    """A random member of each cluster, as `alps.selectors.stratified` draws them."""
    order = np.concatenate([generator.permutation(group) for group in groups])
    return order[pivotal_sample(np.ones(len(order), dtype=np.int64), k, generator)]


def cell(pool: SubPool) -> Iterator[tuple[object, ...]]:
    """Every line of one sub-pool of one data set."""
    features = pool.features()
    everything, n = np.arange(len(pool.rows)), len(pool.rows)
    labels = pool.bench.train.labels[pool.rows]
    thorough = pool.seed % 4 == 0
    for k in (*BUDGETS, LARGEST_BUDGET) if thorough else BUDGETS:
        stream = Stream(pool.seed, f"budget {k}")
        meaning = features["encoder"]
        strata = equal_size_clusters(meaning, k, stream.child("encoder").child("strata"))
        drawn: list[tuple[str, int, Rows, npt.NDArray[np.float64] | None]] = [
            ("random", draw, random.select(meaning, everything, NOTHING, k, stream.child(f"random {draw}")).rows, None)
            for draw in range(RANDOM_DRAWS)
        ]
        typical = typiclust.select(meaning, everything, NOTHING, k, stream.child("typiclust")).rows
        generator = stream.child("shuffled").generator()
        shuffled = generator.permutation(n)
        drawn += [
            ("shuffled", 0, spread([shuffled[group] for group in strata], k, generator), None),
            ("oracle", 0, stratified_rows(labels.tolist(), k, stream.child("oracle")), None),
            ("typiclust", 0, typical, None),
        ]
        for representation, some in features.items():
            own = stream.child(representation)
            found = list(free_arms(some, k, own))
            if thorough or representation != "surprisal":
                groups = strata if some is meaning else equal_size_clusters(some, k, own.child("strata"))
                found += equal_arms(some, groups, k, own)
            for name, picks, weights in found:
                arm = f"{representation} {name}"
                if thorough or some is meaning or arm in ALWAYS:
                    drawn.append((arm, 0, picks, weights))
        for name, draw, picks, weights in drawn:
            yield pool.bench.name, pool.seed, k, name, draw, *pool.measured(picks, weights)


def random_lines(pool: SubPool, features: Features, k: int, stream: Stream) -> Iterator[tuple[object, ...]]:
    """The lines of Random's draws in one sub-pool."""
    for draw in range(RANDOM_DRAWS):
        rows = random.select(features, np.arange(features.n), NOTHING, k, stream.child(f"random {draw}")).rows
        yield pool.bench.name, pool.seed, k, "random", draw, *pool.measured(rows, None)


def write_lines(path: Path, lines: Callable[[], Iterable[tuple[object, ...]]]) -> None:
    """Compute a file of results, unless it is there; say how long it took."""
    if path.exists():
        return
    start = time.perf_counter()
    rows = [[f"{value:.5g}" if isinstance(value, float) else value for value in line] for line in lines()]
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    print(f"{path.name} {time.perf_counter() - start:.1f} s, load {os.getloadavg()[0]:.1f}", flush=True)


def options(description: str | None, *, sub_pools: int) -> argparse.ArgumentParser:
    """What the experiments on sub-pools are told."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--sub-pools", type=int, default=sub_pools)
    parser.add_argument("--part", default="0/1", help="This process computes sub-pools i, i + n, ...: i/n.")
    return parser


def compute(arguments: argparse.Namespace, cell: Callable[[SubPool], Iterable[tuple[object, ...]]]) -> None:
    """Compute every sub-pool of every data set that is not there yet, all data sets before the next sub-pool."""
    first, step = (int(word) for word in arguments.part.split("/"))
    arguments.output.mkdir(parents=True, exist_ok=True)
    resources = resources_for(Settings(), arguments.cache)
    benches = [prepared(folder, resources) for folder in arguments.folders]
    for seed in range(first, arguments.sub_pools, step):
        for bench in benches:
            write_lines(arguments.output / f"{seed:03d}-{bench.name}.csv", partial(cell, sub_pool(bench, seed)))


if __name__ == "__main__":
    compute(options(__doc__, sub_pools=100).parse_args(), cell)
