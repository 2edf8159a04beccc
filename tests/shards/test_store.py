"""The store: what was computed for a text is found again, and nothing that is not whole is ever believed."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError, AlpsWarning
from alps.shards.store import NoStore, Store, is_shard, rows_of, store_key
from tests.processes import finish, start, wait_until

SCHEMA = pa.schema({"digest": pa.binary(16), "value": pa.int32(), "nats": pa.list_(pa.float32())})
SETTINGS = {"model": "a", "dtype": "float32"}


def digest(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=16).digest()


def rows(*pairs: tuple[str, int]) -> pa.Table:
    return pa.table(
        {
            "digest": [digest(name) for name, _ in pairs],
            "value": [value for _, value in pairs],
            "nats": [[float(value)] * (value % 3) for _, value in pairs],
        },
        schema=SCHEMA,
    )


def values(store: Store, *names: str) -> list[list[int]]:
    """The stored values of each text, ascending."""
    found = store.find(pa.array([digest(name) for name in names], pa.binary(16)))
    per_text: list[list[int]] = [[] for _ in names]
    for row, value, nats in zip(*(found[name].to_pylist() for name in ("row", "value", "nats")), strict=True):
        assert nats == [float(value)] * (value % 3)
        per_text[row].append(value)
    return [sorted(stored) for stored in per_text]


def shard_files(store: Store) -> list[Path]:
    return sorted(path for path in store.folder.iterdir() if is_shard(path))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, SETTINGS, SCHEMA)


def test_what_is_appended_is_found_by_its_digest(store: Store) -> None:
    store.append(rows(("rain", 1), ("sun", 2)))
    store.append(rows(("snow", 3)))
    assert values(store, "snow", "hail", "rain") == [[3], [], [1]]


def test_a_new_store_of_the_same_settings_finds_it(store: Store, tmp_path: Path) -> None:
    store.append(rows(("rain", 1)))
    again = Store(tmp_path, {"dtype": "float32", "model": "a"}, SCHEMA)
    assert values(again, "rain") == [[1]]


def test_a_text_may_have_several_rows(store: Store) -> None:
    store.append(rows(("rain", 1), ("rain", 2)))
    store.append(rows(("sun", 9), ("rain", 3)))
    assert values(store, "sun", "rain") == [[9], [1, 2, 3]]


def test_an_empty_store_has_the_columns_and_no_rows(store: Store) -> None:
    found = store.find(pa.array([digest("rain")], pa.binary(16)))
    assert found.column_names == ["digest", "value", "nats", "row"]
    assert found.num_rows == 0
    assert not store.folder.exists()


def test_no_rows_make_no_file(store: Store) -> None:
    store.append(rows())
    assert not store.folder.exists()


def test_columns_may_come_in_any_order(store: Store) -> None:
    store.append(rows(("rain", 4)).select(["nats", "value", "digest"]))
    assert values(store, "rain") == [[4]]


@given(st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 2**31 - 1)), max_size=6), max_size=6))
@settings(deadline=None, max_examples=40)
def test_every_row_appended_is_found_exactly_once(tmp_path_factory, appended) -> None:
    store = Store(tmp_path_factory.mktemp("store"), SETTINGS, SCHEMA)
    held = NoStore(SCHEMA)
    for shard in appended:
        pairs = [(name, value % 1000) for name, value in shard]
        store.append(rows(*pairs))
        held.append(rows(*pairs))
    expected = Counter((name, value % 1000) for shard in appended for name, value in shard)
    for kind in (store, held):
        found = values(kind, *"abcdef")
        assert Counter((name, value) for name, own in zip("abcdef", found, strict=True) for value in own) == expected


def test_the_name_of_a_shard_says_its_rows(store: Store) -> None:
    store.append(rows(("rain", 1), ("sun", 2), ("snow", 3)))
    (shard,) = shard_files(store)
    assert rows_of(shard) == 3
    assert rows_of(shard.with_name("holiday.arrow")) == 0
    assert sorted(path.name for path in store.folder.iterdir()) == sorted([shard.name, "store.json"])


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def fill_with_text(path: Path) -> None:
    path.write_text("not arrow at all")


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, cut_to_nothing, fill_with_text])
def test_a_damaged_shard_is_set_aside_with_a_warning(store: Store, damage: Callable[[Path], None]) -> None:
    store.append(rows(("rain", 1)))
    (victim,) = shard_files(store)
    store.append(rows(("sun", 2)))
    damage(victim)
    with pytest.warns(AlpsWarning, match="damaged; its texts are computed again") as caught:
        assert values(store, "rain", "sun") == [[], [2]]
    assert victim.name in str(caught[0].message)
    assert not victim.exists()
    assert len(list(store.folder.glob("*.damaged*"))) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert values(store, "rain", "sun") == [[], [2]]
    store.append(rows(("rain", 5)))
    assert values(store, "rain", "sun") == [[5], [2]]


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(deadline=None, max_examples=60)
def test_no_flipped_bit_goes_unseen(tmp_path_factory, position: int, bit: int) -> None:
    store = Store(tmp_path_factory.mktemp("store"), SETTINGS, SCHEMA)
    store.append(rows(("rain", 1), ("sun", 2)))
    (victim,) = shard_files(store)
    content = bytearray(victim.read_bytes())
    content[position % len(content)] ^= 1 << bit
    victim.write_bytes(content)
    with pytest.warns(AlpsWarning, match="damaged"):
        assert values(store, "rain", "sun") == [[], []]


def test_a_whole_shard_under_a_wrong_name_is_not_believed(store: Store) -> None:
    store.append(rows(("rain", 1)))
    store.append(rows(("sun", 2)))
    first, second = shard_files(store)
    first.rename(second)
    with pytest.warns(AlpsWarning, match="damaged"):
        assert values(store, "rain", "sun") == [[], []]


def test_foreign_files_are_neither_read_nor_touched(store: Store) -> None:
    store.append(rows(("rain", 1)))
    (shard,) = shard_files(store)
    foreign = {
        "notes.txt": b"mine",
        "1-abc.arrow": b"not a shard's name",
        f".{shard.name}.0123456789ab.part": shard.read_bytes()[:50],
        shard.name.upper(): b"another name",
    }
    for name, content in foreign.items():
        (store.folder / name).write_bytes(content)
    (store.folder / "pictures").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert values(store, "rain") == [[1]]
    for name, content in foreign.items():
        assert (store.folder / name).read_bytes() == content
    assert (store.folder / "pictures").is_dir()


def test_a_whole_shard_with_other_columns_is_left_alone(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path, SETTINGS, pa.schema({"digest": pa.binary(16), "colour": pa.int8()}))
    other.append(pa.table({"digest": [digest("rain")], "colour": [1]}, schema=other.schema))
    store.append(rows(("rain", 1)))
    assert values(store, "rain") == [[1]]
    assert len(shard_files(store)) == 2


@pytest.mark.parametrize(
    "other", [{"model": "b", "dtype": "float32"}, {"model": "a"}, {**SETTINGS, "masked": None}, {**SETTINGS, "x": 1.0}]
)
def test_other_settings_are_another_store(store: Store, tmp_path: Path, other: dict) -> None:
    store.append(rows(("rain", 1)))
    stranger = Store(tmp_path, other, SCHEMA)
    assert values(stranger, "rain") == [[]]
    stranger.append(rows(("rain", 2)))
    assert values(store, "rain") == [[1]]
    assert store.folder != stranger.folder


def test_the_key_does_not_change_silently() -> None:
    assert store_key({"model": "a", "masked": None, "max_length": 128}) == "3246c7649518ce0ecc5d939d74ea8766"


def test_the_settings_stand_beside_the_shards(store: Store) -> None:
    store.append(rows(("rain", 1)))
    assert json.loads((store.folder / "store.json").read_text()) == SETTINGS


def test_a_cache_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("mine")
    store = Store(tmp_path / "cache", SETTINGS, SCHEMA)
    with pytest.raises(AlpsError, match=r"^[^\n]*cache[^\n]* could not be written \([^\n]*\); choose another place\.$"):
        store.append(rows(("rain", 1)))
    assert (tmp_path / "cache").read_text() == "mine"
    assert values(store, "rain") == [[]]


def append_many(folder: Path, who: str, n: int, ready: Path) -> None:
    ready.touch()
    wait_until(lambda: len(list(ready.parent.glob("ready-*"))) == 2)
    store = Store(folder, SETTINGS, SCHEMA)
    for i in range(n):
        store.append(rows((f"{who}{i}", i), ("shared", i)))


def test_two_processes_that_append_at_once_lose_nothing(store: Store, tmp_path: Path) -> None:
    n = 40
    both = [start(append_many, tmp_path, who, n, tmp_path / f"ready-{who}") for who in "ab"]
    names = [f"{who}{i}" for who in "ab" for i in range(n)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is being written never looks damaged
        while any(process.is_alive() for process in both):
            found = values(store, *names)
            assert all(stored in ([], [int(name[1:])]) for name, stored in zip(names, found, strict=True))
    assert [finish(process) for process in both] == [0, 0]
    assert values(store, *names) == [[int(name[1:])] for name in names]
    assert values(store, "shared") == [sorted([*range(n), *range(n)])]


@pytest.mark.skipif(os.name != "posix", reason="a limit on the size of files")
def test_a_full_disk_is_one_sentence_and_the_store_stays_good(store: Store, tmp_path: Path) -> None:
    store.append(rows(("rain", 1)))
    assert finish(start(append_to_a_full_disk, tmp_path)) == 0
    assert sorted(path.name for path in store.folder.iterdir()) == sorted([shard_files(store)[0].name, "store.json"])
    assert values(store, "rain") == [[1]]
    store.append(rows(("sun", 2)))
    assert values(store, "rain", "sun") == [[1], [2]]


def append_to_a_full_disk(folder: Path) -> None:
    from tests.processes import limit_file_size

    limit_file_size(5000)
    store = Store(folder, SETTINGS, SCHEMA)
    with pytest.raises(AlpsError, match=r"^The disk is full while writing [^\n]*; free some space[^\n]*\.$"):
        store.append(rows(*((f"text {i}", i) for i in range(1000))))


def test_a_shard_that_cannot_be_opened_is_not_called_damaged(store: Store) -> None:
    store.append(rows(("rain", 1)))
    (path,) = shard_files(store)
    kept = path.rename(path.with_name("kept"))
    path.symlink_to(path)  # any error of the system, here a loop of links
    with pytest.raises(AlpsError, match="could not be opened"):
        values(store, "rain")
    assert path.is_symlink()
    kept.replace(path)
    assert values(store, "rain") == [[1]]


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_shards_are_looked_through_in_groups(store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr("alps.shards.store._MAPPED_AT_ONCE", at_once)
    for i in range(3):
        store.append(rows(("rain", i), (f"sun {i}", 10 + i)))
    found = values(store, "rain", "sun 0", "sun 2", "snow")
    assert [sorted(each) for each in found] == [[0, 1, 2], [10], [12], []]
