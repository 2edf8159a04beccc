"""`--quiet`, `--verbose` and `--debug`, anywhere on the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Alps

ARTICLES = "articles.csv"


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("where", [0, 1, 2, 4])
@pytest.mark.parametrize("flag", ["--quiet", "-q"])
def test_quiet_tells_nothing_but_the_queries(flag: str, where: int, alps: Alps, tiny: list[str]) -> None:
    arguments = ["select", ARTICLES, "-k", "30", *tiny]
    result = alps(*arguments[:where], flag, *arguments[where:])
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("rank,id,text")


@pytest.mark.usefixtures("csv_file")
def test_quiet_still_tells_mistakes(alps: Alps) -> None:
    result = alps("select", ARTICLES, "--quiet", "--strategy", "magic")
    assert result.code == 2
    assert result.err.startswith("Error: There is no strategy 'magic'")


@pytest.mark.usefixtures("csv_file")
def test_verbose_tells_stages_models_and_what_came_from_the_cache(alps: Alps, tiny: list[str], tmp_path: Path) -> None:
    arguments = ["select", ARTICLES, "-k", 3, "-o", "queries.csv", *tiny]
    first = alps("-v", *arguments)
    assert first.code == 0, first.err
    assert "pool: 20 texts of articles.csv, 20 to choose from" in first.err
    assert f"model: {tiny[1]}, float32 on cpu" in first.err
    assert "values: 20 texts computed, 0 found in the cache" in first.err
    assert f"cache: {tmp_path / 'cache'}" in first.err
    for stage in ("read the pool", "loaded the libraries", "looked at the texts", "chose"):
        assert f" s: {stage}" in first.err
    again = alps(*arguments, "--force", "--verbose")
    assert "values: 0 texts computed, 20 found in the cache" in again.err


@pytest.mark.usefixtures("csv_file")
@pytest.mark.parametrize("where", [0, 1, 2, 4])
def test_debug_shows_the_traceback(where: int, alps: Alps) -> None:
    arguments = ["select", ARTICLES, "--strategy", "magic"]
    result = alps(*arguments[:where], "--debug", *arguments[where:])
    assert result.code not in (0, 130)
    assert "Traceback (most recent call last)" in result.err
    assert result.err.splitlines()[-1].startswith("alps.base.errors.AlpsError: There is no strategy 'magic'")


def test_what_follows_two_dashes_is_a_name(alps: Alps, csv_file: Path, tmp_path: Path) -> None:
    csv_file.rename(tmp_path / "-v")
    result = alps("select", "-k", 2, "--strategy", "random", "--format", "csv", "--", "-v")
    assert result.code == 0, result.err
    assert "pool:" not in result.err
