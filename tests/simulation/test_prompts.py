"""Label words of data sets: the file, what is refused, and a simulation that asks with them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from alps.base.errors import AlpsError
from alps.selection import select
from alps.simulation.data_sets import read_folder
from alps.simulation.grid import Grid, Settings
from alps.simulation.prompts import DataSetPrompt, read_prompts
from alps.simulation.results import read_run
from alps.simulation.runner import simulate

WORDS = {"sport": ["sport", "game"], "trade": ["business"]}
PROMPT = DataSetPrompt(WORDS, "It is about [MASK].")
TOML = """[tiny]
template = "It is about [MASK]."
[tiny.label-words]
sport = ["sport", "game"]
trade = ["business"]
"""


def grid_of(folder: Path, strategy: str = "patron", prompt: DataSetPrompt = PROMPT) -> Grid:
    settings = Settings(k=6, rounds=2)
    return Grid((str(folder),), (strategy,), ("probe",), (3,), settings, {"tiny": prompt})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_file_of_prompts(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text(TOML + '[other.label-words]\na = ["é"]\nb = ["in"]\n', encoding="utf-8")
    assert read_prompts(path) == {"tiny": PROMPT, "other": DataSetPrompt({"a": ["é"], "b": ["in"]}, "It was [MASK].")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[tiny", "The file of prompts .* is not TOML"),
        (b"[tiny.label-words]\na = ['\xff']", "is not UTF-8"),
        (b"tiny = 3", r"tiny is no table of label-words and perhaps a template; write \[tiny.label-words\]"),
        (b"[tiny]\ntemplate = 'It was [MASK].'", "is no table of label-words"),
        (b"[tiny.label-words]\na = ['x']\n[tiny.words]", "is no table of label-words"),
        (b"[tiny.label-words]\na = 'great'", "each class needs a list of words"),
        (b"[tiny.label-words]\na = []", "each class needs a list of words"),
        (b"[tiny.label-words]\na = [' ']", "each class needs a list of words"),
        (b"[tiny]\nlabel-words = ['great']", "each class needs a list of words"),
        (b"[tiny]\ntemplate = 3\nlabel-words.a = ['great']", "template is not a text in quotes"),
    ],
)
def test_other_files_are_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").write_bytes(content)
    with pytest.raises(AlpsError, match=said):
        read_prompts(tmp_path / "prompts.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="cannot be read"):
        read_prompts(tmp_path / "prompts.toml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"sport": ["game"]}, "class 'trade' of the data set tiny has no label words"),
        ({**WORDS, "music": ["song"]}, "class 'music' of the data set tiny has label words, but no text has it"),
        ({"sport": ["gamesmanships"], "trade": ["business"]}, "'gamesmanships' of the class 'sport' is not one piece"),
    ],
)
def test_words_that_do_not_fit_the_data_set(
    words: dict[str, list[str]], said: str, tiny: Path, cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(AlpsError, match=said):
        simulate(grid_of(tiny, prompt=DataSetPrompt(words)), tmp_path, jobs=1, cache_folder=cache)
    assert not (tmp_path / "cells").exists()


@pytest.mark.parametrize("strategy", ["patron", "patron-then-margin", "random,patron"])
def test_without_a_prompt_for_every_data_set(strategy: str, tiny: Path) -> None:
    grid = replace(grid_of(tiny, strategy), datasets=(str(tiny), "ag_news"))
    with pytest.raises(AlpsError, match=f"{strategy} asks for label words, and the data set ag_news has none"):
        grid.check()


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_batch_is_what_select_chooses_with_these_words(
    jobs: int, tiny: Path, cache: Path, tmp_path: Path
) -> None:
    grid = replace(grid_of(tiny), strategies=("patron", "patron-then1-margin", "random"))
    simulate(grid, tmp_path, jobs=jobs, cache_folder=cache)
    chosen = select(
        read_folder(tiny).train.pool, 6, strategy="patron", seed=3, label_words=WORDS, template=PROMPT.template,
        cache_dir=cache,
    )  # fmt: skip
    asked, then, random = read_run(tmp_path)
    assert asked.rounds[0].picks == then.rounds[0].picks == chosen.ids
    assert [each.strategy for each in then.rounds] == ["patron", "margin"]
    assert not {*asked.rounds[0].picks} & {*asked.rounds[1].picks}
    assert asked.settings["label_words"] == then.settings["label_words"] == WORDS
    assert asked.settings["template"] == PROMPT.template
    assert "label_words" not in random.settings
    assert asked.settings["seconds_shared"]["prompting"] >= 0


def test_curves_of_other_words_do_not_mix(tiny: Path, cache: Path, tmp_path: Path) -> None:
    simulate(grid_of(tiny), tmp_path, jobs=1, cache_folder=cache)
    other = DataSetPrompt({**WORDS, "trade": ["money"]}, PROMPT.template)
    with pytest.raises(AlpsError, match="another label_words"):
        simulate(replace(grid_of(tiny, prompt=other), seeds=(4,)), tmp_path, jobs=1, cache_folder=cache)
    simulate(grid_of(tiny, "random", other), tmp_path, jobs=1, cache_folder=cache)  # which asks nothing


def test_the_command_takes_a_file(tiny: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(
        f"dataset = '{tiny}'\nstrategy = 'patron-released'\nprompts = 'prompts.toml'\nseeds = 1\nk = 4\nrounds = 1\n"
        f"output-dir = 'run'\ncache-dir = '{cache}'\n",
        encoding="utf-8",
    )
    subprocess.run([sys.executable, "-m", "alps", "simulate", "recipe.toml"], cwd=tmp_path, check=True)
    (curve,) = read_run(tmp_path / "run")
    assert (curve.cell.strategy, curve.settings["label_words"]) == ("patron-released", WORDS)
