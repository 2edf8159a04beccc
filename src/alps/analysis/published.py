"""
The authors' results, as numbers: mean and standard deviation over seeds, to stand beside ours.

Source: Yuan, Lin & Boyd-Graber, "Cold-start Active Learning through Self-supervised Language Modeling", EMNLP 2020,
from the authors' results of single runs. Names of strategies and data sets are ours. BERT-base-uncased; SciBERT for
PubMed (section 5).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class PublishedResult:
    """
    What the authors measured in one setting.

    Attributes
    ----------
    part, dataset, strategy
        ``test`` or ``dev``; ``ag_news``, ``imdb``, ``pubmed`` or ``sst2``; a strategy, ``full`` for the whole pool.
    evaluated_fraction
        The share of tokens that ALPS evaluated, where it was not the usual 0.15; None elsewhere.
    n_labelled
        Texts that were labelled; None for the whole pool.
    metric
        ``f1`` (micro-F1) or ``acc``, which is equal to it where a text has one label.
    n, mean, sd
        Seeds, their mean, and their standard deviation (n - 1); None of one seed.

    """

    part: str
    dataset: str
    strategy: str
    evaluated_fraction: float | None
    n_labelled: int | None
    metric: str
    n: int
    mean: float
    sd: float | None


def published_results() -> list[PublishedResult]:
    """
    All of them, in the order of the file.

    Examples
    --------
    >>> [found.mean for found in published_results() if found.strategy == "full" and found.part == "test"]
    [0.9397, 0.8847, 0.8743, 0.9255]

    """
    text = files("alps.analysis").joinpath("published.csv").read_text(encoding="utf-8")
    return [
        PublishedResult(
            part=row["part"],
            dataset=row["dataset"],
            strategy=row["strategy"],
            evaluated_fraction=float(row["evaluated_fraction"]) if row["evaluated_fraction"] else None,
            n_labelled=int(row["n_labelled"]) if row["n_labelled"] else None,
            metric=row["metric"],
            n=int(row["n"]),
            mean=float(row["mean"]),
            sd=float(row["sd"]) if row["sd"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    ]
