"""The command ``alps simulate``: recipes, and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from alps.simulation.results import read_run
from tests.processes import run_alps


@pytest.mark.parametrize(("written", "seeds"), [("'3,43'", [3, 43]), ("[3, 43]", [3, 43]), ("2", [0, 1]), ("[2]", [2])])
def test_a_recipe_says_what_the_options_say(tiny: Path, tmp_path: Path, written: str, seeds: list[int]) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f"dataset = ['{tiny.as_posix()}']\nstrategy = 'random'\nseeds = {written}\nrounds = 1\nk = 5\njobs = 1\n"
        f"output-dir = '{(tmp_path / 'run').as_posix()}'\n"
    )
    result = run_alps(["simulate", str(recipe), "-k", "4"], tmp_path)
    assert result.code == 0, result.err
    n = len(seeds)
    assert f"{n}/{n} rounds: tiny, random, probe, seed {seeds[-1]}, 4 labels: micro-F1" in result.err
    found = [(curve.cell.seed, len(curve.rounds[0].picks)) for curve in read_run(tmp_path / "run")]
    assert found == [(seed, 4) for seed in seeds]
    assert (tmp_path / "run" / "authors_test.csv").read_text().count(",rand,4,") == n


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    for arguments, said in (
        (["simulate"], "no place for the results"),
        (["simulate", "--output-dir", "run"], "no data set"),
        (["simulate", "--output-dir", "run", "--dataset", "nowhere"], "neither a folder nor one of ag_news"),
    ):
        result = run_alps(arguments, tmp_path)
        assert result.code == 2
        assert said in result.err
        assert result.err.count("\n") == 1
