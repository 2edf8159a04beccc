"""A file is there whole or not at all, and what was there before is never lost."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alps.base.atomic import FolderKind, atomic_file, atomic_folder, check_writable, explain_os_error
from alps.base.errors import AlpsError
from tests.processes import finish, limit_file_size, start, wait_until

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX signals and limits")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, content: str, **options: bool) -> None:
    with atomic_file(path, **options) as temporary:
        temporary.write_text(content)


def test_a_new_file_comes_into_being_whole(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    with atomic_file(path) as temporary:
        assert temporary.parent == tmp_path
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["queries.csv"]


def test_an_existing_file_is_refused_before_any_work(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("labels of a week")
    with pytest.raises(AlpsError, match=r"queries\.csv exists already; .* --force"), atomic_file(path):
        pytest.fail("nothing is to be written")
    assert path.read_text() == "labels of a week"


def test_a_file_that_somebody_else_made_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "reviews.alps"
    with pytest.raises(AlpsError, match="made by somebody else meanwhile"), atomic_file(path) as temporary:
        temporary.write_text("mine")
        path.write_text("labels of a week")
    assert path.read_text() == "labels of a week"
    assert names(tmp_path) == ["reviews.alps"]


def test_force_replaces_it_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("old")
    with atomic_file(path, force=True) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["queries.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, AlpsError, SystemExit])
def test_a_failure_inside_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), atomic_file(tmp_path / "queries.csv") as temporary:
        temporary.write_text("half")
        raise error("stop")
    assert names(tmp_path) == []


def test_the_old_file_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_file(path, force=True) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["queries.csv"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match=r"^The folder .*nowhere does not exist; make it first or write elsewhere\.$"):
        write(tmp_path / "nowhere" / "queries.csv", "text")
    assert names(tmp_path) == []


def test_a_folder_cannot_be_written_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="is a folder; name a file to write"):
        check_writable(tmp_path, force=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(AlpsError, match=r"^The folder .*locked is not writable; .* queries\.csv\.$"):
        write(folder / "queries.csv", "text")


def test_a_block_that_writes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="could not be written"), atomic_file(tmp_path / "queries.csv"):
        pass
    assert names(tmp_path) == []


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    with atomic_file(path, force=True) as first, atomic_file(path, force=True) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # the outer block ends last
    assert names(tmp_path) == ["queries.csv"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_has_its_own_sentence(code: int) -> None:
    message = str(explain_os_error(OSError(code, os.strerror(code)), Path("queries.csv")))
    assert message == "The disk is full while writing queries.csv; free some space or choose another place."


def test_other_refusals_say_what_the_system_said() -> None:
    message = str(explain_os_error(PermissionError(errno.EACCES, "Permission denied"), Path("queries.csv")))
    assert message == "queries.csv could not be written (Permission denied); choose another place."


def write_too_much(path: Path, force: bool) -> None:
    limit_file_size(10_000)
    with pytest.raises(AlpsError, match=r"^The disk is full while writing .*queries\.csv; free some space"):
        write(path, "x" * 1_000_000, force=force)


def write_and_wait(path: Path) -> None:
    with atomic_file(path, force=True) as temporary:
        temporary.write_text("half")
        (path.parent / "reached").touch()
        wait_until(lambda: False)


@POSIX
@pytest.mark.parametrize("old", [None, "labels of a week"])
def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path: Path, old: str | None) -> None:
    path = tmp_path / "queries.csv"
    if old is not None:
        path.write_text(old)
    assert finish(start(write_too_much, path, old is not None)) == 0
    assert names(tmp_path) == ([] if old is None else ["queries.csv"])
    assert old is None or path.read_text() == old


@POSIX
def test_kill_9_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("old")
    process = start(write_and_wait, path)
    assert wait_until((tmp_path / "reached").exists, process)
    process.kill()
    assert finish(process) == -9
    assert path.read_text() == "old"
    write(path, "new", force=True)
    assert path.read_text() == "new"


@pytest.mark.parametrize("make", [lambda path: path / "ä ö 東京.csv", lambda path: path / "a name with spaces"])
def test_any_name_will_do(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    write(make(tmp_path), "text")
    assert make(tmp_path).read_text() == "text"


@pytest.mark.skipif(sys.platform == "win32", reason="needs permission there")
def test_a_link_stays_one_and_what_it_points_at_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    with pytest.raises(AlpsError, match="exists already"):
        write(tmp_path / "link", "new")
    write(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    assert names(tmp_path) == ["link", "target"]


@POSIX
def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AlpsError, match="is not an ordinary file"):
        write(tmp_path / "pipe", "new", force=True)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "new") as temporary:
        (temporary / "a").write_text("1")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new" / "a").read_text() == "1"
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "other") as temporary:
        (temporary / "a").write_text("1")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_folder_in_a_folder_is_written_where_the_system_flushes_no_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = []

    def as_on_windows(path: Path, mode: int) -> int:
        if path.is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        flushed.append(path.name)
        return system_open(path, mode)

    system_open = os.open
    monkeypatch.setattr("alps.base.atomic.os.open", as_on_windows)
    with atomic_folder(tmp_path / "new") as temporary:
        (temporary / "model").mkdir()
        (temporary / "model" / "weights").write_text("1")
    write(tmp_path / "file", "2")
    monkeypatch.undo()
    assert (tmp_path / "new" / "model" / "weights").read_text() == "1"
    assert flushed[0] == "weights" and len(flushed) == 2


def test_no_file_replaces_a_database(tmp_path: Path) -> None:
    database, link = tmp_path / "reviews.alps", tmp_path / "link.csv"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE labels (label TEXT)")
    connection.close()
    link.symlink_to(database)
    before = database.read_bytes()
    log = tmp_path / "reviews.alps-wal"
    log.write_bytes(bytes.fromhex("377f0682 002de218"))
    for path in (database, link, log):
        with pytest.raises(AlpsError, match="it is a database, such as a project with its labels; choose another name"):
            write(path, "text", force=True)
    assert database.read_bytes() == before
    write(database, "another", force=True, is_database=True)
    assert database.read_text() == "another"


LETTERS = FolderKind("letters", marks=(("a",), ("b",)), files=("?",))


def test_a_folder_with_something_in_it_is_replaced_by_force_only(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with atomic_folder(tmp_path / "model") as temporary:  # an empty one is taken
        (temporary / "a").write_text("1")
    with (
        pytest.raises(AlpsError, match="choose another name or add --force to replace"),
        atomic_folder(tmp_path / "model"),
    ):
        pass
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "model", replaces=LETTERS):
        raise ZeroDivisionError
    assert (tmp_path / "model" / "a").read_text() == "1"
    with atomic_folder(tmp_path / "model", replaces=LETTERS) as temporary:
        (temporary / "b").write_text("2")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["b"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    with pytest.raises(AlpsError, match="does not exist"), atomic_folder(tmp_path / "no" / "model"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(AlpsError, match="exists already"), atomic_folder(tmp_path / "file", replaces=LETTERS):
        pass


@pytest.mark.parametrize(("there", "said"), [
    (["thesis.txt"], "it is no folder of letters (it has no a, or b)"),
    (["a", "thesis.txt"], "thesis.txt in it is of no folder of letters"),
    (["a", "c/"], "c in it is of no folder of letters"),
], ids=str)  # fmt: skip
def test_a_folder_of_another_kind_is_never_replaced(there: list[str], said: str, tmp_path: Path) -> None:
    for name in there:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).write_text("mine")
    with pytest.raises(AlpsError, match=re.escape(said)), atomic_folder(tmp_path, replaces=LETTERS):
        pytest.fail("nothing is to be written")
    assert names(tmp_path) == [name.removesuffix("/") for name in there]
