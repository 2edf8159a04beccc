"""Classes are renamed, made one and removed; the log stays, and no label is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.integrations.entries import Entry, Statement, entries_of
from alps.integrations.take_in import take_in
from alps.labelling.account import accuracy, class_shares, labels_saved
from alps.labelling.class_names import ClassNames, Renamed
from alps.labelling.events import Event, derive, record
from alps.labelling.export import labelled_table
from alps.labelling.new_project import create_project
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project
from alps.labelling.quality import HELD_OUT, annotator_statistics
from alps.labelling.queue import Item
from alps.labelling.reviews import recent
from alps.labelling.schema import APPLICATION, MIGRATIONS
from alps.labelling.suggestions import Suggestions
from alps.labelling.trainings import begin_training, end_training, latest_predictions, latest_training

DERIVED = ("answers", "settled", "marks")


@pytest.fixture
def several(tmp_path: Path) -> Project:
    """A project in which a text may have several labels."""
    made = create_project(tmp_path / "m.alps", ["fun", "long", "loud"], name="m", multi_label=True, audit_share=0.0)
    made.add_texts([f"t{i}" for i in range(5)], [f"film number {i}" for i in range(5)])
    return made


def say(project: Project, number: int, text: str, *labels: str, kind: str = "label", **more: Any) -> list[str]:
    """Ann's answer; why it was refused."""
    _, refused = record(project, [Event(f"e{number}", kind, text, labels, **more)], "Ann")
    return [each.reason for each in refused]


def tables(project: Project) -> list[list[Any]]:
    """What follows from the log, and the states of the texts."""
    rows = [project.database.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in DERIVED]
    return [*rows, project.database.rows("SELECT number, state, room FROM texts ORDER BY number")]


def derived_anew(project: Project) -> list[list[Any]]:
    """The same, emptied and written from the log."""
    with project.database.transaction() as connection:
        for table in DERIVED:
            connection.execute(f"DELETE FROM {table}")
        for number, who in connection.execute("SELECT DISTINCT text, annotator FROM events").fetchall():
            derive(connection, number, who, 1)
    return tables(project)


def labels_of_texts(project: Project) -> dict[str, tuple[str, ...]]:
    return {name: labels for name, (_, labels) in project.verdicts().items()}


def test_a_name_is_followed_through_all_changes_after_it_was_said() -> None:
    names = ClassNames([Renamed("a", "b", 10), Renamed("b", "c", 20), Renamed("a", "d", 30), Renamed("e", None, 40)])
    assert [names.in_event(["a"], number) for number in (10, 11, 30, 31)] == [["c"], ["d"], ["d"], ["a"]]
    assert [names.in_event(["b"], number) for number in (10, 20, 21)] == [["c"], ["c"], ["b"]]
    assert names.in_event(["a", "b", "c", "e", "f"], 5) == ["c", "f"]
    assert names.since(["a"], 1) == ["d"]  # by who knows of the first change this is the second class of that name
    assert names.since(["e"], 3) == []


def test_names_that_changed_places_are_told_apart_by_what_was_known() -> None:
    names = ClassNames([Renamed("a", "x", 1), Renamed("b", "a", 1), Renamed("x", "b", 1)])
    assert [names.current("a", {"a", "b"}, n) for n in (0, 1, 2, 3, None)] == ["b", "a", "a", "a", "a"]
    assert names.current("x", {"a", "b"}) == "b"
    assert names.current("y", {"a", "b"}) is None


def test_a_name_that_is_no_class_stands_for_the_class_that_had_it_last() -> None:
    names = ClassNames([Renamed("a", "b", 1), Renamed("a", "c", 2), Renamed("c", "d", 3)])
    assert names.current("a", {"b", "d"}) == "d"
    assert ClassNames([Renamed("a", None, 1)]).current("a", {"b"}) is None


