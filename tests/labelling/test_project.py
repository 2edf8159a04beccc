"""The file of a project: what is in it, who may change it, and copies."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from alps.base.errors import AlpsError
from alps.labelling.account import audit_labels
from alps.labelling.batch_process import add_batch
from alps.labelling.database import Database
from alps.labelling.events import Event, record
from alps.labelling.network_disk import type_among
from alps.labelling.new_project import create_project
from alps.labelling.oracle import learner_of
from alps.labelling.project import Project
from alps.labelling.queue import LEASE_SECONDS, next_texts
from alps.labelling.reviews import progress, recent
from alps.labelling.schema import APPLICATION, MIGRATIONS, migrate
from alps.learning.plan import Plan


def test_every_text_comes_back_as_it_was(tmp_path: Path) -> None:
    texts = ["plain", "two\nlines\r\n", "naïve 東京 🎬", "zero\0inside", "x" * 100_000, "plain"]
    project = create_project(tmp_path / "p.alps", ["a", "b"], name="p")
    assert project.add_texts(list("123456"), texts) == 6
    assert project.add_texts(list("12"), texts[:2]) == 0
    project.close()
    again = Project(tmp_path / "p.alps")
    assert again.texts() == (list("123456"), texts)
    assert again.counts()["unlabelled"] == 5
    assert (tmp_path / "p.alps").stat().st_size < 130_000
    with pytest.raises(AlpsError, match="another text with the id '1'"):
        again.add_texts(["7", "1"], ["new", "other"])
    assert again.n_texts() == 6
    again.close()


def test_what_is_committed_is_on_the_disk(project: Project) -> None:
    assert project.database.row("PRAGMA journal_mode") == ("wal",)
    assert project.database.row("PRAGMA synchronous") == (2,)  # FULL


def test_what_many_threads_write_at_once_is_written_together_and_one_mistake_spoils_nothing(project: Project) -> None:
    def work(i: int) -> Callable[[sqlite3.Connection], int]:
        def write(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT INTO settings VALUES (?, '1')", (f"thread {i}",))
            if i % 10 == 0:
                raise AlpsError(f"no {i}")
            return i

        return write

    def attempt(i: int) -> int | str:
        try:
            return project.database.together(work(i))
        except AlpsError as error:
            return str(error)

    commits: list[str] = []
    project.database._connection.set_trace_callback(lambda said: commits.append(said) if said == "COMMIT" else None)
    with ThreadPoolExecutor(50) as pool:
        with project.database.transaction():  # nobody can write meanwhile, so that all wait
            answers = [pool.submit(attempt, i) for i in range(50)]
            while len(project.database._jobs) < 50:
                time.sleep(0.001)
        assert [answer.result() for answer in answers] == [f"no {i}" if i % 10 == 0 else i for i in range(50)]
    assert len(commits) == 2  # that of the one who held it up, and one for all
    kept = project.database.row("SELECT count(*) FROM settings WHERE name LIKE 'thread %'")
    assert kept == (45,)


def test_the_log_is_only_ever_appended_to(project: Project) -> None:
    record(project, [Event("e", "label", "t1", ("good",))], "Ann")
    for statement in ("UPDATE events SET annotator = 'Eve'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="events are never"):
            project.database.rows(statement)
    assert project.database.row("SELECT annotator FROM events") == ("Ann",)


def test_migrations_are_numbered_and_applied_once(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "m.alps", isolation_level=None)
    for _ in range(2):
        migrate(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(AlpsError, match="newer version"):
        migrate(connection)
    connection.close()


def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from alps.labelling.database import Database\n"
        "time.sleep(max(0.0, float(sys.argv[2]) - time.time())); Database(Path(sys.argv[1])).close()"
    )
    for name in "abc":
        command = [sys.executable, "-c", script, str(tmp_path / f"{name}.alps"), str(time.time() + 0.7)]
        processes = [subprocess.Popen(command) for _ in range(6)]
        assert [process.wait(60) for process in processes] == [0] * 6
        database = Database(tmp_path / f"{name}.alps")
        assert database.row("PRAGMA user_version") == (len(MIGRATIONS),)
        database.close()


def test_a_project_of_the_first_version_goes_on_without_an_audit(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "old.alps", isolation_level=None)
    connection.executescript(MIGRATIONS[0])
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("PRAGMA user_version = 1")
    settings = {"id": "1", "name": "old", "multi_label": False, "overlap": 1, "guidelines": ""}
    connection.executemany("INSERT INTO settings VALUES (?, ?)", [(k, json.dumps(v)) for k, v in settings.items()])
    connection.execute("INSERT INTO classes (name) VALUES ('good')")
    connection.close()
    project = Project(tmp_path / "old.alps")
    project.add_texts([str(i) for i in range(50)], [f"film number {i}" for i in range(50)])
    assert {item.source for item in next_texts(project, "Ann", 50)} == {"random"}
    project.close()


def test_the_audit_is_a_share_of_all_different_texts_whatever_order_they_come_in(tmp_path: Path) -> None:
    drawn = []
    ids, texts = [str(i) for i in range(4000)], [f"film number {i % 3000}" for i in range(4000)]
    for name, order in (("a", slice(None)), ("b", slice(None, None, -1))):
        project = create_project(tmp_path / f"{name}.alps", ["good", "bad"], name="films", audit_share=0.2)
        project.set("id", "the same")
        project.add_texts(ids[order][:1000], texts[order][:1000])
        project.add_texts(ids[order][1000:], texts[order][1000:])
        rows = project.database.rows("SELECT packed FROM texts WHERE audit IS NOT NULL")
        drawn.append({packed for (packed,) in rows})
        assert len(rows) == len(drawn[-1])
        project.close()
    assert drawn[0] == drawn[1]
    assert 500 < len(drawn[0]) < 700
    with pytest.raises(AlpsError, match="share of 1"):
        create_project(tmp_path / "c.alps", ["good"], name="c", audit_share=1.0)


def test_one_text_in_ten_is_of_the_audit_and_none_of_it_is_picked_or_taught(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p")
    project.add_texts([f"t{i}" for i in range(400)], [f"film number {i}" for i in range(400)])
    audit = {name for (name,) in project.database.rows("SELECT id FROM texts WHERE audit IS NOT NULL")}
    settings = {"k": 60, "strategy": "random", "warm": "none", "texts_per_class": 3, "seed": 0, "model": "bundled",
                "cache_dir": None}  # fmt: skip
    add_batch(project, settings)
    shown = []
    for number in range(100):
        (item,) = next_texts(project, "Ann", 1)
        shown.append(item)
        record(project, [Event(str(number), "label", item.id, ("good",))], "Ann")
    assert [item.id for item in shown if item.source == "audit"] == [item.id for item in shown if item.id in audit]
    assert [place for place, item in enumerate(shown, 1) if item.id in audit] == [*range(10, 101, 10)]
    assert shown[0].source == "random" and len({item.id for item in shown}) == 100
    learner = learner_of(project, Plan(cold="random"))
    assert not audit & {*learner.states.labels}
    assert not audit & {*learner.query(200).ids}
    logged = project.database.rows("SELECT id FROM events JOIN texts ON text = texts.number "
                                   "WHERE json_extract(content, '$.source') = 'audit'")  # fmt: skip
    assert {name for (name,) in logged} == {item.id for item in shown} & audit
    while items := next_texts(project, "Ann", 50):
        record(project, [Event(item.id, "label", item.id, ("bad",)) for item in items], "Ann")
    assert project.counts()["labelled"] == 400
    project.close()


def test_classes_beyond_the_digits_have_letters_that_are_no_commands(tmp_path: Path) -> None:
    labels = [f"class {i}" for i in range(10)] + ["delta", "dodo", "sigma", "東"]
    project = create_project(tmp_path / "p.alps", labels, name="p")
    assert project.keys() == [*"1234567890", "d", "o", "i", "c"]
    for i in range(30):
        project.add_class(f"later {i}")
    keys = project.keys()
    assert keys[:14] == [*"1234567890", "d", "o", "i", "c"]
    given = [key for key in keys if key]
    assert len({*given}) == len(given) == 27 and not {*given} & {*"zsfnwbgar"}
    with pytest.raises(AlpsError, match="';' in it"):
        project.add_class("one;two")
    project.close()


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="no project"):
        Project(tmp_path / "missing.alps")
    (tmp_path / "text.alps").write_text("not a database at all, but long enough to have a header of one" * 20)
    with pytest.raises(AlpsError, match="cannot be opened as a project"):
        Project(tmp_path / "text.alps")
    other = sqlite3.connect(tmp_path / "other.alps")
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.commit()
    other.close()
    with pytest.raises(AlpsError, match="another program"):
        Project(tmp_path / "other.alps")


def test_an_id_that_no_request_could_name_is_refused(project: Project) -> None:
    n_before = project.n_texts()
    with pytest.raises(AlpsError, match="has 1,001 characters; an id in a project has at most 1,000"):
        project.add_texts(["short", "x" * 1001], ["one", "two"])
    assert project.n_texts() == n_before


def test_a_copy_has_the_labels_but_not_the_secret(project: Project, tmp_path: Path) -> None:
    record(project, [Event("e", "label", "t1", ("good",))], "Ann")
    project.set("port", 4711)
    project.copy_to(tmp_path / "copy.alps")
    assert not (tmp_path / "copy.alps-wal").exists()
    assert (tmp_path / "copy.alps").stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert project.setting("secret").encode() not in (tmp_path / "copy.alps").read_bytes()
    copy = Project(tmp_path / "copy.alps")
    assert copy.verdicts() == {"t1": (True, ("good",))}
    assert copy.setting("secret") != project.setting("secret")
    assert copy.setting("port") is None  # a browser that holds answers for the one does not send them to the other
    copy.close()
    with pytest.raises(AlpsError, match="exists already"):
        project.copy_to(tmp_path / "copy.alps")


def test_the_state_is_the_one_that_the_log_gives(project: Project) -> None:
    from alps.labelling.events import derive

    events = [
        Event("1", "label", "t1", ("good",)), Event("2", "label", "t1", ("bad",)), Event("3", "undo", of="2"),
        Event("4", "skip", "t2", reason="garbled"), Event("5", "label", "t3", ("bad",)), Event("6", "release", "t3"),
        Event("7", "note", "t4", value="why?"), Event("8", "flag", "t4", value=True), Event("9", "undo", of="8"),
    ]  # fmt: skip
    assert record(project, events, "Ann") == ([str(i) for i in range(1, 10)], [])
    tables = ("answers", "marks", "settled")
    before = [project.database.rows(f"SELECT * FROM {table} ORDER BY text") for table in tables]
    with project.database.transaction() as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
        for (number,) in connection.execute("SELECT DISTINCT text FROM events").fetchall():
            derive(connection, number, "Ann", 1)
    assert [project.database.rows(f"SELECT * FROM {table} ORDER BY text") for table in tables] == before
    assert project.verdicts() == {"t1": (True, ("good",))}
    assert project.skipped() == ["t2"]
    assert project.counts() == {"unlabelled": 28, "pending": 0, "labelled": 1, "skipped": 1}


def test_what_others_write_during_a_transaction_is_not_lost_with_it(project: Project) -> None:
    """They wait; they do not hear that it is on the disk as long as somebody else's mistake can undo it."""
    told: list[tuple[list[str], list[Any]]] = []
    bo = Thread(target=lambda: told.append(record(project, [Event("bo", "label", "t1", ("good",))], "Bo")))

    def import_with_a_mistake() -> None:
        with project.database.transaction():
            bo.start()
            while not project.database._jobs:  # until Bo waits
                pass
            assert record(project, [Event("ann", "label", "t2", ("good",))], "Ann") == (["ann"], [])
            raise AlpsError("a mistake in the last line")

    with pytest.raises(AlpsError, match="last line"):
        import_with_a_mistake()
    bo.join()
    assert told == [(["bo"], [])]
    assert project.database.rows("SELECT event FROM events") == [("bo",)]


