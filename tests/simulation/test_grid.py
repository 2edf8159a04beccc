"""What a grid is, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from alps.base.errors import AlpsError
from alps.simulation.grid import Grid, Settings, read_seeds
from alps.simulation.plan import depends_on_rounds, first_strategy, rows_in


def test_the_paper_s_seeds() -> None:
    assert read_seeds(["paper"]) == (3, 43, 102, 125, 789)


@pytest.mark.parametrize("words", [[], ["0"], ["many"], ["3,x"], ["-1"]])
def test_other_seeds_are_refused(words: list[str]) -> None:
    with pytest.raises(AlpsError):
        read_seeds(words)


def test_warm_strategies_take_their_first_batch_from_another() -> None:
    assert first_strategy("badge") == first_strategy("margin") == first_strategy("coreset-finetuned") == "random"
    assert first_strategy("ft-bert-km") == "bert-km"
    assert first_strategy("alps") == "alps"
    assert first_strategy("bandit:alps,margin") == "random"
    assert first_strategy("alps-then-margin") == "alps"


def test_some_picks_depend_on_the_rounds_to_come() -> None:
    assert [depends_on_rounds(name) for name in ("alps-single", "bandit:alps,margin", "alps-then-margin")] == [
        True, True, False,
    ]  # fmt: skip


def test_every_strategy_that_a_name_holds() -> None:
    names = {
        "margin:3,random": ["margin", "random"],
        "bandit:margin,badge": ["margin", "badge"],
        "alps-then-margin": ["alps", "margin"],
        "alps,random-then5-bandit:margin,badge": ["alps", "random", "margin", "badge"],
    }
    assert {name: [row.name for row in rows_in(name)] for name in names} == names


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (Grid(("ag_news",), ("alps", "alps")), "twice"),
        (Grid(("ag_news", "ag_news")), "twice"),
        (Grid(()), "No data set"),
        (Grid(("ag_news",), ("wrong",)), "no strategy"),
        (Grid(("ag_news",), ("ft-bert-km",), ("probe",)), "fine-tuned encoder"),
        (Grid(("ag_news",), ("alps-single,random",)), "all at once"),
        (Grid(("ag_news",), ("alps-single-then-margin",)), "all at once"),
        (Grid(("ag_news",), ("margin-then-alps",)), "margin needs labels"),
        (Grid(("ag_news",), ("alps-then-wrong",)), "no strategy 'wrong'"),
        (Grid(("ag_news",), ("alps-then-ft-bert-km",)), "fine-tuned encoder"),
        (Grid(("ag_news",), ("bandit:margin",)), "at least two different strategies"),
        (Grid(("ag_news",), ("bandit:margin,wrong",)), "no strategy 'wrong'"),
        (Grid(("ag_news",), ("alps-tokens",), settings=Settings(evaluated_fraction=0.15)), "alps-tokens is alps"),
        (Grid(("ag_news",), classifiers=("svm",)), "no classifier"),
        (Grid(("ag_news",), settings=Settings(k=0)), "at least 1"),
        (Grid(("ag_news",), ("random", " random")), "has white space around it; write random"),
        (Grid(("ag_news",), ("random",), settings=Settings(evaluated_fraction=15)), "fraction 15 is not above 0"),
    ],
)
def test_what_cannot_be_computed_is_refused(grid: Grid, said: str) -> None:
    with pytest.raises(AlpsError, match=said):
        grid.check()


def test_cells_are_every_combination(tiny: Path) -> None:
    grid = Grid((str(tiny),), ("alps", "random"), ("probe",), (1, 2))
    assert [(cell.dataset, cell.strategy, cell.seed) for _, cell in grid.cells()] == [
        ("tiny", "alps", 1), ("tiny", "alps", 2), ("tiny", "random", 1), ("tiny", "random", 2),
    ]  # fmt: skip