def test_a_renamed_class_keeps_its_place_its_key_and_its_texts(project: Project) -> None:
    assert say(project, 1, "t1", "good") == say(project, 2, "t2", "bad") == []
    log = project.database.rows("SELECT * FROM events")
    project.rename_class("good", " fine ")
    assert (project.labels, project.keys()) == (["fine", "bad"], ["1", "2"])
    assert labels_of_texts(project) == {"t1": ("fine",), "t2": ("bad",)}
    assert project.class_counts() == {"fine": 1, "bad": 1}
    assert project.database.rows("SELECT * FROM events") == log
    assert [each["labels"] for each in recent(project, "Ann", 5)] == [["bad"], ["fine"]]
    assert tables(project) == derived_anew(project)


def test_a_class_of_the_old_name_that_is_added_later_is_another_one(project: Project) -> None:
    say(project, 1, "t1", "bad")
    project.rename_class("bad", "poor")
    project.add_class("bad")
    say(project, 2, "t2", "bad")
    project.rename_class("bad", "worse")
    project.rename_class("poor", "bad")
    assert labels_of_texts(project) == {"t1": ("bad",), "t2": ("worse",)}
    assert tables(project) == derived_anew(project)
    assert project.labels == ["good", "bad", "worse"]


def test_two_classes_become_one(project: Project) -> None:
    project.add_class("godo")
    for number, label in enumerate(["good", "godo", "bad"]):
        say(project, number, f"t{number}", label)
    with pytest.raises(AlpsError, match="There is a class 'good' already; choose another name, or merge the two"):
        project.rename_class("godo", "good", merge=False)
    project.rename_class("godo", "good")
    assert project.labels == ["good", "bad"]
    assert project.class_counts() == {"good": 2, "bad": 1}
    assert tables(project) == derived_anew(project)


def test_a_text_with_both_classes_has_one_when_they_become_one(several: Project) -> None:
    record(several, [Event("1", "label", "t1", ("loud", "fun")), Event("2", "label", "t2", ("fun", "long"))], "Ann")
    record(several, [Event("3", "settle", "t1", ("fun", "long", "loud"))], "Bo")
    several.rename_class("loud", "fun")
    assert [answer.labels for answer in several.answers()] == [("fun",), ("fun", "long")]
    assert labels_of_texts(several) == {"t1": ("fun", "long"), "t2": ("fun", "long")}
    assert tables(several) == derived_anew(several)
    several.close()


def test_people_who_differed_in_the_name_only_agree_afterwards(project: Project) -> None:
    project.set("overlap", 2)
    record(project, [Event("1", "label", "t1", ("good",))], "Ann")
    record(project, [Event("2", "label", "t1", ("bad",))], "Bo")
    assert project.verdicts() == {}
    project.rename_class("bad", "good")
    assert project.verdicts() == {"t1": (True, ("good",))}


def test_an_undo_after_a_rename_brings_back_what_was_said_by_its_name_of_now(project: Project) -> None:
    say(project, 1, "t1", "bad")
    say(project, 2, "t1", "good")
    project.rename_class("bad", "poor")
    record(project, [Event("u", "undo", of="e2")], "Ann")
    assert labels_of_texts(project) == {"t1": ("poor",)}
    record(project, [Event("s", "settle", "t1", ("poor",))], "Bo")
    project.rename_class("poor", "weak")
    say(project, 3, "t1", "good")
    record(project, [Event("u2", "undo", of="e3")], "Ann")
    assert project.verdicts() == {"t1": (True, ("weak",))}  # the settlement
    assert tables(project) == derived_anew(project)