def test_a_settlement_holds_until_somebody_labels_the_text_anew(project: Project) -> None:
    record(project, [Event("1", "label", "t1", ("good",))], "Ann")
    record(project, [Event("2", "settle", "t1", ("bad",))], "Bo")
    assert project.verdicts() == {"t1": (True, ("bad",))}
    record(project, [Event("3", "label", "t1", ("good",))], "Ann")
    assert project.verdicts() == {"t1": (True, ("good",))}
    record(project, [Event("4", "undo", of="3")], "Ann")
    assert project.verdicts() == {"t1": (True, ("bad",))}
    assert [each["event"] for each in recent(project, "Bo", 5)] == ["2"]
    record(project, [Event("5", "undo", of="2")], "Bo")
    assert project.verdicts() == {"t1": (True, ("good",))}


def test_a_settlement_is_not_overturned_by_what_a_tool_said_before_it(project: Project) -> None:
    record(project, [Event("1", "label", "t1", ("good",))], "Ann")
    record(project, [Event("2", "settle", "t1", ("bad",))], "Bo")
    said = (
        ("3", "2020-01-01T00:00:00+00:00", "bad"),
        ("4", "2020-01-01T00:00:00", "bad"),
        ("5", "2999-01-01T00:00:00Z", "good"),
    )
    for number, said_at, verdict in said:
        event = Event(number, "label", "t1", ("good",), at=said_at, tool="label-studio")
        assert record(project, [event], f"annotator {number}") == ([number], [])
        assert project.verdicts() == {"t1": (True, (verdict,))}


