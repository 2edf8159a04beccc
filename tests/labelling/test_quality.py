"""A second look: labels that are probably wrong are found, near copies are compared, annotators are described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.quality import annotator_statistics, likely_mistakes, near_copies
from alps.labelling.training_process import train_project

SETTINGS = {"classifier": "probe", "recipe": "stable", "seed": 0, "model": "bundled", "cache_dir": None}
WRONG = {"t3", "t27", "t61"}


def right(text: str) -> str:
    return "sport" if "team" in text else "money"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Project]:
    """Eighty headlines, labelled by Ann, three of them wrongly, and some of the audit."""
    made = create_project(tmp_path / "news.alps", ["sport", "money"], name="news", audit_share=0.2)
    texts = [f"the team won match {i} with a late goal" for i in range(40)]
    texts += [f"the bank raised interest rates to {i} percent" for i in range(40)]
    made.add_texts([f"t{i}" for i in range(80)], texts)
    events = []
    for i, text in enumerate(texts):
        label = right(text) if f"t{i}" not in WRONG else {"sport": "money", "money": "sport"}[right(text)]
        events.append(Event(f"e{i}", "label", f"t{i}", (label,), seconds=2.0 + i % 3))
    with made.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = CASE WHEN number % 4 = 2 THEN number END")  # t61 among them
    record(made, events, "Ann")
    yield made
    made.close()


def test_wrong_labels_are_found_but_those_of_the_audit_are_left_as_they_are(news: Project) -> None:
    assert likely_mistakes(news) == []  # no model yet
    train_project(news, SETTINGS)
    found = likely_mistakes(news)
    assert {each["id"] for each in found} == WRONG - {"t61"}
    assert found == sorted(found, key=lambda each: each["probability"])
    assert all(each["suggest"] == [right(each["text"])] for each in found)
    assert all(each["labels"] != each["suggest"] for each in found)
    record(news, [Event("s", "settle", "t3", ("money",))], "Bo")
    assert {each["id"] for each in likely_mistakes(news)} == WRONG - {"t3", "t61"}


def test_right_labels_are_left_alone(news: Project) -> None:
    fixed = [Event(f"f{name}", "label", name, (right(news.text(news.number_of(name))),)) for name in sorted(WRONG)]
    record(news, fixed, "Ann")
    train_project(news, SETTINGS)
    assert likely_mistakes(news) == []


def test_several_labels_are_looked_at_one_by_one(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["sport", "money"], name="p", multi_label=True, audit_share=0.0)
    texts = [f"the team won match {i} with a late goal" for i in range(30)]
    texts += [f"the bank raised interest rates to {i} percent" for i in range(30)]
    project.add_texts([f"t{i}" for i in range(60)], texts)
    record(project, [Event(f"e{i}", "label", f"t{i}", (right(text),)) for i, text in enumerate(texts) if i], "Ann")
    record(project, [Event("e0", "label", "t0", ("sport", "money"))], "Ann")
    train_project(project, SETTINGS)
    (found,) = likely_mistakes(project)
    assert (found["id"], found["suggest"]) == ("t0", ["sport"])
    project.close()


def test_near_copies_with_different_labels_are_paired(project: Project) -> None:
    texts = ["Rain in Rome again today", "rain in Rome, again!", "Sun in Oslo", "rain in rome again"]
    project.add_texts(["a", "b", "c", "d"], texts)
    said = [("a", "good"), ("b", "bad"), ("c", "bad"), ("d", "good")]
    record(project, [Event(f"e-{name}", "label", name, (label,)) for name, label in said], "Ann")
    found = near_copies(project)
    assert [[text["id"] for text in pair["texts"]] for pair in found] == [["a", "b"], ["b", "d"]]
    assert found[0]["texts"][1]["labels"] == ["bad"]


def test_annotators_are_described(project: Project) -> None:
    shown = Event("1", "label", "t1", ("good",), seconds=4.0, suggestion=("good", 0.9))
    against = Event("2", "label", "t2", ("bad",), seconds=2.0, suggestion=("good", 0.6))
    record(project, [shown, against, Event("3", "skip", "t3", reason="unsure")], "Ann")
    record(project, [Event("4", "label", "t1", ("good",)), Event("5", "label", "t2", ("good",))], "Bo")
    ann, bo = annotator_statistics(project)
    assert ann == {"annotator": "Ann", "labelled": 2, "skipped": 1, "seconds": 3.0, "common": 2, "agreement": 0.5,
                   "suggested": 2, "followed": 0.5}  # fmt: skip
    assert (bo["seconds"], bo["suggested"], bo["followed"], bo["agreement"]) == (None, 0, None, 0.5)
