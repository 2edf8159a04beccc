"""The ML backend as Label Studio calls it: requests captured from 1.23.2, each sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from alps.integrations.label_studio import label_config
from alps.integrations.label_studio_backend import Exchange, control_names, create_app
from alps.integrations.label_studio_server import LabelStudioServer
from alps.labelling.batches import Batches
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
    task = {"id": 5, "data": {"text": "whatever", "alps_id": name}}
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
