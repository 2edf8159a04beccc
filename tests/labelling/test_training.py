"""Training beside the labelling: what it leaves behind, what goes wrong with it, and what the page gets of it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from alps.base.errors import AlpsError
from alps.classifiers.text_classifier import TextClassifier
from alps.labelling.account import account, accuracy, audit_labels
from alps.labelling.advice import advice
from alps.labelling.batches import Batches
from alps.labelling.events import Event, record
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project, create_project
from alps.labelling.queue import AUDIT, next_texts
from alps.labelling.server import create_app
from alps.labelling.training import Trainer, TrainingSettings
from alps.labelling.training_process import MODEL, train_project
from alps.labelling.trainings import (
    begin_training,
    end_training,
    latest_predictions,
    latest_training,
    remove_old_models,
    trainings,
)
from tests.labelling.conftest import log_in

SETTINGS = {"classifier": "probe", "recipe": "stable", "seed": 0, "model": "bundled", "cache_dir": None}
DEADLINE = 120.0  # seconds; only ever reached when something hangs


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Project]:
    """A hundred headlines about football and money, a fifth of them of the audit."""
    made = create_project(tmp_path / "news.alps", ["sport", "money"], name="news", audit_share=0.2)
    made.set("id", "fixed")
    texts = [f"the team won match {i} with a late goal" for i in range(50)]
    texts += [f"the bank raised interest rates to {i} percent" for i in range(50)]
    made.add_texts([f"t{i}" for i in range(100)], texts)
    yield made
    made.close()


def truth(text: str) -> str:
    return "sport" if "team" in text else "money"


def label(project: Project, n: int, annotator: str = "Ann") -> None:
    """Label the next n texts rightly."""
    for item in next_texts(project, annotator, n):
        assert record(project, [Event(f"{annotator}-{item.id}", "label", item.id, (truth(item.text),))], annotator)[0]


def wait_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def test_a_training_is_recorded_and_its_model_and_predictions_are_kept(news: Project) -> None:
    label(news, 40)
    assert train_project(news, SETTINGS) == 1
    (training,) = trainings(news)
    n_audited = len(audit_labels(news))
    assert (training.state, training.classifier, training.n_labels) == ("done", "probe", 40 - n_audited)
    assert n_audited == 8
    assert training.scores["micro_f1"] == 1.0
    assert training.classes == ("money", "sport")
    assert training.error is None and training.ended_at is not None
    classifier = TextClassifier.load(training.folder(news) / MODEL)
    assert classifier.predict(["the team lost the match"]) == ["sport"]
    predictions = latest_predictions(news)
    assert predictions is not None and len(predictions.numbers) == 100
    told = dict(zip(predictions.numbers.tolist(), predictions.labels(), strict=True))
    assert all(told[number] == [truth(news.text(number))] for number in told)
    assert {number: list(labels) for number, labels in training.audit.items()}.items() <= told.items()
    right = accuracy(news)
    assert right is not None and (right.estimate, right.n) == (1.0, n_audited)


def test_no_text_of_the_audit_is_trained_on(news: Project) -> None:
    label(news, 30)
    news.add_class("audited")
    for number in audit_labels(news):
        name = news.database.row("SELECT id FROM texts WHERE number = ?", number)[0]
        record(news, [Event(f"again-{name}", "label", name, ("audited",))], "Ann")
    train_project(news, SETTINGS)
    (training,) = trainings(news)
    assert training.n_labels == 30 - len(audit_labels(news))
    classifier = TextClassifier.load(training.folder(news) / MODEL)
    assert classifier.facts["texts_per_class"]["audited"] == 0


def test_a_training_that_fails_is_recorded_and_loses_nothing(news: Project) -> None:
    label(news, 5)
    with pytest.raises(AlpsError, match="needs 10 labelled texts"):
        train_project(news, SETTINGS)
    label(news, 30)
    before = news.verdicts()
    news.models_folder.write_text("in the way")
    with pytest.raises(FileExistsError):
        train_project(news, SETTINGS)
    assert [each.state for each in trainings(news)] == ["failed", "failed"]
    assert "needs 10" in (trainings(news)[0].error or "")
    news.models_folder.unlink()
    assert train_project(news, SETTINGS) == 3
    assert latest_training(news) is not None
    assert news.verdicts() == before


def test_the_trainer_begins_by_itself_and_again_after_ten_more_labels(news: Project) -> None:
    trainer = Trainer(news, TrainingSettings(finetune="demand"))
    label(news, 9)
    trainer.look()
    assert not trainer.current()["running"]
    label(news, 6)
    wait_until(lambda: trainer.look() or bool(trainings(news, state="done")))
    wait_until(lambda: trainer.look() or not trainer.current()["running"])
    label(news, 5)
    trainer.look()
    assert not trainer.current()["running"]
    label(news, 8)
    wait_until(lambda: trainer.look() or len(trainings(news, state="done")) == 2)
    trainer.close()
    assert [each.state for each in trainings(news)] == ["done", "done"]


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_training_that_is_killed_is_told_and_tried_again(news: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    label(news, 40)
    monkeypatch.setattr("alps.labelling.background._FIRST_WAIT", 0.1)
    trainer = Trainer(news, TrainingSettings(finetune="demand"))
    trainer.look()
    wait_until(lambda: bool(trainings(news, state="running")))
    process = trainer._processes["probe"]._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    trainer.look()
    assert "will be tried again" in (trainer.notice() or "")
    assert trainings(news)[0].state == "failed"
    wait_until(lambda: trainer.look() or bool(trainings(news, state="done")))
    wait_until(lambda: trainer.look() or not trainer.current()["running"])
    assert trainer.notice() is None
    trainer.close()
    assert len(news.verdicts()) == 40


@pytest.mark.skipif(os.name == "nt", reason="stops a process with a signal")
def test_people_label_while_a_model_is_fine_tuned(news: Project) -> None:
    """The training is made to stand still in the middle, so that every label falls into it."""
    label(news, 30)
    n_before = 30 - len(audit_labels(news))
    trainer = Trainer(news, TrainingSettings(finetune="demand"))
    app = create_app(news, Batches(news, None), trainer)
    client = log_in(news, TestClient(app, base_url="http://127.0.0.1"), "Ann")
    assert client.post("/api/train", json={"classifier": "finetune"}).is_success
    wait_until(lambda: bool(trainings(news, state="running")))
    process = trainer._processes["finetune"]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        for item in client.get("/api/next", params={"n": 40}).json()["items"]:
            event = {"event": item["id"], "kind": "label", "text": item["id"], "labels": [truth(item["text"])]}
            assert client.post("/api/events", json={"events": [event]}).json()["saved"] == [item["id"]]
        assert trainings(news)[0].state == "running"
    finally:
        os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: trainings(news)[0].state != "running")
    trainer.close()
    training = trainings(news)[0]
    assert (training.classifier, training.state) == ("finetune", "done"), training.error
    assert training.n_labels >= n_before
    assert len(news.verdicts()) == 70


def test_a_training_that_a_killed_server_left_behind_is_told_as_interrupted(news: Project) -> None:
    news.database.rows(
        "INSERT INTO trainings (classifier, state, begun_at, last_event, batch) VALUES ('probe', 'running', '', 0, 0)"
    )
    Trainer(news, TrainingSettings()).close()
    assert [(each.state, each.error) for each in trainings(news)] == [("failed", "It was interrupted.")]


def test_only_the_newest_models_are_kept(news: Project) -> None:
    label(news, 30)
    for _ in range(3):
        end_training(news, begin_training(news, "probe"))
        (news.models_folder / f"{len(trainings(news)):06d}-probe").mkdir(parents=True)
    (news.models_folder / ".000001-probe.0123456789ab.part").mkdir()
    (news.models_folder / "mine").mkdir()
    remove_old_models(news)
    assert sorted(folder.name for folder in news.models_folder.iterdir()) == ["000002-probe", "000003-probe", "mine"]


def test_a_suggestion_is_shown_with_its_probability_and_kept_with_the_label(news: Project) -> None:
    label(news, 40)
    train_project(news, SETTINGS)
    client = log_in(news, TestClient(create_app(news, Batches(news, None)), base_url="http://127.0.0.1"), "Ann")
    items = client.get("/api/next", params={"n": 20}).json()["items"]
    by_source: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for item in items:
        by_source[item["source"] == AUDIT].append(item)
    assert by_source[True] and all(item["suggestion"] is None for item in by_source[True])
    assert all(item["suggestion"]["label"] == truth(item["text"]) for item in by_source[False])
    assert all(0.5 < item["suggestion"]["probability"] <= 1 for item in by_source[False])
    item = by_source[False][0]
    event = {"event": "e", "kind": "label", "text": item["id"], "labels": ["sport"], "suggestion": item["suggestion"]}
    assert client.post("/api/events", json={"events": [event]}).json()["saved"] == ["e"]
    content = json.loads(news.database.row("SELECT content FROM events WHERE event = 'e'")[0])
    assert content == {"labels": ["sport"], "suggestion": item["suggestion"], "source": "random"}
    news.set("blind", True)
    assert {str(item["suggestion"]) for item in client.get("/api/next").json()["items"]} == {"None"}


def test_the_server_gives_an_account_advice_and_the_trainings(news: Project) -> None:
    client = log_in(news, TestClient(create_app(news, Batches(news, None)), base_url="http://127.0.0.1"), "Ann")
    empty = client.get("/api/account").json()
    assert empty["accuracy"] is None and empty["expected_gain"] is None and empty["labels_saved"] is None
    assert client.get("/api/advice").json()["stop"] is False
    for n in (20, 15, 65):
        label(news, n)
        train_project(news, SETTINGS)
    told = client.get("/api/account").json()
    assert told == json.loads(json.dumps(account(news)))
    assert told["accuracy"]["estimate"] == 1.0
    assert told["accuracy"]["n"] == told["audit"]["labelled"] == told["audit"]["texts"]
    assert told["class_shares"]["sport"]["low"] < 0.5 < told["class_shares"]["sport"]["high"]
    assert [point["n_labels"] for point in told["curve"]] == [16, 28, 100 - told["audit"]["texts"]]
    assert client.get("/api/trainings").json()["items"][0]["number"] == 3
    advised = client.get("/api/advice").json()
    assert advised.items() >= advice(news).items()
    assert advised["told"][0].startswith("model: probe on ")
    assert advised["sentence"].startswith("Go on: ")
    news.set("target_accuracy", 0.7)
    assert advice(news)["sentence"].startswith("You may stop: the accuracy is at least ")
    refused = client.post("/api/train", json={"classifier": "probe"})
    assert refused.status_code == 400 and "trains no models" in refused.json()["detail"]


def test_predictions_come_back_as_they_were_and_damage_is_told(news: Project, tmp_path: Path) -> None:
    label(news, 20)
    train_project(news, SETTINGS)
    predictions = latest_predictions(news)
    training = latest_training(news)
    assert predictions is not None and training is not None
    predictions.save(tmp_path)
    assert Predictions.load(tmp_path).labels() == predictions.labels()
    assert predictions.suggestion(10_000) is None
    (training.folder(news) / "predictions.npz").write_bytes(b"no zip")
    with pytest.raises(AlpsError, match="train the model again"):
        Predictions.load(training.folder(news))
    assert latest_predictions(news) is None


def test_a_multi_label_project_is_trained(tmp_path: Path) -> None:
    project = create_project(tmp_path / "m.alps", ["sport", "money"], name="m", multi_label=True, audit_share=0.0)
    texts = ["a goal in the match", "a bank and its shares", "the club sold shares", "a walk in the park"]
    project.add_texts([str(i) for i in range(40)], [f"{texts[i % 4]} {i}" for i in range(40)])
    said = [("sport",), ("money",), ("sport", "money"), ()]
    record(project, [Event(str(i), "label", str(i), said[i % 4]) for i in range(30)], "Ann")
    train_project(project, SETTINGS)
    predictions = latest_predictions(project)
    assert predictions is not None and predictions.multi_label
    assert latest_training(project) is not None
    project.close()
