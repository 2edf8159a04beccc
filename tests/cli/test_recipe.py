"""Recipes: read with `--config`, kept beside every output, and good for the same bytes."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Alps

CHOICE = [
    "--strategy",
    "alps",
    "-k",
    "6",
    "--seed",
    "7",
    "--evaluated-fraction",
    "0.5",
    "--kmeans",
    "paper",
    "--masked",
    "--max-length",
    "40",
    "--sample",
    "20",
]


@pytest.fixture
def queries(alps: Alps, tiny: list[str], csv_file: Path, tmp_path: Path) -> Path:
    """Queries that every option that decides had a say in, and the recipe beside them."""
    (tmp_path / "labelled.csv").write_bytes(b"".join(csv_file.read_bytes().splitlines(keepends=True)[:3]))
    arguments = ["articles.csv", *CHOICE, "--exclude", "labelled.csv", "--text-column", "text", "--id-column", "id"]
    result = alps("select", *arguments, "-o", "queries.csv", *tiny)
    assert result.code == 0, result.err
    return tmp_path / "queries.csv"


def test_the_recipe_beside_the_queries_gives_the_same_bytes(queries: Path, alps: Alps, tmp_path: Path) -> None:
    again = alps("select", "--config", "queries.recipe.toml", "-o", "other.csv", "--no-cache")
    assert again.code == 0, again.err
    assert (tmp_path / "other.csv").read_bytes() == queries.read_bytes()
    piped = alps("select", "--config", "queries.recipe.toml")
    assert piped.out.encode() == queries.read_bytes()


def test_the_recipe_holds_every_option_with_its_effective_value(queries: Path, tiny: list[str]) -> None:
    recipe = tomllib.loads(queries.with_name("queries.recipe.toml").read_text(encoding="utf-8"))
    assert recipe == {
        "alps-version": version("alps-learn"), "source": ["articles.csv"], "text-column": "text", "id-column": "id",
        "exclude": "labelled.csv", "sample": 20, "k": 6, "strategy": "alps", "seed": 7, "evaluated-fraction": 0.5,
        "masked": True,
        "kmeans": "paper", "template": "It was [MASK].", "model": tiny[1], "classifier": "probe", "recipe": "stable",
        "multi-label": False, "max-length": 40, "pooling": "auto", "device": "cpu", "dtype": "auto",
        "map": "pca", "tokens-per-batch": 2048, "cache": True,
    }  # fmt: skip


def test_the_command_line_goes_before_the_recipe(queries: Path, alps: Alps, tmp_path: Path) -> None:
    changed = ["-k", 3, "--no-masked", "--kmeans", "default", "--strategy", "random", "--seed", 0]
    result = alps("select", "--config", "queries.recipe.toml", *changed, "-o", "other.csv")
    assert result.code == 0, result.err
    recipe = tomllib.loads((tmp_path / "other.recipe.toml").read_text(encoding="utf-8"))
    expected = {"k": 3, "masked": False, "kmeans": "default", "strategy": "random", "seed": 0, "max-length": 40}
    assert {name: recipe[name] for name in expected} == expected


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize(
    "lines",
    [
        'source = "articles.csv"\nk = 4\nstrategy = "random"\ntext_column = "title"\n',
        'source = ["articles.csv"]\nk = 4\nstrategy = "random"\ntext-column = "title"\nno-cache = true\n',
    ],
)
def test_keys_are_names_of_options_with_dashes_or_underscores(lines: str, alps: Alps, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(lines)
    by_recipe = alps("select", "--config", "mine.toml")
    assert by_recipe.code == 0, by_recipe.err
    assert by_recipe.out == alps("select", "articles.csv", "-k", 4, "--strategy", "random", "--text_column=title").out


@pytest.mark.usefixtures("csv_file")
def test_hugging_face_s_names_are_understood(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    theirs = ["--model_name_or_path", tiny[1], "--max_seq_length", "64", "--seed", "3"]
    ours = ["--model", tiny[1], "--max-length", "64", "--seed", "3"]
    outputs = [alps("select", "articles.csv", "-k", 4, "--quiet", *names).out for names in (theirs, ours)]
    assert outputs[0] == outputs[1] != ""
    (tmp_path / "theirs.toml").write_text(f"model_name_or_path = '{tiny[1]}'\nmax_seq_length = 64\nseed = 3\nk = 4\n")
    assert alps("select", "articles.csv", "--config", "theirs.toml", "--quiet").out == outputs[0]


@pytest.mark.usefixtures("csv_file")
def test_a_recipe_of_another_version_is_noted(alps: Alps, tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text('alps-version = "0.0.1"\nsource = "articles.csv"\nstrategy = "random"\nk = 2\n')
    result = alps("select", "--config", "old.toml")
    assert result.code == 0
    assert "Note: old.toml was made by alps 0.0.1" in result.err


@pytest.mark.usefixtures("csv_file")
def test_a_recipe_is_not_replaced_without_force(alps: Alps, tmp_path: Path) -> None:
    recipe = tmp_path / "queries.recipe.toml"
    recipe.write_text("# mine\n")
    arguments = ["select", "articles.csv", "-k", 2, "--strategy", "random", "-o", "queries.csv"]
    refused = alps(*arguments)
    assert refused.code == 2
    assert refused.err.startswith("Error: queries.recipe.toml exists already")
    assert not (tmp_path / "queries.csv").exists()
    assert alps(*arguments, "--force").code == 0
    assert tomllib.loads(recipe.read_text(encoding="utf-8"))["k"] == 2


def test_strange_names_survive_a_recipe(alps: Alps, csv_file: Path, tmp_path: Path) -> None:
    name = 'a "quoted" \\ name\u202e\u200b #.csv'
    csv_file.rename(tmp_path / name)
    assert alps("select", name, "-k", 2, "--strategy", "random", "-o", "queries.csv").code == 0
    again = alps("select", "--config", "queries.recipe.toml")
    assert again.out.encode() == (tmp_path / "queries.csv").read_bytes()