def test_what_a_page_sends_late_counts_under_the_name_of_now(project: Project) -> None:
    project.rename_class("bad", "poor")
    assert say(project, 1, "t1", "bad") == []  # from a browser that was offline
    project.add_class("bad")
    assert say(project, 2, "t2", "bad", n_renamed=0) == []  # said of the first class of that name
    assert say(project, 3, "t3", "bad", n_renamed=1) == []
    assert labels_of_texts(project) == {"t1": ("poor",), "t2": ("poor",), "t3": ("bad",)}
    assert say(project, 4, "t4", "never") == ["There is no such class; add it first."]
    record(project, [Event("s", "settle", "t3", ("bad",), n_renamed=0)], "Bo")
    assert labels_of_texts(project)["t3"] == ("poor",)
    assert tables(project) == derived_anew(project)


def test_a_class_that_no_answer_names_is_removed(project: Project) -> None:
    project.add_class("mistake")
    say(project, 1, "t1", "mistake")
    with pytest.raises(AlpsError, match=r"1 answer names the class 'mistake'.*rename it into another class"):
        project.remove_class("mistake")
    say(project, 2, "t1", "good")
    say(project, 3, "t2", "mistake")
    with pytest.raises(AlpsError, match="2 answers name"):  # an undo could bring the first back
        project.remove_class("mistake")
    record(project, [Event("u1", "undo", of="e1"), Event("u3", "undo", of="e3")], "Ann")
    project.remove_class("mistake")
    assert project.labels == ["good", "bad"]
    assert say(project, 4, "t3", "mistake") == ["There is no such class; add it first."]
    project.add_class("mistake")
    assert say(project, 5, "t3", "mistake", n_renamed=0) == []  # a label is worth more than which of the two it was
    assert tables(project) == derived_anew(project)


def test_answers_of_a_renamed_class_count_when_it_is_to_be_removed(project: Project) -> None:
    say(project, 1, "t1", "bad")
    project.rename_class("bad", "poor")
    with pytest.raises(AlpsError, match="1 answer names the class 'poor'"):
        project.remove_class("poor")
    project.add_class("bad")
    project.remove_class("bad")
    assert labels_of_texts(project) == {"t1": ("poor",)}
    assert tables(project) == derived_anew(project)


def test_one_class_stays(project: Project) -> None:
    project.remove_class("bad")
    with pytest.raises(AlpsError, match="'good' is the only class and cannot be removed"):
        project.remove_class("good")
    assert project.labels == ["good"]


@pytest.mark.parametrize(
    ("name", "new", "message"),
    [
        ("ugly", "x", "no class 'ugly'; the classes are: good, bad"),
        ("good", " ", "one line"),
        ("good", "a;b", "';' in it"),
    ],
)
def test_what_cannot_be_renamed_changes_nothing(project: Project, name: str, new: str, message: str) -> None:
    with pytest.raises(AlpsError, match=message):
        project.rename_class(name, new)
    project.rename_class("good", "good")
    assert project.class_names().renamed == ()
    assert project.labels == ["good", "bad"]


def test_what_happened_to_names_is_only_ever_added_to(project: Project) -> None:
    project.rename_class("good", "fine")
    for statement in ("UPDATE renamed SET now = 'x'", "DELETE FROM renamed"):
        with pytest.raises(sqlite3.IntegrityError, match="renamed is"):
            project.database.rows(statement)


def test_a_project_of_the_second_version_gains_the_table(tmp_path: Path) -> None:
    project = create_project(tmp_path / "new.alps", ["good", "bad"], name="p", audit_share=0.0)
    project.add_texts(["a", "b"], ["one", "two"])
    say(project, 1, "a", "bad")
    begin_training(project, "probe")
    with project.database.transaction() as connection:  # as the second version left it
        connection.execute("DROP TABLE renamed")
        connection.execute("ALTER TABLE trainings DROP COLUMN n_renamed")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    assert project.database.row("PRAGMA application_id") == (APPLICATION,)
    project.close()
    again = Project(tmp_path / "new.alps")
    again.rename_class("bad", "poor")
    assert labels_of_texts(again) == {"a": ("poor",)}
    assert again.database.rows("SELECT state, n_renamed FROM trainings") == [("running", 0)]
    again.close()


