"""
Work that is done is never done again, and how it was done never shows: not in the order of the pool, nor in what else
was in it, nor in interruptions, company or the size of the pieces.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alps.base.errors import AlpsWarning
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations.evaluated_tokens import draw_evaluated_tokens
from alps.representations.resources import Resources
from alps.representations.token_surprisal import TokenSurprisal, token_surprisal
from alps.selection import Selection
from alps.shards import plan, runner
from alps.shards.store import is_shard
from tests.processes import finish, run_alps, start, wait_until
from tests.shards.conftest import as_csv
from tests.shards.work import TOKENS_PER_SHARD, write_queries, write_queries_together

Choose = Callable[..., Selection]


@pytest.fixture
def fine_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "TOKENS_PER_SHARD", TOKENS_PER_SHARD)


def shard_files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.glob("*/*") if is_shard(path))


def n_computed(selection: Selection) -> int:
    return selection.summary["texts_computed"]


class Surprisal:
    """Token surprisal of some texts through one store, counting what had to be computed."""

    def __init__(self, model: str, cache: Path | None) -> None:
        self.model = model
        self.cache = cache

    def __call__(self, texts: list[str], **options: Any) -> tuple[TokenSurprisal, int]:
        pool = read_pool(texts)
        resources = Resources(self.model, device="cpu", cache_folder=self.cache)
        found = token_surprisal(Texts.of(pool), resources, **{"seed": 0, **options})
        return found, resources.runner.timing.n_texts


@pytest.fixture
def surprisal(bert: str, tmp_path: Path) -> Surprisal:
    return Surprisal(bert, tmp_path / "cache")


def as_bytes(surprisal: TokenSurprisal) -> list[bytes]:
    return [np.ascontiguousarray(value).tobytes() for value in vars(surprisal).values()]


def test_the_second_run_computes_nothing_and_says_the_same(
    choose: Choose, articles: list[str], tmp_path: Path, pool_file: Path, expected: str
) -> None:
    first = choose(pool_file, cache_dir=tmp_path)
    shards = shard_files(tmp_path)
    second = choose(pool_file, cache_dir=tmp_path)
    assert (n_computed(first), n_computed(second)) == (len(articles), 0)
    assert as_csv(first) == as_csv(second) == expected
    assert shard_files(tmp_path) == shards


def test_encoder_embeddings_are_kept_as_well(choose: Choose, articles: list[str], tmp_path: Path) -> None:
    first = choose(articles, strategy="bert-km", cache_dir=tmp_path)
    second = choose(articles, strategy="bert-km", cache_dir=tmp_path)
    more = choose([*articles, "one text more"], strategy="bert-km", cache_dir=tmp_path)
    without = choose(articles, strategy="bert-km")
    assert [n_computed(selection) for selection in (first, second, more)] == [len(articles), 0, 1]
    assert as_csv(first) == as_csv(second) == as_csv(without)


def test_only_new_texts_are_computed(surprisal: Surprisal, articles: list[str]) -> None:
    _, n = surprisal(articles[:100])
    assert n == 100
    _, n = surprisal(articles[60:110])
    assert n == 10
    _, n = surprisal(articles[3:95:2])
    assert n == 0
    _, n = surprisal([*articles[110:113], *articles[:50]])
    assert n == 3


def test_the_order_of_the_pool_does_not_matter(choose: Choose, articles: list[str], tmp_path: Path) -> None:
    shuffled = list(articles)
    random.Random(1).shuffle(shuffled)
    first = choose(articles, cache_dir=tmp_path)
    second = choose(shuffled, cache_dir=tmp_path)
    alone = choose(shuffled)
    assert n_computed(second) == 0
    assert as_csv(first) == as_csv(second) == as_csv(alone)
    assert [shuffled[i] for i in second.indices] == [articles[i] for i in first.indices]


def test_a_smaller_fraction_computes_nothing(surprisal: Surprisal, bert: str, articles: list[str]) -> None:
    surprisal(articles, fraction=0.15)
    tenth, n = surprisal(articles, fraction=0.1)
    assert n == 0
    assert as_bytes(tenth) == as_bytes(Surprisal(bert, None)(articles, fraction=0.1)[0])


@pytest.mark.parametrize("asked", [{"seed": 1}, {"fraction": 0.2}, {"seed": 9, "fraction": 0.05}])
def test_other_tokens_are_computed_where_they_are_missing(
    surprisal: Surprisal, bert: str, articles: list[str], asked: dict[str, Any]
) -> None:
    before, _ = surprisal(articles, seed=0, fraction=0.15)
    keys = read_pool(articles).keys
    stored = draw_evaluated_tokens(0, 0.15, keys, before.n_tokens, 1)
    needed = draw_evaluated_tokens(asked.get("seed", 0), asked.get("fraction", 0.15), keys, before.n_tokens, 1)
    known = set(zip(stored.rows.tolist(), stored.positions.tolist(), strict=True))
    lacking = {
        row for row, at in zip(needed.rows.tolist(), needed.positions.tolist(), strict=True) if (row, at) not in known
    }
    assert 0 < len(lacking) < len(articles)
    found, n = surprisal(articles, **asked)
    assert n == len(lacking)
    assert as_bytes(found) == as_bytes(Surprisal(bert, None)(articles, **asked)[0])
    assert surprisal(articles, **asked)[1] == 0


def test_all_tokens_at_once_serve_every_seed_and_fraction(surprisal: Surprisal, bert: str, articles: list[str]) -> None:
    surprisal(articles[:80], fraction=1.0)
    for seed, fraction in ((0, 0.15), (7, 0.5), (125, 1.0)):
        found, n = surprisal(articles[:80], seed=seed, fraction=fraction)
        assert n == 0
        # Alone, other texts share each batch: in float32 the values may not notice.
        assert as_bytes(found) == as_bytes(Surprisal(bert, None)(articles[:80], seed=seed, fraction=fraction)[0])


def test_masked_values_are_kept_apart_by_seed_and_fraction(surprisal: Surprisal, articles: list[str]) -> None:
    some = articles[:40]
    assert surprisal(some, masked=True)[1] == 40
    assert surprisal(some)[1] == 40
    assert surprisal(some, masked=True, seed=1)[1] == 40
    assert surprisal(some, masked=True, fraction=0.1)[1] == 40
    assert surprisal(some, masked=True)[1] == 0


@pytest.mark.parametrize("other", [{"dtype": "bfloat16"}, {"max_length": 64}])
def test_other_settings_share_no_values(
    choose: Choose, articles: list[str], tmp_path: Path, other: dict[str, Any]
) -> None:
    choose(articles, cache_dir=tmp_path)
    second = choose(articles, cache_dir=tmp_path, **other)
    assert n_computed(second) == len(articles)
    assert as_csv(second) == as_csv(choose(articles, **other))


@pytest.mark.usefixtures("fine_shards")
def test_damage_costs_only_the_damaged_texts(choose: Choose, pool_file: Path, tmp_path: Path, expected: str) -> None:
    choose(pool_file, cache_dir=tmp_path)
    flipped, truncated, empty, *rest = shard_files(tmp_path)
    assert len(rest) > 5
    content = bytearray(flipped.read_bytes())
    content[len(content) // 3] ^= 16
    flipped.write_bytes(content)
    truncated.write_bytes(truncated.read_bytes()[:100])
    empty.write_bytes(b"")
    n_lost = sum(int(path.name.partition("-")[0]) for path in (flipped, truncated, empty))
    with pytest.warns(AlpsWarning) as caught:
        again = choose(pool_file, cache_dir=tmp_path)
    assert sum("is damaged; its texts are computed again" in str(warning.message) for warning in caught) == 3
    assert n_computed(again) == n_lost
    assert as_csv(again) == expected
    assert n_computed(choose(pool_file, cache_dir=tmp_path)) == 0


@pytest.mark.parametrize("pieces", [1, 3, 7])
@pytest.mark.parametrize("what", ["windows", "shards"])
def test_the_size_of_the_pieces_does_not_show(
    what: str, pieces: int, choose: Choose, articles: list[str], pool_file: Path, tmp_path: Path, expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if what == "windows":
        size = -(-len(articles) // pieces)
        monkeypatch.setattr(runner, "windows", partial(plan.windows, most_rows=size))
    else:
        monkeypatch.setattr(plan, "TOKENS_PER_SHARD", choose(pool_file).summary["tokens_computed"] // pieces)
    found = choose(pool_file, cache_dir=tmp_path)
    n_shards = len(shard_files(tmp_path))
    assert n_shards == pieces if what == "windows" else pieces - 1 <= n_shards <= pieces + 1
    assert as_csv(found) == expected


def kill_and_resume(pool_file: Path, bert: str, cache: Path, output: Path, n_kills: int, seed: int) -> None:
    """Kill the work `n_kills` times at random moments; each next process goes on where the last one was stopped."""
    chance = random.Random(seed)
    arguments = (pool_file, bert, cache, output, {})
    for _ in range(n_kills):
        before = len(shard_files(cache))
        more = chance.randint(0, 2)
        in_the_middle_of_a_file = chance.random() < 0.5
        spin = chance.randint(0, 20_000)
        process = start(write_queries, *arguments)

        def the_moment(least: int = before + more, writing: bool = in_the_middle_of_a_file) -> bool:
            return len(shard_files(cache)) >= least and (not writing or any(cache.glob("*/.*.part")))

        assert wait_until(the_moment, process), "the work ended before it could be killed"
        for _ in range(spin):  # somewhere between two writes
            pass
        process.kill()
        assert finish(process) == -9
        assert not output.exists()
    assert len(shard_files(cache)) > 0
    assert finish(start(write_queries, *arguments)) == 0


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize(
    ("n_kills", "seed"), [(3, 3), *(pytest.param(20, seed, marks=pytest.mark.slow) for seed in (43, 102))]
)
def test_kill_9_at_any_moment_does_not_show(
    n_kills: int, seed: int, pool_file: Path, bert: str, expected: str, tmp_path: Path, choose: Choose
) -> None:
    cache, output = tmp_path / "cache", tmp_path / "queries.csv"
    kill_and_resume(pool_file, bert, cache, output, n_kills, seed)
    assert output.read_text(encoding="utf-8") == expected
    assert n_computed(choose(pool_file, cache_dir=cache)) == 0


def test_two_processes_with_one_cache_are_both_right(pool_file: Path, bert: str, expected: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    outputs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    both = [start(write_queries_together, pool_file, bert, cache, output, 2) for output in outputs]
    assert [finish(process) for process in both] == [0, 0]
    assert [output.read_text(encoding="utf-8") for output in outputs] == [expected, expected]


def alps_on_a_full_disk(pool_file: Path, bert: str, tmp_path: Path, cache: Path, **limits: Any) -> None:
    """The command on a cache that becomes full: one sentence, nothing half written, and what is there is whole."""
    arguments = ["select", str(pool_file), "-k", "10", "--model", bert, "--device", "cpu"]
    arguments += ["--evaluated-fraction", "1.0", "--cache-dir", str(cache), "-o", "queries.csv"]
    result = run_alps(arguments, tmp_path, **limits)
    assert result.code == 2, result.err
    last = result.err.splitlines()[-1]
    assert last.startswith("Error: The disk is full while writing ")
    assert last.endswith("free some space or choose another place.")
    assert "Traceback" not in result.err
    assert result.out == ""
    assert not (tmp_path / "queries.csv").exists()
    assert not list(cache.glob("*/.*.part"))


@pytest.mark.skipif(os.name != "posix", reason="a limit on the size of files")
def test_a_full_disk_is_one_sentence_and_leaves_a_usable_store(
    choose: Choose, pool_file: Path, articles: list[str], bert: str, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    half = choose(articles[:120], evaluated_fraction=1.0, cache_dir=cache)
    shards = shard_files(cache)
    alps_on_a_full_disk(pool_file, bert, tmp_path, cache, file_limit=8_000)
    assert shard_files(cache) == shards
    again = choose(pool_file, evaluated_fraction=1.0, cache_dir=cache)
    assert (n_computed(half), n_computed(again)) == (120, len(articles) - 120)
    assert as_csv(again) == as_csv(choose(pool_file, evaluated_fraction=1.0))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full_is_one_sentence_and_leaves_a_usable_store(
    choose: Choose, pool_file: Path, articles: list[str], bert: str, tmp_path: Path, small_disk: Path
) -> None:
    cache = small_disk / "cache"
    some = choose(articles[:60], evaluated_fraction=1.0, cache_dir=cache)
    shards = shard_files(cache)
    alps_on_a_full_disk(pool_file, bert, tmp_path, cache)
    assert shard_files(cache) == shards
    again = choose(articles[:60], evaluated_fraction=1.0, cache_dir=cache)
    assert n_computed(again) == 0
    assert as_csv(again) == as_csv(some)
