"""What a strategy looks at, computed ahead in parts: nothing is missing, nothing twice, and the picks are the same."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import alps
from alps.base.errors import AlpsError
from alps.cli.embed import parse_part
from tests.processes import Result, run_alps

WORDS = {"one": ["the", "a"], "two": ["in"]}


@pytest.fixture
def options(checkpoints: dict[str, Path], tmp_path: Path) -> dict[str, Any]:
    return {"model": str(checkpoints["bert"]), "device": "cpu", "cache_dir": tmp_path / "cache"}


@pytest.mark.parametrize(
    ("strategy", "more"),
    [
        ("stratified", {}),
        ("alps", {}),
        ("alps-tokens", {}),
        ("alps-masked", {"seed": 3}),
        ("alps-encoder", {}),
        ("patron", {"label_words": WORDS}),
        ("alps:2,bert-km,random", {}),
    ],
)
def test_select_finds_what_the_parts_computed(
    strategy: str, more: dict[str, Any], news: list[str], options: dict[str, Any]
) -> None:
    done = [alps.embed(news, strategy=strategy, part=(i, 3), **options, **more) for i in (1, 2, 3)]
    assert sum(each["texts_in_part"] for each in done) == len(set(news))
    assert all(each["texts_computed"] >= each["texts_in_part"] > 0 for each in done)
    found = alps.select(news, k=9, strategy=strategy, **options, **more)
    assert found.summary["texts_computed"] == 0
    alone = alps.select(news, k=9, strategy=strategy, **{**options, "cache_dir": None}, **more)
    assert found.ids == alone.ids


def test_a_text_is_in_the_same_part_of_any_pool(news: list[str], options: dict[str, Any]) -> None:
    alps.embed(news, strategy="alps", part=(1, 2), **options)
    alps.embed([*reversed(news), "one more", news[0]], strategy="alps", part=(2, 2), **options)
    assert alps.select(news, k=5, strategy="alps", **options).summary["texts_computed"] == 0


def test_what_is_there_is_not_computed_again(news: list[str], options: dict[str, Any]) -> None:
    whole = alps.embed(news, strategy="alps", evaluated_fraction=1.0, **options)
    assert whole["part"] == "1/1"
    assert whole["texts_computed"] == len(set(news))
    assert alps.embed(news, strategy="alps", seed=7, part=(2, 5), **options)["texts_computed"] == 0


def test_select_finds_the_sample_that_was_computed(news: list[str], options: dict[str, Any]) -> None:
    done = [alps.embed(news, sample=20, seed=4, part=(i, 2), **options) for i in (1, 2)]
    assert sum(each["texts_in_part"] for each in done) == 20
    assert alps.select(news, k=5, sample=20, seed=4, **options).summary["texts_computed"] == 0


def test_a_part_without_a_text(options: dict[str, Any]) -> None:
    done = [alps.embed(["only one"], part=(i, 3), **options)["texts_in_part"] for i in (1, 2, 3)]
    assert sorted(done) == [0, 0, 1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"part": (0, 16)}, "There is no part 0/16; the first of 16 is 1/16"),
        ({"part": (17, 16)}, "There is no part 17/16"),
        ({"part": (1, 0)}, "There is no part 1/0; the first of 1 is 1/1"),
        ({"strategy": "margin"}, "margin needs labels; choose one that needs none"),
        ({"strategy": "ft-bert-km"}, "ft-bert-km needs labels"),
        ({"strategy": "alps,margin"}, "needs labels"),
        ({"strategy": "random"}, "random looks at no text"),
        ({"strategy": "patron"}, "asks the language model for words"),
        ({"strategy": "wrong"}, "There is no strategy 'wrong'"),
    ],
)
def test_what_cannot_be_computed_ahead(more: dict[str, Any], said: str, options: dict[str, Any]) -> None:
    with pytest.raises(AlpsError, match=said):
        alps.embed(["a text", "another"], **options, **more)


@pytest.mark.parametrize("given", ["", "3", "3/", "/3", "a/b", "-1/3", "1/2/3", "1.5/3", "٣/٤"])
def test_what_is_no_part(given: str) -> None:
    with pytest.raises(AlpsError, match="is not like 3/16"):
        parse_part(given)


def test_two_processes_at_once(news: list[str], options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "pool.txt").write_text("\n".join(news) + "\n", encoding="utf-8")
    pool, cache = str(tmp_path / "pool.txt"), str(options["cache_dir"])
    names = [pool, "--strategy", "alps", "--model", options["model"], "--cache-dir", cache]

    def embed(number: int) -> Result:
        folder = tmp_path / str(number)
        folder.mkdir()
        return run_alps(["embed", *names, "--part", f"{number}/2", "--json"], folder)

    with ThreadPoolExecutor(2) as together:
        results = [*together.map(embed, (1, 2))]
    assert [each.code for each in results] == [0, 0], results[0].err + results[1].err
    done = [json.loads(each.out) for each in results]
    assert sum(each["texts_computed"] for each in done) == len(set(news))
    chosen = run_alps(["select", *names, "-k", "5", "--json"], tmp_path)
    assert json.loads(chosen.out)["texts_computed"] == 0


def test_the_command_says_what_it_did(news: list[str], options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "pool.txt").write_text("\n".join(news) + "\n", encoding="utf-8")
    names = ["embed", "pool.txt", "--model", options["model"], "--cache-dir", "cache"]
    done = run_alps(names, tmp_path)
    n = len(set(news))
    assert (done.code, done.out) == (0, "")
    assert f"Part 1/1: {n} texts, {n} of them computed now; their values are in cache" in done.err
    wrong = run_alps([*names, "--part", "0/4"], tmp_path)
    assert (wrong.code, wrong.out) == (2, "")
    assert "Error: There is no part 0/4; the first of 4 is 1/4." in wrong.err
