"""The ML backend as Label Studio calls it: requests captured from 1.23.2, each sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from alps.integrations.entries import Suggestion
from alps.integrations.guard import is_local
from alps.integrations.label_studio import entry_of_task, label_config
from alps.integrations.label_studio_backend import Exchange, control_names, create_app, password_of
from alps.integrations.label_studio_server import LabelStudioServer, pull, push
from alps.integrations.take_in import Tool, take_in
from alps.labelling.account import audit_labels
from alps.labelling.batches import Batches
from alps.labelling.events import Event, record
from alps.labelling.new_project import create_project
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project
from alps.labelling.training import Trainer
from alps.labelling.trainings import begin_training, end_training, latest_training
from tests.integrations.conftest import MakeProject
from tests.integrations.fake_label_studio import LEGACY, FakeLabelStudio

AT = "2026-11-22T07:34:52.820823Z"


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    return make_project(["one", "two", "three"])


def backend(project: Project, server: LabelStudioServer | None = None) -> tuple[TestClient, Exchange, list[str]]:
    told: list[str] = []
    exchange = Exchange(project, Batches(project, None), Trainer(project, None), server, told.append)
    return TestClient(create_app(exchange), base_url="http://localhost:9090"), exchange, told


def trained(project: Project) -> None:
    """A model that is 90 % sure that the first text is bad and 60 % that the second is good."""
    number = begin_training(project, "probe")
    end_training(project, number, n_labels=2, scores={}, classes=["good", "bad"], audit={})
    training = latest_training(project)
    assert training is not None
    training.folder(project).mkdir(parents=True)
    probabilities = np.array([[0.1, 0.9], [0.6, 0.4]], dtype=np.float16)
    Predictions(number, ("good", "bad"), False, np.array([1, 2]), probabilities).save(training.folder(project))


def annotation(number: int, choice: str | None, **other: Any) -> dict[str, Any]:
    result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}]
    return {"id": number, "completed_by": 1, "was_cancelled": choice is None, "result": result if choice else [],
            "created_at": AT, "updated_at": AT, "lead_time": 3.2, **other}  # fmt: skip


def event(action: str, name: str, said: dict[str, Any]) -> dict[str, Any]:
    task = {"id": 5, "data": {"alps_id": name}}
    return {"action": action, "annotation": {**said, "task": 5}, "task": task, "project": {"id": 1}}


def standing(project: Project) -> dict[str, tuple[str, ...] | None]:
    return {answer.id: answer.labels if answer.kind == "label" else None for answer in project.answers()}


def test_it_is_up_and_has_the_version_of_its_model(project: Project) -> None:
    client, _, _ = backend(project)
    assert client.get("/health").json() == {"status": "UP", "model_class": "alps"}
    setup = {"project": "1.1795332892", "schema": "<View/>", "hostname": "http://localhost:8081", "access_token": "",
             "extra_params": None}  # fmt: skip
    assert client.post("/setup", json=setup).json() == {"model_version": "alps"}
    trained(project)
    assert client.post("/setup", json=setup).json() == {"model_version": "alps-training-1"}
    assert client.get("/versions").json() == {"versions": ["alps-training-1"]}
    for path in ("/validate", "/job_status", "/delete", "/duplicate_model"):
        assert client.post(path, json={}).json() == {}


def test_there_is_one_prediction_for_each_task_in_their_order(project: Project) -> None:
    client, _, _ = backend(project)
    config = label_config(control_classes(project)).replace('name="label"', 'name="mood"')
    tasks = [
        {"id": 9, "data": {"text": "two", "alps_id": "row-1"}}, {"id": 1, "data": {"text": "another"}},
        {"id": 3, "data": {"text": "one"}}, {"id": 4, "data": {"alps_id": "row-2", "text": "three"}}, {"id": 5},
    ]  # fmt: skip
    sent = {"tasks": tasks, "project": "1.1795", "label_config": config, "params": {"context": None}}
    empty = client.post("/predict", json=sent).json()["results"]
    assert [prediction["result"] for prediction in empty] == [[]] * 5
    trained(project)
    found = client.post("/predict", json=sent).json()["results"]
    assert [prediction["score"] for prediction in found] == [0.6, 0.0, 0.9, 0.0, 0.0]
    assert found[0]["model_version"] == "alps-training-1"
    assert found[0]["result"] == [
        {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}
    ]
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = 1 WHERE number = 1")
    assert client.post("/predict", json=sent).json()["results"][2]["result"] == []


def test_webhooks_may_come_twice(project: Project) -> None:
    client, _, told = backend(project)
    steps = [
        (event("ANNOTATION_CREATED", "row-0", annotation(1, "good")), {"row-0": ("good",)}),
        (event("ANNOTATION_CREATED", "row-1", annotation(2, None)), {"row-0": ("good",), "row-1": None}),
        (event("ANNOTATION_UPDATED", "row-0", annotation(1, "bad", updated_at="2026-11-22T07:40:00Z")),
         {"row-0": ("bad",), "row-1": None}),
        ({"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 1}], "project": {"id": 1}}, {"row-1": None}),
        (event("ANNOTATION_CREATED", "not ours", annotation(7, "good")), {"row-1": None}),
        ({"action": "ANNOTATIONS_CREATED", "annotations": [annotation(8, "good", task=5)],
          "tasks": [{"id": 5, "data": {"text": "three"}}]}, {"row-1": None, "row-2": ("good",)}),
        ({"action": "PROJECT_UPDATED", "project": {"id": 1}}, {"row-1": None, "row-2": ("good",)}),
    ]  # fmt: skip
    for sent, expected in steps:
        for _ in range(2):
            assert client.post("/webhook", json=sent).status_code == 201
            assert standing(project) == expected, sent["action"]
    n_events = project.database.row("SELECT count(*) FROM events")[0]
    assert n_events == 5
    assert told == []


def test_what_does_not_fit_is_told_and_changes_nothing(project: Project) -> None:
    client, _, told = backend(project)
    answer = client.post("/webhook", json=event("ANNOTATION_CREATED", "row-0", annotation(1, "ugly")))
    assert answer.status_code == 400
    assert "no class of the project" in answer.json()["detail"]
    assert len(told) == 1 and standing(project) == {}
    assert client.post("/webhook", json=[1]).status_code == 422


def test_pages_in_a_browser_are_refused(project: Project) -> None:
    client, _, _ = backend(project)
    sent = event("ANNOTATION_CREATED", "row-0", annotation(1, "good"))
    for headers in ({"origin": "http://evil.org"}, {"sec-fetch-site": "cross-site"}):
        assert client.post("/webhook", json=sent, headers=headers).status_code == 403
    assert standing(project) == {}


def test_it_is_quick_enough(make_project: MakeProject) -> None:
    project = make_project([f"film number {i}" for i in range(2000)])
    client, _, _ = backend(project)
    trained(project)
    tasks = [{"id": i, "data": {"text": f"film number {i}", "alps_id": f"row-{i}"}} for i in range(1000)]
    for limit, path, sent in (
        (1.0, "/webhook", event("ANNOTATION_CREATED", "row-0", annotation(1, "good"))),
        (100.0, "/predict", {"tasks": tasks, "label_config": ""}),
        (3.0, "/setup", {}),
    ):
        begun = time.monotonic()
        assert client.post(path, json=sent).status_code < 300
        assert time.monotonic() - begun < limit


def test_training_is_asked_for_with_what_the_server_holds_and_the_next_batch_is_sent(project: Project) -> None:
    fake = FakeLabelStudio()
    client, exchange, told = backend(project, LabelStudioServer(fake.url, LEGACY))
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO batches VALUES (1, 'alps', '2026-11-22', '{}')")
        connection.executemany("INSERT INTO picks VALUES (?, 1, ?, 1, '{}')", [(3, 1), (1, 2)])
    exchange.look()
    wait_until(lambda: len(fake.tasks.get(1, [])) == 2)
    wait_until(lambda: not exchange._busy.locked())
    fake.annotate(1, "row-2", "good")
    assert client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 1}}).status_code == 201
    wait_until(lambda: standing(project) == {"row-2": ("good",)})
    fake.shutdown()
    fake.server_close()
    assert [sentence for sentence in told if "trains no models" not in sentence] == []  # this one has no trainer


def test_a_server_that_is_away_is_told_once(project: Project) -> None:
    _, exchange, told = backend(project, LabelStudioServer("http://127.0.0.1:1", LEGACY))
    for _ in range(2):
        exchange.begin_to_fetch()
        wait_until(lambda: not exchange._busy.locked())
    assert len(told) == 1
    assert "was not pushed" in told[0]
    with project.database.transaction() as connection:
        connection.execute("INSERT INTO batches VALUES (1, 'alps', '2026-11-22', '{}')")
    for _ in range(2):
        exchange.look()
        wait_until(lambda: not exchange._busy.locked())
    assert len(told) == 2
    assert "cannot be reached" in told[1]


@pytest.mark.parametrize("config", ["", "<View>", "<View/>", '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'])
def test_an_interface_without_choices_has_our_names(config: str) -> None:
    assert control_names(config) == ("label", "text")


def control_classes(project: Project) -> Any:
    from alps.integrations.entries import Classes

    return Classes.of(project)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def deleted(number: int) -> dict[str, Any]:
    return {"action": "ANNOTATIONS_DELETED", "annotations": [{"id": number}], "project": {"id": 1}}


def test_deleting_an_annotation_takes_back_only_what_came_from_it(project: Project) -> None:
    client, _, told = backend(project)
    first = event("ANNOTATION_CREATED", "row-0", annotation(12, "good"))
    second = event("ANNOTATION_CREATED", "row-0", annotation(13, "bad", updated_at="2026-11-22T07:40:00Z"))
    steps = [
        (first, ("good",)), (second, ("bad",)), (deleted(12), ("bad",)), (deleted(1), ("bad",)), (second, ("bad",)),
        (deleted(13), None), (deleted(13), None), (second, ("bad",)), (deleted(13), None),
        (event("ANNOTATION_CREATED", "row-0", annotation(14, "good", updated_at="2026-11-22T07:41:00Z")), ("good",)),
    ]  # fmt: skip
    for sent, expected in steps:
        assert client.post("/webhook", json=sent).status_code == 201
        assert standing(project).get("row-0") == expected
    assert told == []


def test_deleting_an_annotation_leaves_what_was_said_in_alps_since(project: Project) -> None:
    client, _, _ = backend(project)
    said = event("ANNOTATION_CREATED", "row-0", annotation(12, "good"))
    client.post("/webhook", json=said)
    record(project, [Event("1", "label", "row-0", ("bad",))], "label-studio-1")
    client.post("/webhook", json=deleted(12))
    assert standing(project) == {"row-0": ("bad",)}
    record(project, [Event("2", "undo", of="1")], "label-studio-1")
    client.post("/webhook", json=deleted(12))
    assert standing(project) == {}


def test_an_old_file_brings_no_deleted_annotation_back(project: Project) -> None:
    client, _, _ = backend(project)
    said = annotation(12, "good")
    client.post("/webhook", json=event("ANNOTATION_CREATED", "row-0", said))
    client.post("/webhook", json=deleted(12))
    entry = entry_of_task({"data": {"alps_id": "row-0"}, "annotations": [said]}, "file")
    assert take_in(project, [entry], "label-studio")["same"] == 1
    assert standing(project) == {}
    assert take_in(project, [entry], "label-studio", tool=Tool("label-studio", current=True))["new"] == 1
    assert standing(project) == {"row-0": ("good",)}


def test_long_ids_of_annotations_do_not_meet(project: Project) -> None:
    client, _, told = backend(project)
    for last, name in (("a", "row-0"), ("b", "row-1"), ("12:deleted", "row-2")):
        said = {**annotation(1, "good"), "id": "x" * 70 + last if len(last) == 1 else last}
        client.post("/webhook", json=event("ANNOTATION_CREATED", name, said))
    assert {*standing(project)} == {"row-0", "row-1", "row-2"}
    client.post("/webhook", json={**deleted(1), "annotations": [{"id": 12}, {"id": "x" * 70 + "a"}]})
    assert {*standing(project)} == {"row-1", "row-2"}
    assert told == []


def test_what_label_studio_tells_at_once_is_new_whatever_its_clock_says(project: Project) -> None:
    client, _, _ = backend(project)
    record(project, [Event("1", "label", "row-0", ("good",))], "label-studio-1")
    behind = annotation(1, "bad", created_at="2020-01-01T00:00:00Z", updated_at="2020-01-01T00:00:00Z")
    client.post("/webhook", json=event("ANNOTATION_CREATED", "row-0", behind))
    assert standing(project) == {"row-0": ("bad",)}


@pytest.mark.parametrize(
    "sent",
    [
        event("ANNOTATION_CREATED", "row-0", annotation(1, "good", updated_at="25/11/2026 08:00")),
        {"action": "ANNOTATION_CREATED", "annotation": 3, "task": {"id": 5}},
        {"action": "ANNOTATIONS_CREATED", "annotations": "x", "tasks": [1]},
        {"action": "ANNOTATIONS_DELETED", "annotations": [4]},
    ],
)
def test_a_webhook_that_cannot_be_read_is_one_sentence(project: Project, sent: dict[str, Any]) -> None:
    client, _, told = backend(project)
    assert client.post("/webhook", json=sent).status_code == 400
    assert len(told) == 1 and standing(project) == {}


ROUTES = [
    ("GET", "/"), ("GET", "/health"), ("GET", "/versions"), ("POST", "/setup"), ("POST", "/predict"),
    ("POST", "/webhook"), ("POST", "/validate"), ("POST", "/job_status"), ("POST", "/delete"),
    ("POST", "/duplicate_model"),
]  # fmt: skip


def test_every_route_asks_for_the_password(project: Project) -> None:
    exchange = Exchange(project, Batches(project, None), Trainer(project, None), None, print)
    app = create_app(exchange, password_of(project))
    assert password_of(project) == password_of(project) and len(password_of(project)) >= 32
    routes = {(method, route.path) for route in app.app.routes for method in route.methods}  # type: ignore[attr-defined]
    assert routes == {*ROUTES}
    client = TestClient(app, base_url="http://films:9090")
    said = event("ANNOTATION_CREATED", "row-0", annotation(1, "good"))
    for method, path in ROUTES:
        for auth in (None, ("alps", "wrong"), ("", password_of(project)), ("alps", "")):
            answer = client.request(method, path, json=said if method == "POST" else None, auth=auth)
            assert answer.status_code == 401, path
        for header in ("Basic", "Basic é", "Bearer x", "Basic " + "x" * 10_000):
            headers = {"authorization": header.encode()}
            assert client.request(method, path, json={}, headers=headers).status_code == 401
        right = client.request(
            method, path, json=said if method == "POST" else None, auth=("alps", password_of(project))
        )
        assert right.status_code < 300
    assert standing(project) == {"row-0": ("good",)}


def test_no_copy_has_the_password(project: Project, tmp_path: Path) -> None:
    password = password_of(project)
    project.copy_to(tmp_path / "copy.alps")
    copy = Project(tmp_path / "copy.alps")
    assert copy.setting("backend_password") is None
    assert password_of(copy) != password
    copy.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8", "[::1]"])
def test_only_this_machine_needs_no_password(host: str) -> None:
    assert is_local(host)
    for other in ("0.0.0.0", "::", "192.168.1.2", "films.example.org", "localhost.example.org"):
        assert not is_local(other)


def test_bodies_have_a_size(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Exchange(project, Batches(project, None), Trainer(project, None), None, print)
    client = TestClient(replace(create_app(exchange), max_body_bytes=1000), base_url="http://localhost:9090")
    assert client.post("/setup", json={"x": "y" * 900}).status_code == 200
    for body in (b"x" * 1001, iter([b"x" * 600] * 2)):
        answer = client.post("/setup", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert "at most 1000 bytes" in answer.json()["detail"]
    assert client.post("/setup", content=b"{}", headers={"content-length": "x"}).status_code == 413


def test_the_audit_goes_along_with_each_batch(tmp_path: Path) -> None:
    made = create_project(tmp_path / "p.alps", ["good", "bad"], name="films", audit_share=0.2)
    made.add_texts([f"row-{i}" for i in range(200)], [f"film number {i}" for i in range(200)])
    fake = FakeLabelStudio()
    server = LabelStudioServer(fake.url, LEGACY)
    _, exchange, _ = backend(made, server)
    audit = [name for (name,) in made.database.rows("SELECT id FROM texts WHERE audit IS NOT NULL ORDER BY audit")]
    others = [number for (number,) in made.database.rows("SELECT number FROM texts WHERE audit IS NULL")]
    sent: list[dict[str, Any]] = []
    for batch in (1, 2):
        with made.database.transaction() as connection:
            connection.execute("INSERT INTO batches VALUES (?, 'alps', '2026-11-22', '{}')", (batch,))
            picks = [(number, batch, rank) for rank, number in enumerate(others[(batch - 1) * 20 : batch * 20], 1)]
            connection.executemany("INSERT INTO picks VALUES (?, ?, ?, 1, '{}')", picks)
        suggestions = {number: Suggestion("good", 0.9) for number in range(1, 201)}
        assert push(made, server, suggestions=suggestions)[1] == 25
        assert push(made, server, suggestions=suggestions)[1] == 0
        new, sent = fake.tasks[1][len(sent) :], [*fake.tasks[1]]
        names = [task["data"]["alps_id"] for task in new]
        audited = [name for name in names if name in audit]
        assert audited == audit[(batch - 1) * 5 : batch * 5]  # a fifth of what is sent
        assert names[-1] not in audited and max(names.index(name) for name in audited) > 12  # spread among the batch
        for task in new:
            is_audit = task["data"]["alps_id"] in audit
            assert task["meta"]["alps_batch"] == (None if is_audit else batch)
            assert ("predictions" in task) == (not is_audit)
    fake.annotate(1, audit[0], "good")
    assert pull(made, server)["new"] == 1
    assert [*audit_labels(made).values()] == [("good",)]
    assert not made.database.rows("SELECT 1 FROM picks JOIN texts ON text = number WHERE audit IS NOT NULL")
    exchange.send()
    assert len(fake.tasks[1]) == 50
    made.close()
    fake.shutdown()
    fake.server_close()
