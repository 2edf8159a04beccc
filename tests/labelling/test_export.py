"""The table of labels says where each label came from."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from alps.labelling import export
from alps.labelling.database import Read
from alps.labelling.events import Event, record
from alps.labelling.export import labelled_table
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.queue import next_texts
from alps.pool.write import write_table


@pytest.fixture
def labelled(tmp_path: Path) -> Project:
    """A picked text with a copy, one drawn at random, one skipped, one disputed, one that was undone."""
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p", overlap=2, audit_share=0.0)
    project.add_texts(["a", "b", "c", "d", "e", "a2"], ["one", "two", "three", "four", "five", "one"])
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO batches VALUES (1, 'alps', 'now', '{}')")
        connection.execute("INSERT INTO picks VALUES (1, 1, 1, 3, '{}')")
    assert next_texts(project, "Ann", 5)[0].source == "alps"
    shown = Event("1", "label", "a", ("good",), suggestion=("bad", 0.75))
    skip = Event("3", "skip", "c", reason="unsure")
    record(project, [shown, Event("2", "label", "b", ("bad",)), skip, Event("4", "label", "d", ("good",))], "Ann")
    record(project, [Event("5", "label", "d", ("bad",)), Event("6", "note", "a", value="=1+1")], "Bo")
    record(project, [Event("7", "label", "e", ("bad",)), Event("8", "undo", of="7")], "Bo")
    return project


def test_each_label_has_its_origin(labelled: Project) -> None:
    picked, drawn, copy = labelled_table(labelled).to_pylist()
    assert picked["time"].startswith("20")
    assert {name: value for name, value in picked.items() if name != "time"} == {
        "id": "a", "text": "one", "label": "good", "state": "labelled", "copy_of": None, "round": 1,
        "strategy": "alps", "shown_as": "picked", "annotators": "Ann", "agreed": True, "suggestion": "bad",
        "suggestion_probability": 0.75, "skip_reason": None, "flag": False, "note": "=1+1",
    }  # fmt: skip
    assert (drawn["id"], drawn["strategy"], drawn["shown_as"], drawn["round"]) == ("b", "random", "random", None)
    assert drawn["suggestion"] is None
    assert (copy["id"], copy["copy_of"], copy["label"], copy["round"]) == ("a2", "a", "good", 1)


def test_a_label_that_is_put_right_or_comes_from_elsewhere_keeps_why_its_text_was_chosen(labelled: Project) -> None:
    record(labelled, [Event("r1", "label", "a", ("bad",)), Event("r2", "label", "b", ("good",))], "Ann")
    record(labelled, [Event("r3", "label", "a", ("bad",))], "Cy")  # no page had shown it, as in an import
    picked, drawn = labelled_table(labelled).to_pylist()[:2]
    assert (picked["label"], picked["round"], picked["strategy"], picked["shown_as"]) == ("bad", 1, "alps", "picked")
    assert (drawn["label"], drawn["round"], drawn["strategy"], drawn["shown_as"]) == ("good", None, "random", "random")


def test_what_has_no_verdict_comes_when_asked_for(labelled: Project) -> None:
    rows = {row["id"]: row for row in labelled_table(labelled, skipped=True).to_pylist()}
    assert [*rows] == ["a", "b", "c", "d", "a2"]
    assert (rows["c"]["state"], rows["c"]["label"], rows["c"]["skip_reason"]) == ("skipped", None, "unsure")
    assert (rows["d"]["state"], rows["d"]["label"], rows["d"]["annotators"]) == ("disputed", None, "Ann;Bo")
    assert rows["d"]["agreed"] is False
    assert rows["c"]["annotators"] == "Ann"


def test_a_settled_label_goes_out(labelled: Project) -> None:
    record(labelled, [Event("9", "settle", "d", ("bad",))], "Cy")
    row = labelled_table(labelled).to_pylist()[2]
    assert (row["id"], row["label"], row["agreed"], row["annotators"]) == ("d", "bad", True, "Ann;Bo")


def test_a_text_of_the_audit_says_so(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p", audit_share=0.99)
    project.add_texts([f"t{i}" for i in range(50)], [f"text {i}" for i in range(50)])
    item = next(item for item in next_texts(project, "Ann", 50) if item.source == "audit")
    record(project, [Event("1", "label", item.id, ("good",))], "Ann")
    (row,) = labelled_table(project).to_pylist()
    assert (row["shown_as"], row["strategy"], row["round"]) == ("audit", "random", None)
    project.close()


def test_several_annotators_and_their_notes(project: Project) -> None:
    record(project, [Event("1", "label", "t2", ("bad",)), Event("2", "note", "t2", value="slow")], "Ann")
    last = [
        Event("3", "label", "t2", ("bad",)),
        Event("4", "label", "t1", ("good",)),
        Event("5", "note", "t2", value="?"),
    ]
    record(project, last, "Bo")
    rows = labelled_table(project).to_pylist()
    assert [(row["id"], row["annotators"], row["note"]) for row in rows] == [
        ("t1", "Bo", ""), ("t2", "Ann;Bo", "slow\n?"),
    ]  # fmt: skip


def test_every_format_holds_the_table(labelled: Project, tmp_path: Path) -> None:
    table = labelled_table(labelled, skipped=True)
    write_table(table, tmp_path / "labels.parquet")
    assert pq.read_table(tmp_path / "labels.parquet").equals(table)
    write_table(table, tmp_path / "labels.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == table.to_pylist()
    write_table(table, tmp_path / "labels.csv")
    assert "'=1+1" in (tmp_path / "labels.csv").read_text(encoding="utf-8")


def test_an_empty_project_gives_an_empty_table(project: Project) -> None:
    table = labelled_table(project)
    assert table.num_rows == 0
    assert table.column("label").type == "large_string"


def test_what_is_said_of_an_exact_copy_is_said_of_the_text_that_is_asked(project: Project) -> None:
    project.add_texts(["again"], [project.text(project.number_of("t1"))])
    said = [Event("1", "label", "again", ("good",)), Event("2", "flag", "again", value=True)]
    assert record(project, said, "Ann") == (["1", "2"], [])
    assert [(answer.id, answer.labels) for answer in project.answers()] == [("t1", ("good",))]
    assert project.database.rows("SELECT id FROM marks JOIN texts ON text = number") == [("t1",)]
    assert sum(project.counts().values()) == project.n_texts() - 1
    assert project.counts()["labelled"] == 1


def test_a_snapshot_is_of_one_moment_and_holds_nobody_up(project: Project) -> None:
    with project.database.snapshot() as read:
        before = project.verdicts(read)
        record(project, [Event("1", "label", "t1", ("good",))], "Ann")
        assert project.verdicts(read) == before == {}
        assert [*project.verdicts()] == ["t1"]
    with project.database.transaction() as connection:
        connection.execute("DELETE FROM settled")
        with project.database.snapshot() as read:
            assert len(read("SELECT 1 FROM answers WHERE annotator = ?", "Ann")) == 1


def test_a_text_that_has_only_a_flag_or_a_note_comes_when_asked_for(labelled: Project) -> None:
    record(labelled, [Event("9", "flag", "e", value=True)], "Ann")
    record(labelled, [Event("10", "note", "e", value="twice?")], "Bo")
    assert "e" not in labelled_table(labelled)["id"].to_pylist()
    row = labelled_table(labelled, skipped=True).to_pylist()[-2]
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "e", "text": "five", "state": "unanswered", "annotators": "Ann;Bo", "flag": True, "note": "twice?",
    }  # fmt: skip


def test_a_mark_stands_beside_every_copy(labelled: Project) -> None:
    record(labelled, [Event("9", "flag", "a2", value=True)], "Bo")
    marks = {row["id"]: (row["flag"], row["note"]) for row in labelled_table(labelled).to_pylist()}
    assert marks["a"] == marks["a2"] == (True, "=1+1")


@pytest.mark.parametrize("after", ["_answers", "_marks", "_picks"])
def test_the_table_is_of_one_moment_while_people_label(
    labelled: Project, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    before = labelled_table(labelled, skipped=True)
    read_part = getattr(export, after)

    def read_and_label(read: Read) -> object:
        found = read_part(read)
        said = [Event("9", "label", "e", ("bad",)), Event("10", "label", "c", ("bad",)), Event("11", "undo", of="1")]
        assert record(labelled, said, "Ann")[1] == []
        return found

    monkeypatch.setattr(export, after, read_and_label)
    assert labelled_table(labelled, skipped=True).equals(before)
    monkeypatch.undo()
    assert "e" in labelled_table(labelled)["id"].to_pylist()
