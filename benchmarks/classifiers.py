r"""How good the classifiers are with few labels: accuracy on test texts, as a Markdown table.

    python benchmarks/classifiers.py agnews sst2 trec6 --labels 50 100 300 --seeds 3 --output classifiers.csv

Each folder has `train.tsv` and `test.tsv`: a header line, then text, tab, label. For each seed and number of labels,
texts are drawn at random from the training part, the same for every classifier. Results go to --output cell by
cell, and what stands there is not computed again. Seconds are given as a multiple of the probe's.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from alps.classifiers.text_classifier import train_classifier

CLASSIFIERS = (("probe", "stable"), ("finetune", "stable"), ("finetune", "paper"))


def read(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels of a file without quoting."""
    lines = path.read_text(encoding="utf-8").split("\n")[1:]
    rows = [line.rpartition("\t") for line in lines if line]
    return [row[0] for row in rows], [row[2] for row in rows]


def measure(folder: Path, n: int, seed: int, kind: str, recipe: str, n_tested: int) -> tuple[float, float]:
    """Accuracy on test texts, and seconds of training."""
    texts, labels = read(folder / "train.tsv")
    test_texts, test_labels = read(folder / "test.tsv")
    generator = np.random.default_rng(seed)
    rows = generator.choice(len(texts), n, replace=False)
    tested = np.random.default_rng(0).permutation(len(test_texts))[:n_tested]
    start = time.perf_counter()
    classifier = train_classifier(
        [texts[i] for i in rows], [labels[i] for i in rows], classifier=kind, recipe=recipe, seed=seed
    )
    seconds = time.perf_counter() - start
    predicted = classifier.predict([test_texts[i] for i in tested])
    return float(np.mean([label == test_labels[i] for label, i in zip(predicted, tested, strict=True)])), seconds


def main() -> None:
    """Measure what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--labels", nargs="+", type=int, default=[50, 100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--test-texts", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    found = {}
    if arguments.output.exists():
        with arguments.output.open(newline="") as file:
            found = {tuple(row[:4]): row[4:] for row in csv.reader(file)}
    with arguments.output.open("a", newline="") as file:
        for seed in range(arguments.seeds):
            for n in arguments.labels:
                for folder in arguments.folders:
                    for kind, recipe in CLASSIFIERS:
                        cell = (folder.name, str(n), str(seed), name_of(kind, recipe))
                        if cell not in found:
                            found[cell] = [
                                str(value) for value in measure(folder, n, seed, kind, recipe, arguments.test_texts)
                            ]
                            csv.writer(file).writerow([*cell, *found[cell]])
                            file.flush()
    print_table(found)


def name_of(kind: str, recipe: str) -> str:
    """What a row of the table is called."""
    return kind if kind == "probe" else f"{kind} {recipe}"


def print_table(found: dict[tuple[str, ...], list[str]]) -> None:
    """Mean accuracy and standard deviation over the seeds, and the time of training."""
    cells: dict[tuple[str, str], dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    for (data, n, _, name), values in found.items():
        cells[data, n][name].append([float(value) for value in values])
    names = [name_of(*row) for row in CLASSIFIERS]
    print(f"| data set | labels | {' | '.join(names)} | seeds | time |\n|{'---|' * (len(names) + 4)}")
    for (data, n), by_name in cells.items():
        shown, times = [], []
        for name in names:
            accuracies = [100 * values[0] for values in by_name[name]]
            spread = f" ± {stdev(accuracies):.1f}" if len(accuracies) > 1 else ""
            shown.append(f"{mean(accuracies):.1f}{spread}" if accuracies else "")
            if accuracies:
                times.append(mean(values[1] for values in by_name[name]))
        ratios = " : ".join(f"{seconds / times[0]:.0f}" for seconds in times)
        print(f"| {data} | {n} | {' | '.join(shown)} | {len(by_name[names[0]])} | {ratios} |")


if __name__ == "__main__":
    main()
