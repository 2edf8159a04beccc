r"""Does the bundled model serve ALPS? Accuracy of a probe on its picks; prints two Markdown tables.

    python tools/measure_picks.py agnews trec6 --models first=first.safetensors ours=MLM.safetensors \
        --frequencies TEXT [TEXT ...] --output picks.csv

Each folder has `train.tsv` and `test.tsv`: a header line, then text, tab, label. For every seed a new sub-pool
of the training texts is drawn; without it a deterministic strategy would give the same picks ten times. On
the sub-pool each row of the table chooses 32, 64 and 128 texts; a logistic regression (C = 10, fixed before
any result was seen) on the L2-normalised embeddings of the unchanged encoder learns from them, and its accuracy
on the test texts is the result. The rows:

* Random, the mean of ten draws a sub-pool;
* ALPS through each of --models, `NAME=TENSORS[:TYPE][:8bit]`: the arithmetic's type (default float32), and
  whether the tensors were stored in 8 bits (a scale for every row) instead of 16;
* unigram: ALPS on minus the log-frequency of the same tokens in the text of --frequencies, without a model.

Results go to --output seed by seed, and what stands there is not computed again.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from alps.base.streams import Stream
from alps.models import MaskedLanguageModel
from alps.models.bundled import load_bundled_masked_language_model
from alps.models.device import resolve_dtype
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations import encoding
from alps.representations.features import Features
from alps.representations.resources import Resources
from alps.representations.surprisal import surprisal_embeddings
from alps.representations.token_surprisal import TokenSurprisal, token_surprisal
from alps.selectors import kmeans
from train_bundled_model import by_length, piece_counts, read_passages

BUDGETS = (32, 64, 128)
RANDOM_DRAWS = 10
RANDOM, UNIGRAM = "Random", "unigram"
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class DataSet:
    """Distinct texts with labels, and encoder embeddings, of the training and the test part."""

    name: str
    texts: Texts
    embeddings: NDArray[np.float32]
    labels: NDArray[np.str_]
    test_embeddings: NDArray[np.float32]
    test_labels: NDArray[np.str_]

    def accuracy(self, rows: Rows) -> float:
        """Share of the test texts that a probe trained on some rows gets right."""
        labels = self.labels[rows]
        if len(np.unique(labels)) == 1:
            return float(np.mean(self.test_labels == labels[0]))
        probe = LogisticRegression(C=10.0, max_iter=1000).fit(self.embeddings[rows], labels)
        return float(probe.score(self.test_embeddings, self.test_labels))


# --- data and models ----------------------------------------------------------------------------------------


def read_data_set(folder: Path, n_test: int, resources: Resources) -> DataSet:
    """The training part and a drawn part of the test part of a folder."""
    parts = []
    for name, n in (("train", None), ("test", n_test)):
        pool = read_pool(folder / f"{name}.tsv", text_column="text")
        rows = pool.distinct().rows
        if n is not None and len(rows) > n:
            rows = np.sort(np.random.default_rng(0).choice(rows, n, replace=False))
        texts = Texts.of(pool, rows)
        features = encoding.represent(texts, np.ones(len(rows), np.int64), resources, Stream(0))
        labels = np.array(pool.table["label"].take(rows).to_pylist())
        parts.append((texts, normalize(features.matrix), labels))
    (texts, embeddings, labels), (_, test_embeddings, test_labels) = parts
    return DataSet(folder.name, texts, embeddings, labels, test_embeddings, test_labels)


def part_of(texts: Texts, rows: Rows) -> Texts:
    """Some of the texts."""
    return replace(texts, rows=texts.rows[rows], digests=texts.digests.take(rows), keys=texts.keys[rows])


def in_eight_bits(tensor: torch.Tensor) -> torch.Tensor:
    """What is left of a matrix after storing it as int8 with one scale a row; vectors stay as they are."""
    if tensor.ndim < 2:
        return tensor
    scale = (tensor.abs().amax(dim=1, keepdim=True) / 127).clamp_min(1e-12)
    return (tensor / scale).round() * scale


def load_model(description: str) -> MaskedLanguageModel:
    """The bundled model with the tensors of `TENSORS[:TYPE][:8bit]`."""
    path, *options = description.split(":")
    eight_bits = "8bit" in options
    (dtype,) = [option for option in options if option != "8bit"] or ["float32"]
    own = {name: tensor.float() for name, tensor in load_file(path).items()}
    if eight_bits:
        own = {name: in_eight_bits(tensor) for name, tensor in own.items()}
    network, tokenizer = load_bundled_masked_language_model()
    network.load_state_dict(own, strict=False)
    network.tie_weights()
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest() + ":8bit" * eight_bits
    kind = resolve_dtype(dtype)
    return MaskedLanguageModel.prepare(description, network, tokenizer, torch.device("cpu"), kind, digest)


def resources_of(description: str, cache: Path) -> Resources:
    """Resources that look through such a model."""
    model = load_model(description)
    resources = Resources(device="cpu", dtype=str(model.dtype).removeprefix("torch."), cache_folder=cache)
    resources.__dict__["masked_language_model"] = model
    return resources


def rarity_in(paths: Sequence[Path], resources: Resources) -> NDArray[np.float32]:
    """Minus the log-frequency of every word piece, (vocabulary,)."""
    tokenizer = resources.masked_language_model.tokenizer
    passages = [passage for path in paths for passage in read_passages(path)]
    counts = piece_counts(by_length(passages, tokenizer).values(), len(tokenizer))
    rarity: NDArray[np.float32] = -(counts / counts.sum()).log().numpy()
    return rarity


def with_rarity(surprisal: TokenSurprisal, texts: Texts, rarity: NDArray[np.float32], r: Resources) -> TokenSurprisal:
    """The same evaluated tokens, with rarity in the place of surprisal."""
    tokens = r.tokenizer(r.masked_language_model)(texts.take(np.arange(texts.n)))
    pieces = tokens.ids[tokens.offsets[surprisal.rows] + surprisal.positions]
    return replace(surprisal, nats=rarity[pieces])


# --- picks --------------------------------------------------------------------------------------------------


def alps_picks(surprisal: TokenSurprisal, seed: int, max_length: int) -> list[Rows]:
    """ALPS's picks for every budget."""
    n = len(surprisal.n_tokens)
    features = Features(surprisal_embeddings(surprisal, max_length), np.ones(n, np.int64))
    stream = Stream(seed).child("kmeans")
    return [kmeans.select(features, np.arange(n), np.empty(0, np.int64), k, stream).rows for k in BUDGETS]