def trained(project: Project, rows: Sequence[Sequence[float]], classes: Sequence[str], **facts: Any) -> None:
    """A training that has ended, and what its model says of the first texts."""
    number = begin_training(project, "probe")
    numbers = np.arange(1, len(rows) + 1)
    probabilities = np.array(rows, dtype=np.float16)
    made = Predictions(number, tuple(classes), bool(project.setting("multi_label")), numbers, probabilities)
    folder = project.models_folder / f"{number:06d}-probe"
    (folder / HELD_OUT).mkdir(parents=True)
    made.save(folder)
    made.save(folder / HELD_OUT)
    end_training(project, number, classes=list(classes), **facts)


def test_probabilities_of_classes_that_became_one_add_up(project: Project) -> None:
    project.add_class("godo")
    trained(project, [[0.4, 0.35, 0.25], [0.1, 0.2, 0.7]], ["bad", "good", "godo"])
    items = [Item("t0", "", "random"), Item("t1", "", "random")]
    suggestions = Suggestions(project)
    assert suggestions.of(items) == [{"label": "bad", "probability": 0.4}, {"label": "godo", "probability": 0.7}]
    project.rename_class("godo", "good")
    project.rename_class("bad", "poor")
    assert [said and said["label"] for said in suggestions.of(items)] == ["good", "good"]
    predictions = latest_predictions(project)
    assert predictions is not None and predictions.classes == ("poor", "good")
    assert np.allclose(predictions.probabilities, [[0.4, 0.6], [0.1, 0.9]], atol=1e-3)


def test_without_a_removed_class_the_others_share_what_it_had(project: Project) -> None:
    project.add_class("mistake")
    trained(project, [[0.2, 0.2, 0.6], [0.0, 0.0, 1.0]], ["bad", "good", "mistake"])
    project.remove_class("mistake")
    project.add_class("mistake")  # another class, of which the model knows nothing
    predictions = latest_predictions(project)
    assert predictions is not None and predictions.classes == ("bad", "good")
    assert predictions.probabilities.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    trained(project, [[0.2, 0.2, 0.6]], ["bad", "good", "mistake"], n_renamed=1)
    predictions = latest_predictions(project)
    assert predictions is not None and predictions.classes == ("bad", "good", "mistake")


def test_several_labels_stand_each_for_itself_when_classes_become_one_or_go(several: Project) -> None:
    trained(several, [[0.9, 0.6, 0.7], [0.1, 0.2, 0.3]], ["fun", "long", "loud"])
    several.rename_class("loud", "fun")
    predictions = latest_predictions(several)
    assert predictions is not None
    assert np.allclose(predictions.probabilities, [[0.9, 0.6], [0.3, 0.2]], atol=1e-3)
    assert predictions.labels() == [["fun", "long"], []]
    several.remove_class("long")
    predictions = latest_predictions(several)
    assert predictions is not None
    assert np.allclose(predictions.probabilities, [[0.9], [0.3]], atol=1e-3)
    several.close()


def test_a_model_of_which_no_class_is_left_says_nothing(project: Project) -> None:
    trained(project, [[1.0]], ["good"])
    project.remove_class("good")
    assert latest_predictions(project) is None
    assert Suggestions(project).of([Item("t0", "", "random")]) == [None]


def test_the_account_is_of_the_classes_as_they_are_now(project: Project) -> None:
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = number WHERE number <= 3")
    for number, label in enumerate(["good", "bad", "bad"]):
        say(project, number, f"t{number}", label)
    project.add_class("godo")
    curve = {"sizes": [1, 2], "scores": [[0.5, 0.6]]}
    trained(project, [], ["bad", "good", "godo"], audit={1: ["godo"], 2: ["bad"], 3: ["good"]}, against_random=curve)
    before = accuracy(project)
    assert before is not None and before.estimate == pytest.approx(1 / 3)
    project.rename_class("bad", "poor")
    training = latest_training(project)
    assert training is not None and training.against_random == curve
    project.rename_class("godo", "good")
    after = accuracy(project)
    assert after is not None and after.estimate == pytest.approx(2 / 3)
    assert {name: share.estimate for name, share in class_shares(project).items()} == pytest.approx(
        {"good": 1 / 3, "poor": 2 / 3}
    )
    training = latest_training(project)
    assert training is not None
    assert (training.classes, training.audit) == (("poor", "good"), {1: ("good",), 2: ("poor",), 3: ("good",)})
    assert training.against_random is None and labels_saved(project) is None  # it was measured on other classes


