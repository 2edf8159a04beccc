"""The cache folder: its stores are listed and cleared, and nothing else in it is touched."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from alps.base.errors import AlpsWarning
from alps.shards.cache import clear, default_cache_folder, list_stores
from alps.shards.store import Store
from tests.shards.test_store import SCHEMA, rows, values


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Two stores of 3 and 1 rows, and things of other people."""
    folder = tmp_path / "cache"
    first = Store(folder, {"model": "a"}, SCHEMA)
    first.append(rows(("rain", 1), ("sun", 2)))
    first.append(rows(("snow", 3)))
    Store(folder, {"model": "b"}, SCHEMA).append(rows(("rain", 1)))
    return folder


def add_the_things_of_others(folder: Path) -> dict[str, bytes]:
    """Files and folders that look a little like ours; their contents by path."""
    things = {
        "thesis.txt": b"mine",
        "photos/rome.jpg": b"\xff\xd8",
        f"{'0' * 32}/data.arrow": b"a folder named like a store",
        "other/1-abc.arrow": b"not a shard",
        "shop/store.json": b'{"not": "ours"}',
    }
    for name, content in things.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "empty").mkdir()
    return things


def test_stores_are_listed_the_largest_first(cache: Path) -> None:
    first, second = list_stores(cache)
    assert (first.settings, first.n_shards, first.n_rows) == ({"model": "a"}, 2, 3)
    assert (second.settings, second.n_shards, second.n_rows) == ({"model": "b"}, 1, 1)
    assert first.n_bytes == sum(path.stat().st_size for path in first.folder.iterdir())
    assert first.n_bytes > second.n_bytes


def test_clearing_leaves_nothing_of_ours(cache: Path) -> None:
    n_bytes = sum(store.n_bytes for store in list_stores(cache))
    assert clear(cache) == n_bytes
    assert not cache.exists()
    assert list_stores(cache) == []


def test_the_things_of_other_people_are_untouched(cache: Path) -> None:
    things = add_the_things_of_others(cache)
    assert len(list_stores(cache)) == 2
    clear(cache)
    assert {path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file()} == set(things)
    assert all((cache / name).read_bytes() == content for name, content in things.items())
    assert (cache / "empty").is_dir()


def test_a_store_of_a_user_with_more_in_it_loses_only_ours(cache: Path) -> None:
    store = list_stores(cache)[0].folder
    (store / "my notes.txt").write_text("mine")
    clear(cache)
    assert (store / "my notes.txt").read_text() == "mine"
    assert [path.name for path in store.iterdir()] == ["my notes.txt"]


def test_what_a_crash_or_damage_left_behind_goes_as_well(cache: Path) -> None:
    store = Store(cache, {"model": "b"}, SCHEMA)
    (shard,) = store.folder.glob("*.arrow")
    (store.folder / f".{shard.name}.0123456789ab.part").write_bytes(b"half")
    shard.write_bytes(b"damaged")
    with pytest.warns(AlpsWarning):
        assert values(store, "rain") == [[]]
    clear(cache)
    assert not cache.exists()


def test_an_interrupted_first_store_without_description_is_still_ours(cache: Path) -> None:
    store = list_stores(cache)[0]
    (store.folder / "store.json").unlink()
    (store.folder.parent / list_stores(cache)[1].folder.name / "store.json").write_text("{ not json")
    assert [(found.settings, found.n_rows) for found in list_stores(cache)] == [({}, 3), ({}, 1)]
    clear(cache)
    assert not cache.exists()


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("mine")])
def test_no_folder_an_empty_one_or_a_file_hold_no_stores(tmp_path: Path, make) -> None:
    folder = tmp_path / "cache"
    make(folder)
    assert list_stores(folder) == []
    assert clear(folder) == 0
    if folder.is_file():
        assert folder.read_text() == "mine"


def test_a_store_cleared_while_it_is_open_is_empty_and_takes_more(cache: Path) -> None:
    store = Store(cache, {"model": "a"}, SCHEMA)
    found = store.find(pa.array(rows(("rain", 1))["digest"].to_pylist(), pa.binary(16)))
    clear(cache)
    assert found["value"].to_pylist() == [1]
    assert values(store, "rain") == [[]]
    store.append(rows(("rain", 7)))
    assert values(store, "rain") == [[7]]


def test_the_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ALPS_CACHE_DIR", str(tmp_path))
    assert default_cache_folder() == tmp_path
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("ALPS_CACHE_DIR")
        else:
            monkeypatch.setenv("ALPS_CACHE_DIR", unset)
        assert default_cache_folder().name == "alps" or "alps" in default_cache_folder().parts
        assert default_cache_folder().is_absolute()
