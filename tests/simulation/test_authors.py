"""The names that the authors gave what they ran."""

from __future__ import annotations

import csv
import io

import pytest

from alps.simulation.authors import authors_csv
from alps.simulation.results import FULL, Cell, Curve, Round


def curve(strategy: str, **settings: object) -> Curve:
    rounds = (Round(1, 100, [], [], {"dev": {"micro_f1": 0.75}}),)
    return Curve(Cell("sst2", strategy, "finetune", 3), {"model": "bert-base-uncased", **settings}, rounds)


def ranking(curve: Curve) -> str:
    (row,) = csv.DictReader(io.StringIO(authors_csv([curve], "dev")))
    return row["ranking"]


@pytest.mark.parametrize(
    ("strategy", "fraction", "name"),
    [
        ("alps", 0.15, "mlmKM"),
        ("alps", 0.1, "mlmKMs0.1"),
        ("alps", 0.2, "mlmKMs0.2"),
        ("alps", 1, "mlmKMs1.0"),
        ("alps-tokens", 0.15, "mlmKMs1.0"),  # what the results say where nobody said a fraction
        ("alps-tokens", 0.2, "mlmKMs0.2"),
        ("alps-masked", 0.15, "maskedmlmKM"),
        ("alps-kmeans++", 0.1, "mlmKPs0.1"),
        ("alps-single", 0.15, "OSmlmKM"),
    ],
)
def test_a_share_of_tokens_is_named_as_the_authors_named_it(strategy: str, fraction: float, name: str) -> None:
    assert ranking(curve(strategy, evaluated_fraction=fraction)) == name


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        ("random", "rand"), ("badge-normalised", "rand-badge"), ("entropy", "rand-entropy"), ("bert-km", "embedKM"),
        ("ft-bert-km", "embedKM-FTembedKM"), (FULL, "base"), ("badge", "badge"), ("margin,random", "margin,random"),
    ],
)  # fmt: skip
def test_the_share_is_not_said_where_nothing_depends_on_it(strategy: str, name: str) -> None:
    assert ranking(curve(strategy, evaluated_fraction=0.1)) == ranking(curve(strategy)) == name


@pytest.mark.parametrize("strategy", ["alps-encoder", "alps,random", "alps-then-margin", "of another package"])
def test_two_shares_of_a_strategy_that_they_did_not_run_are_told_apart(strategy: str) -> None:
    names = [ranking(curve(strategy, evaluated_fraction=fraction)) for fraction in (0.1, 0.15, 0.2)]
    assert names == [f"{strategy} s0.1", strategy, f"{strategy} s0.2"]


def test_the_line_of_a_round() -> None:
    _, line = authors_csv([curve("alps-masked")], "dev").splitlines()
    assert line == "0.7500,f1,maskedmlmKM,100,3,sst-2,bert"