def test_suggestions_in_the_log_are_told_by_their_name_of_now(project: Project) -> None:
    project.add_class("mistake")
    say(project, 1, "t1", "bad", suggestion=("bad", 0.8))
    say(project, 2, "t2", "good", suggestion=("mistake", 0.9))
    project.rename_class("bad", "poor")
    project.remove_class("mistake")
    say(project, 3, "t3", "bad", suggestion=("bad", 0.7), n_renamed=0)
    say(project, 4, "t4", "good", suggestion=("mistake", 0.6), n_renamed=0)
    rows = labelled_table(project).to_pylist()
    assert [(row["label"], row["suggestion"], row["suggestion_probability"]) for row in rows] == [
        ("poor", "poor", 0.8), ("good", None, None), ("poor", "poor", 0.7), ("good", None, None),
    ]  # fmt: skip
    (ann,) = annotator_statistics(project)
    assert (ann["suggested"], ann["followed"]) == (3, pytest.approx(0.667))


def test_old_names_come_back_from_other_tools_as_the_classes_of_now(project: Project) -> None:
    say(project, 1, "t1", "bad")
    say(project, 2, "t2", "bad")
    exported = [*entries_of(project, "answered")]
    project.rename_class("bad", "poor")
    assert take_in(project, exported, "tool") == Counter(same=2)
    say(project, 3, "t2", "good")
    assert take_in(project, exported, "tool") == Counter(same=1, older=1)  # as it was, whatever it was called then
    said = [Entry("t3", None, (Statement("Bo", ("bad",)),)), Entry("t4", None, (Statement("Bo", ("new",)),))]
    assert take_in(project, said, "tool", add_classes=True) == Counter(new=2)
    assert take_in(project, said, "tool") == Counter(same=2)
    assert project.labels == ["good", "poor", "new"]
    assert labels_of_texts(project) == {"t1": ("poor",), "t2": ("good",), "t3": ("poor",), "t4": ("new",)}
    assert tables(project) == derived_anew(project)


def test_the_page_renames_and_removes(project: Project, client: TestClient, stranger: TestClient) -> None:
    sent = {"name": "bad", "new": "poor"}
    assert client.post("/api/labels/rename", json=sent).json() == {
        "labels": [{"name": "good", "key": "1"}, {"name": "poor", "key": "2"}],
        "renamed": [{"name": "bad", "now": "poor"}],
    }
    told = client.get("/api/project").json()
    assert [label["name"] for label in told["labels"]] == ["good", "poor"]
    event = {"event": "e", "kind": "label", "text": "t1", "labels": ["bad"], "n_renamed": 0}
    assert client.post("/api/events", json={"events": [event]}).json()["saved"] == ["e"]
    merged = client.post("/api/labels/rename", json={"name": "poor", "new": "good"})
    assert merged.status_code == 400 and "merge the two" in merged.json()["detail"]
    removed = client.post("/api/labels/remove", json={"name": "poor"})
    assert removed.status_code == 400 and "1 answer names" in removed.json()["detail"]
    assert client.post("/api/labels/rename", json={"name": "poor", "new": "good", "merge": True}).is_success
    project.add_class("mistake")
    assert client.post("/api/labels/remove", json={"name": "mistake"}).json() == {
        "labels": [{"name": "good", "key": "1"}],
        "renamed": [{"name": "bad", "now": "poor"}, {"name": "poor", "now": "good"}, {"name": "mistake", "now": None}],
    }
    moment = client.get("/api/moment").json()
    project.rename_class("good", "fine")
    assert client.get("/api/moment").json() != moment  # the dashboard draws anew
    stranger.cookies.clear()
    assert stranger.post("/api/labels/rename", json=sent).status_code == 401
    assert stranger.post("/api/labels/remove", json={"name": "fine"}).status_code == 401


