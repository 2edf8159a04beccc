"""Push and pull, against a small server that answers as Label Studio does; see also test_real_label_studio.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alps.base.errors import AlpsError
from alps.integrations.entries import Suggestion
from alps.integrations.label_studio_server import LabelStudioServer, pull, push
from alps.labelling.events import Event, record
from alps.labelling.project import Project
from tests.integrations.conftest import HOSTILE, MakeProject
from tests.integrations.fake_label_studio import LEGACY, REFRESH, FakeLabelStudio


@pytest.fixture
def fake() -> Iterator[FakeLabelStudio]:
    server = FakeLabelStudio()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("key", [LEGACY, REFRESH])
def test_texts_go_once_and_annotations_come_once(fake: FakeLabelStudio, make_project: MakeProject, key: str) -> None:
    project, server = make_project(HOSTILE), LabelStudioServer(fake.url + "/", key)
    assert push(project, server, which="all") == (1, len(HOSTILE))
    assert push(project, server, which="all") == (1, 0)
    assert [task["data"]["text"] for task in fake.tasks[1]] == HOSTILE
    assert '<Choice value="good" hotkey="1"/>' in fake.projects[1]["label_config"]
    fake.annotate(1, "row-0", "good")
    fake.annotate(1, "row-0", "bad", completed_by=2)
    fake.annotate(1, "row-1", None)
    assert pull(project, server)["new"] == 3
    assert pull(project, server)["new"] == 0
    answers = {(answer.id, answer.annotator): answer.labels for answer in project.answers()}
    assert answers == {
        ("row-0", "label-studio-1"): ("good",), ("row-0", "label-studio-2"): ("bad",), ("row-1", "label-studio-1"): (),
    }  # fmt: skip
    assert push(project, server, which="all") == (1, 0)


def test_what_was_answered_here_goes_along_and_comes_back_as_it_was(fake, answered: Project) -> None:
    server = LabelStudioServer(fake.url, LEGACY)
    before = answered.answers()
    push(answered, server, which="answered")
    assert pull(answered, server)["same"] == len(before)
    assert answered.answers() == before


def test_a_new_class_is_added_there(fake: FakeLabelStudio, make_project: MakeProject) -> None:
    project, server = make_project(["one"]), LabelStudioServer(fake.url, LEGACY)
    push(project, server, which="all")
    project.add_class('mixed "&')
    push(project, server, which="all")
    assert len(fake.projects) == 1
    assert '<Choice value=\'mixed "&amp;\' hotkey="3"/>' in fake.projects[1]["label_config"]


def test_suggestions_are_checked_before_they_go(fake: FakeLabelStudio, make_project: MakeProject) -> None:
    project, server = make_project(["one", "two"]), LabelStudioServer(fake.url, LEGACY)
    for wrong in (Suggestion("ugly", 0.5), Suggestion("good", 3.2), Suggestion("good", float("nan"))):
        with pytest.raises(AlpsError, match="train"):
            push(project, server, which="all", suggestions={1: wrong})
    assert fake.tasks[1] == []
    push(project, server, which="all", suggestions={2: Suggestion("bad", 0.9, "alps-training-1")})
    assert [len(task.get("predictions", [])) for task in fake.tasks[1]] == [0, 1]
    assert fake.tasks[1][1]["predictions"][0]["score"] == 0.9


def test_mistakes_are_one_sentence(fake: FakeLabelStudio, make_project: MakeProject) -> None:
    project = make_project(["one"])
    for url, key, sentence in (
        (fake.url, "wrong", r"\(401: .*\); check the key"),
        ("http://127.0.0.1:1", LEGACY, "cannot be reached"),
        (fake.url, "a.b.c", r"refused POST /api/token/refresh \(401"),
    ):
        with pytest.raises(AlpsError, match=sentence) as raised:
            push(project, LabelStudioServer(url, key))
        assert key not in str(raised.value)
    with pytest.raises(AlpsError, match="was not pushed"):
        pull(project, LabelStudioServer(fake.url, LEGACY))
    with pytest.raises(AlpsError, match="404"):
        pull(project, LabelStudioServer(fake.url, LEGACY), 7)
    with pytest.raises(AlpsError, match="is no address"):
        LabelStudioServer("file:///etc/passwd", LEGACY)


@pytest.mark.parametrize("ahead", [-600.0, 0.0, 600.0])
def test_a_clock_that_is_wrong_makes_nothing_older_or_newer(fake: FakeLabelStudio, make_project, ahead: float) -> None:
    project, server = make_project(["one"]), LabelStudioServer(fake.url, LEGACY)
    fake.ahead = ahead
    push(project, server, which="all")
    for seconds, label, outcome in ((-300.0, "good", "older"), (300.0, "bad", "new")):  # before and after what Ann says
        record(project, [Event(str(seconds), "label", "row-0", ("bad" if label == "good" else "good",))], "Ann")
        at = (datetime.now(UTC) + timedelta(seconds=ahead + seconds)).isoformat()
        fake.tasks[1][0]["annotations"] = []
        fake.annotate(1, "row-0", label, completed_by={"email": "Ann"}, created_at=at, updated_at=at)
        assert pull(project, server)[outcome] == 1


def test_what_changes_there_after_a_pull_is_new_whatever_its_clock_says(fake: FakeLabelStudio, make_project) -> None:
    project, server = make_project(["one"]), LabelStudioServer(fake.url, LEGACY)
    push(project, server, which="all")
    for at, label in (("2020-01-01T00:00:00Z", "good"), ("2020-01-01T00:00:01Z", "bad")):
        fake.tasks[1][0]["annotations"] = []
        fake.annotate(1, "row-0", label, created_at=at, updated_at=at)
        assert pull(project, server)["new"] == 1
    assert [answer.labels for answer in project.answers()] == [("bad",)]