def test_what_counts_of_the_audit_is_a_random_sample_of_the_pool_as_it_is_now(project: Project) -> None:
    with project.database.transaction() as connection:  # t1, t3, ... t19 in this order
        connection.execute("UPDATE texts SET audit = number * 10 WHERE number <= 20 AND number % 2 = 0")
    project.set("audit_share", 0.3)
    answers = [Event(f"e{i}", "label", f"t{i}", ("good",)) for i in (1, 3, 7, 9)]
    record(project, [*answers, Event("s", "skip", "t5")], "Ann")
    assert [number - 1 for number in audit_labels(project)] == [1, 3, 7, 9]  # a skipped one is answered
    record(project, [Event("late", "label", "t15", ("bad",))], "Ann")  # before its time, as an import may bring it
    assert [number - 1 for number in audit_labels(project)] == [1, 3, 7, 9]
    with project.database.transaction() as connection:  # texts that were added stand anywhere in the order
        connection.execute("UPDATE texts SET audit = 35 WHERE number = 30")
    assert [number - 1 for number in audit_labels(project)] == [1]
    first = next_texts(project, "Ann", 1)  # the audit catches up at once
    assert [(item.id, item.source) for item in first] == [("t29", "audit")]
    record(project, [Event("caught", "label", "t29", ("bad",))], "Ann")
    assert [number - 1 for number in audit_labels(project)] == [1, 29, 3, 7, 9]