_RENAME_FOR_EVER = """
import itertools, sys
from pathlib import Path
from alps.labelling.project import Project
project = Project(Path(sys.argv[1]))
print("ready", flush=True)
for number in itertools.count():
    project.rename_class(project.labels[1], f"name {number}")
"""


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_who_is_killed_while_renaming_leaves_one_name_in_all_tables(project: Project) -> None:
    record(project, [Event(f"e{i}", "label", f"t{i}", ("bad",)) for i in range(30)], "Ann")
    record(project, [Event(f"s{i}", "settle", f"t{i}", ("bad",)) for i in range(9)], "Bo")
    last = "bad"
    for wait in ("0.05", "0.15", "0.3"):
        command = [sys.executable, "-c", _RENAME_FOR_EVER, str(project.path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        killer = subprocess.Popen(["sh", "-c", f"sleep {wait}; kill -9 {process.pid}"])
        assert process.wait(30) == -signal.SIGKILL
        killer.wait(10)
        process.stdout.close()
        assert project.labels[1] != last
        last = project.labels[1]
        assert {*labels_of_texts(project).values()} == {(last,)}
        assert len(project.verdicts()) == 30
        assert project.database.row("PRAGMA integrity_check") == ("ok",)
    assert tables(project) == derived_anew(project)


NAMES = ("a", "b", "c", "d")
STEPS = st.one_of(
    st.tuples(st.just("label"), st.integers(0, 3), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)),
    st.tuples(st.just("settle"), st.integers(0, 3), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)),
    st.tuples(st.just("undo"), st.integers(0, 30), st.none()),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("add"), st.sampled_from(NAMES), st.none()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=25), multi_label=st.booleans())
def test_the_tables_follow_from_the_log_and_no_text_loses_its_label(
    steps: list[tuple[str, Any, Any]], multi_label: bool
) -> None:
    with TemporaryDirectory() as folder:
        project = create_project(
            Path(folder) / "p.alps", ["a", "b"], name="p", multi_label=multi_label, audit_share=0.0
        )
        project.add_texts([str(i) for i in range(4)], [f"text {i}" for i in range(4)])
        for number, (what, one, other) in enumerate(steps):
            before = labels_of_texts(project)
            refused: list[Any] = []
            try:
                if what in ("label", "settle"):
                    event = Event(f"e{number}", what, str(one), tuple(other if multi_label else other[:1]))
                    _, refused = record(project, [event], "Ann" if what == "label" else "Bo")
                elif what == "undo":
                    _, refused = record(project, [Event(f"u{number}", "undo", of=f"e{one}")], "Ann")
                elif what == "rename":
                    project.rename_class(one, other)
                elif what == "remove":
                    project.remove_class(one)
                else:
                    project.add_class(one)
            except AlpsError:
                assert labels_of_texts(project) == before
            after = labels_of_texts(project)
            if what == "rename" and before:
                assert after == before or after == {
                    name: tuple(dict.fromkeys(other if label == one else label for label in labels))
                    for name, labels in before.items()
                }
            elif what in ("remove", "add") or refused:
                assert after == before
            assert all(label in project.labels for labels in after.values() for label in labels)
        kept = tables(project)
        assert kept == derived_anew(project)
        logged = [json.loads(content) for (content,) in project.database.rows("SELECT content FROM events")]
        assert all(each.get("labels") is None or each["labels"] for each in logged)
        project.close()