def measure(
    data: DataSet, seed: int, pool_size: int, models: dict[str, Resources], rarity: NDArray[np.float32] | None
) -> dict[tuple[str, int], float]:
    """(row of the table, budget) -> accuracy, for one sub-pool."""
    generator = np.random.default_rng((seed, 1))
    n = len(data.labels)
    pool = np.sort(generator.choice(n, min(pool_size, n), replace=False))
    texts = part_of(data.texts, pool)
    found: dict[tuple[str, int], float] = {}
    draws = [generator.permutation(pool) for _ in range(RANDOM_DRAWS)]
    for k in BUDGETS:
        found[RANDOM, k] = float(np.mean([data.accuracy(draw[:k]) for draw in draws]))
    for i, (name, resources) in enumerate(models.items()):
        surprisal = token_surprisal(texts, resources, seed=seed)
        variants = {name: surprisal}
        if rarity is not None and i == 0:
            variants[UNIGRAM] = with_rarity(surprisal, texts, rarity, resources)
        for variant, values in variants.items():
            for k, rows in zip(BUDGETS, alps_picks(values, seed, resources.max_length), strict=True):
                found[variant, k] = data.accuracy(pool[rows])
    return found


# --- tables -------------------------------------------------------------------------------------------------

Results = dict[tuple[str, int, str, int], float]  # data set, seed, row, budget -> accuracy