def test_a_text_of_the_audit_that_slept_is_asked_of_others_first(project: Project) -> None:
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = number WHERE number <= 3")
    project.set("audit_share", 0.9)
    mine = next_texts(project, "Ann", 2)
    assert ("t0", "audit") in [(item.id, item.source) for item in mine]
    assert [item.id for item in next_texts(project, "Bo", 1)] == ["t1"]
    with project.database.transaction() as connection:
        connection.execute("UPDATE leases SET at = at - ?", (LEASE_SECONDS + 1,))
    assert ("t0", "audit") in [(item.id, item.source) for item in next_texts(project, "Cem", 2)]


def test_a_lease_that_slept_goes_to_who_asks(project: Project) -> None:
    mine = [item.id for item in next_texts(project, "Ann", 30)]
    assert next_texts(project, "Bo", 5) == []
    with project.database.transaction() as connection:
        connection.execute("UPDATE leases SET at = at - ?", (LEASE_SECONDS + 1,))
    assert {item.id for item in next_texts(project, "Bo", 5)} <= {*mine}
    assert len(next_texts(project, "Ann", 30)) == 25


def test_picks_that_somebody_left_lying_come_before_other_texts(project: Project) -> None:
    add_picks(project, ["t3", "t4", "t5"])
    assert [item.id for item in next_texts(project, "me", 2)] == ["t3", "t4"]
    with project.database.transaction() as connection:
        connection.execute("UPDATE leases SET at = at - ?", (LEASE_SECONDS + 1,))
    assert [item.id for item in next_texts(project, "Ann", 3)] == ["t3", "t4", "t5"]


