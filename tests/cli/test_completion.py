"""What a shell is told when somebody presses the tabulator key."""

from __future__ import annotations

from typing import get_args

import pytest

from alps.classifiers.train import CLASSIFIERS
from alps.cli import choices
from alps.models.batches import TOKENS_PER_BATCH
from alps.models.device import DTYPES
from alps.models.encoder import POOLINGS
from alps.models.recipes import RECIPES
from alps.selectors.kmeans import PRESETS
from alps.strategies import strategies
from tests.cli.conftest import Alps


def completed(alps: Alps, line: str) -> list[str]:
    """What completes a line, by the protocol of bash."""
    words = {"_ALPS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    result = alps(environment=words)
    assert (result.code, result.err) == (0, "")
    return result.out.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("alps sel", ["select"]),
        ("alps --verb", ["--verbose"]),
        ("alps cache c", ["clear"]),
        ("alps select --text", ["--text-column"]),
        ("alps select a.csv --no", ["--no-masked", "--no-cache"]),
        ("alps select --kmeans ", ["default", "paper", "released"]),
        ("alps select a.csv --dtype b", ["bfloat16"]),
        ("alps select --pooling p", ["pooler"]),
        ("alps select --map t", ["tsne"]),
        ("alps select --format js", ["jsonl", "json"]),
        ("alps select --strategy ran", ["random"]),
        ("alps select --device m", ["mps"]),
    ],
)
def test_commands_options_and_values_are_completed(line: str, expected: list[str], alps: Alps) -> None:
    assert completed(alps, line) == expected


def test_every_strategy_is_offered(alps: Alps) -> None:
    assert completed(alps, "alps select --strategy ") == list(strategies())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str, alps: Alps) -> None:
    script = alps("--show-completion", shell, environment={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert script.code == 0
    assert "_ALPS_COMPLETE" in script.out


def test_what_is_offered_is_what_is_taken() -> None:
    assert set(get_args(choices.Presets)) == set(PRESETS)
    assert set(get_args(choices.Types)) == set(DTYPES)
    assert set(get_args(choices.Classifiers)) == set(CLASSIFIERS)
    assert set(get_args(choices.Recipes)) == set(RECIPES)
    assert set(get_args(choices.Poolings)) == {"auto", *POOLINGS}


def test_the_default_of_the_batches_is_the_engine_s(alps: Alps) -> None:
    assert f"default: {TOKENS_PER_BATCH};" in " ".join(alps("select", "--help").out.split())