def read_results(path: Path) -> Results:
    """What an earlier run wrote."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {(r["data"], int(r["seed"]), r["row"], int(r["k"])): float(r["accuracy"]) for r in rows}


def append_results(path: Path, data: str, seed: int, found: dict[tuple[str, int], float]) -> None:
    """Add the results of one sub-pool."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["data", "seed", "row", "k", "accuracy"])
        writer.writerows([data, seed, row, k, f"{accuracy:.5f}"] for (row, k), accuracy in found.items())


def grouped(
    results: Results, key: Callable[[tuple[str, int, str, int]], tuple[object, ...]]
) -> dict[object, list[float]]:
    """Accuracies by a part of their key."""
    groups: dict[object, list[float]] = defaultdict(list)
    for where, accuracy in results.items():
        groups[key(where)].append(accuracy)
    return groups


def print_tables(results: Results, names: Sequence[str]) -> None:
    """Accuracy in per cent by data set and budget, and the paired difference to Random."""
    cells = grouped(results, lambda where: (where[0], where[3], where[2]))
    print(f"| data set | k | {' | '.join(names)} |\n|{'---|' * (len(names) + 2)}")
    for data, k in dict.fromkeys((where[0], where[3]) for where in results):
        values = (cells[data, k, name] for name in names)
        shown = (f"{100 * np.mean(cell):.1f} ± {100 * np.std(cell, ddof=1):.1f}" for cell in values)
        print(f"| {data} | {k} | {' | '.join(shown)} |")
    by_seed = grouped(results, lambda where: (where[2], where[1]))
    seeds = sorted({where[1] for where in results})
    print("\n| row | mean | minus Random | 95 % interval |\n|---|---|---|---|")
    for name in names:
        means = np.array([np.mean(by_seed[name, seed]) for seed in seeds])
        difference = 100 * (means - [np.mean(by_seed[RANDOM, seed]) for seed in seeds])
        half = student.ppf(0.975, len(seeds) - 1) * difference.std(ddof=1) / np.sqrt(len(seeds))
        middle = difference.mean()
        print(f"| {name} | {100 * means.mean():.2f} | {middle:+.2f} | {middle - half:+.2f} to {middle + half:+.2f} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, help="folders with train.tsv and test.tsv")
    parser.add_argument("--models", nargs="+", required=True, metavar="NAME=TENSORS[:TYPE][:8bit]")
    parser.add_argument("--frequencies", nargs="*", type=Path, default=[], help="text that says how rare a piece is")
    parser.add_argument("--output", type=Path, required=True, help="CSV file of the results")
    parser.add_argument("--cache", type=Path, required=True, help="folder of computed surprisal")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--pool-size", type=int, default=2000)
    parser.add_argument("--test-size", type=int, default=2000)
    given = parser.parse_args(arguments)
    models = {}
    for description in given.models:
        name, _, path = description.partition("=")
        models[name] = resources_of(path, given.cache)
    rarity = rarity_in(given.frequencies, next(iter(models.values()))) if given.frequencies else None
    names = [RANDOM, *([UNIGRAM] if rarity is not None else []), *models]
    encoder = Resources(device="cpu", cache_folder=given.cache)
    results = read_results(given.output)
    for folder in given.folders:
        data = None
        for seed in range(given.seeds):
            if all((folder.name, seed, name, k) in results for name in names for k in BUDGETS):
                continue
            data = data or read_data_set(folder, given.test_size, encoder)
            found = measure(data, seed, given.pool_size, models, rarity)
            new = {(row, k): a for (row, k), a in found.items() if (folder.name, seed, row, k) not in results}
            append_results(given.output, folder.name, seed, new)
            results |= {(folder.name, seed, row, k): accuracy for (row, k), accuracy in new.items()}
    wanted = {folder.name for folder in given.folders}
    print_tables({where: a for where, a in results.items() if where[0] in wanted and where[2] in names}, names)


if __name__ == "__main__":
    main()
