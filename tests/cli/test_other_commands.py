"""`alps`, `alps strategies` and `alps cache`."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Alps


def test_version(alps: Alps) -> None:
    assert alps("--version").out == f"alps {version('alps-learn')}\n"
    as_module = [sys.executable, "-m", "alps", "--version"]
    assert subprocess.run(as_module, capture_output=True, text=True, check=True).stdout == alps("--version").out


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], []])
def test_help_names_every_command(arguments: list[str], alps: Alps) -> None:
    result = alps(*arguments)
    shown = result.out + result.err
    assert all(command in shown for command in ("select", "strategies", "cache", "model"))
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "arguments", [["select"], ["strategies"], ["cache"], ["cache", "list"], ["cache", "clear"], ["model", "info"]]
)
def test_every_command_has_help(arguments: list[str], alps: Alps) -> None:
    result = alps(*arguments, "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: alps {' '.join(arguments)}")
    assert result.err == ""


def test_help_of_select_names_every_choice(alps: Alps) -> None:
    shown = " ".join(alps("select", "--help").out.split())
    for word in ("bbc-news", "--exclude", "--seed", "ALPS_CACHE_DIR", "bfloat16", "released", "--force", "--json"):
        assert word in shown


def test_strategies_are_listed_with_what_they_need_and_their_source(alps: Alps) -> None:
    result = alps("strategies")
    assert result.code == 0
    blocks = dict(block.split("\n", 1) for block in result.out.strip().split("\n\n"))
    assert list(blocks)[:2] == ["alps", "alps-kmeans++"]
    assert "needs masked language model; O(t k n l)" in blocks["alps"]
    assert "needs encoder" in blocks["bert-km"]
    assert "needs nothing" in blocks["random"]
    assert all("EMNLP 2020" in blocks[name] for name in ("alps", "alps-kmeans++", "bert-km", "random"))


def test_the_cache_is_listed_and_cleared(alps: Alps, tiny: list[str], csv_file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert alps("cache", "list").out == f"{cache}: 0 stores, 0 B\n"
    assert not cache.exists()
    assert alps("select", csv_file, "-k", 2, "--strategy", "alps", *tiny).code == 0
    (cache / "thesis.txt").write_text("mine")
    store, total = alps("cache", "list").out.splitlines()
    assert "20 texts" in store
    assert "token surprisal float32 cpu" in store
    assert total.startswith(f"{cache}: 1 store, ")
    asked = alps("cache", "clear", standard_input=b"n\n")
    assert asked.code == 1
    assert "Remove 1 store" in asked.out + asked.err
    assert len(alps("cache", "list").out.splitlines()) == 2
    cleared = alps("cache", "clear", "--yes")
    assert cleared.code == 0
    assert cleared.out.startswith("Removed ")
    assert alps("cache", "list").out == f"{cache}: 0 stores, 0 B\n"
    assert [path.name for path in cache.iterdir()] == ["thesis.txt"]


def test_another_cache_folder_can_be_named(alps: Alps, tiny: list[str], csv_file: Path, tmp_path: Path) -> None:
    assert alps("select", csv_file, "-k", 2, "--cache-dir", "here", *tiny).code == 0
    assert alps("cache", "list", "--cache-dir", "here").out.splitlines()[-1].startswith("here: 1 store, ")
    assert alps("cache", "clear", "--cache-dir", "here", "-y").code == 0
    assert not (tmp_path / "here").exists()


def test_a_hostile_description_of_a_store_cannot_speak_to_the_terminal(alps: Alps, tmp_path: Path) -> None:
    store = tmp_path / "cache" / ("0" * 32)
    store.mkdir(parents=True)
    (store / "store.json").write_text('{"model": "red\\u0007\\u202e", "kind": "x"}')
    result = alps("cache", "list")
    assert result.code == 0
    assert "red\ufffd\ufffd x" in result.out


def test_model_info_tells_of_the_bundled_model(alps: Alps) -> None:
    told = json.loads(alps("model", "info", "--json").out)
    assert (told["model"], told["layers"], told["word_pieces"]) == ("bundled", 6, 30_522)
    shown = alps("model", "info").out
    assert "\nword pieces: 30,522\n" in shown
    assert "\n    learning rate: 0.0006\n" in shown
    assert "\n    unigram start: yes\n" in shown
    assert "\n      tokens 1,996,744, nats 4.339, top1 0.3155\n" in shown
    assert not set("{}[]") & set(shown)


def test_model_info_of_no_model_is_an_error(alps: Alps) -> None:
    result = alps("model", "info", "./nothing")
    assert result.code == 2
    assert result.err == "Error: There is no model folder ./nothing; give a folder with config.json, or a hub id.\n"


@pytest.mark.parametrize("group", ["argilla", "cache", "label-studio", "model", "serve"])
def test_a_group_alone_shows_its_help(alps: Alps, group: str) -> None:
    shown = alps(group)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Usage: alps " + group) and shown.out == alps(group, "--help").out