def test_who_goes_on_labelling_keeps_what_the_page_holds(project: Project) -> None:
    mine = next_texts(project, "Ann", 3)
    with project.database.transaction() as connection:
        connection.execute("UPDATE leases SET at = at - ?", (LEASE_SECONDS + 1,))
    record(project, [Event("1", "label", mine[0].id, ("good",))], "Ann")
    next_texts(project, "Ann", 1, have=[item.id for item in mine[1:]])
    assert not {item.id for item in next_texts(project, "Bo", 10)} & {item.id for item in mine}


def test_with_an_overlap_what_others_have_answered_comes_first(project: Project) -> None:
    project.set("overlap", 2)
    said = [item.id for item in next_texts(project, "Ann", 2)]  # at random
    picks = [name for name in project.texts()[0] if name not in said][:6]
    for number, batch in enumerate((picks[:2], picks[2:3], picks[3:4], picks[4:]), 1):
        add_picks(project, batch, number)
    said += picks[:3]
    for name in said:
        record(project, [Event(name, "label", name, ("good",))], "Ann")
    items = next_texts(project, "Bo", 8)
    assert [item.id for item in items[:5]] == said
    assert [item.source for item in items[:5]] == ["random", "random", "alps", "alps", "alps"]
    assert [item.id for item in items[5:]] == picks[3:]


def test_the_time_left_is_that_of_the_batch_that_is_shown(project: Project) -> None:
    add_picks(project, ["t3", "t4", "t5"], 1)
    add_picks(project, ["t6", "t7", "t8", "t9"], 2)
    record(project, [Event("1", "label", "t3", ("good",)), Event("2", "label", "t4", ("good",))], "Ann")
    said = progress(project, "Ann")
    assert said["seconds_left_batch"] == pytest.approx(60 / said["pace_per_minute"])  # one text: t5
    record(project, [Event("3", "label", "t5", ("good",))], "Ann")
    said = progress(project, "Ann")
    assert said["seconds_left_batch"] == pytest.approx(4 * 60 / said["pace_per_minute"])


def add_picks(project: Project, names: list[str], number: int = 1) -> None:
    """A batch of `alps` of these texts, in this order."""
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO batches VALUES (?, 'alps', 'now', '{}')", (number,))
        for rank, name in enumerate(names, 1):
            connection.execute(
                "INSERT INTO picks SELECT number, ?, ?, 1, '{}' FROM texts WHERE id = ?", (number, rank, name)
            )


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 disk rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/export rw\n")
    monkeypatch.setattr("alps.labelling.network_disk._MOUNTS", mounts)
    with pytest.raises(AlpsError, match=r"network file system \(nfs4\)"):
        Database(tmp_path / "p.alps")
    assert not (tmp_path / "p.alps").exists()


def test_the_mount_that_holds_the_file_decides() -> None:
    mounts = "1 0 0:1 / / rw - nfs host:/ rw\n2 1 0:2 / /srv/a\\040b rw shared:3 - ext4 disk rw"
    assert type_among(mounts, Path("/srv/a b/p.alps")) is None
    assert type_among(mounts, Path("/srv/a bc/p.alps")) == "nfs"
    assert type_among("", Path("/srv/p.alps")) is None


@pytest.mark.parametrize("names", [["a", "a"], ["", "b"], ["a\nb", "c"], ["x" * 201]])
def test_classes_have_names_of_their_own(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(AlpsError):
        create_project(tmp_path / "p.alps", names, name="p")
    assert not (tmp_path / "p.alps").exists()
