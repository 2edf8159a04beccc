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
from alps.labelling.new_project import create_project
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project
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
DEADLINE = 600.0  # seconds; only ever reached when something hangs


@pytest.fixture
def headlines(tmp_path: Path) -> Iterator[Project]:
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


def test_a_training_is_recorded_and_its_model_and_predictions_are_kept(headlines: Project) -> None:
    label(headlines, 40)
    assert train_project(headlines, SETTINGS) == 1
    (training,) = trainings(headlines)
    n_audited = len(audit_labels(headlines))
    assert (training.state, training.classifier, training.n_labels) == ("done", "probe", 40 - n_audited)
    assert n_audited == 8
    assert training.scores["micro_f1"] == 1.0
    assert training.classes == ("money", "sport")
    assert training.error is None and training.ended_at is not None
    classifier = TextClassifier.load(training.folder(headlines) / MODEL)
    assert classifier.predict(["the team lost the match"]) == ["sport"]
    predictions = latest_predictions(headlines)
    assert predictions is not None and len(predictions.numbers) == 100
    told = dict(zip(predictions.numbers.tolist(), predictions.labels(), strict=True))
    assert all(told[number] == [truth(headlines.text(number))] for number in told)
    assert {number: list(labels) for number, labels in training.audit.items()}.items() <= told.items()
    right = accuracy(headlines)
    assert right is not None and (right.estimate, right.n) == (1.0, n_audited)


def test_no_text_of_the_audit_is_trained_on(headlines: Project) -> None:
    label(headlines, 30)
    headlines.add_class("audited")
    for number in audit_labels(headlines):
        name = headlines.database.row("SELECT id FROM texts WHERE number = ?", number)[0]
        record(headlines, [Event(f"again-{name}", "label", name, ("audited",))], "Ann")
    train_project(headlines, SETTINGS)
    (training,) = trainings(headlines)
    assert training.n_labels == 30 - len(audit_labels(headlines))
    classifier = TextClassifier.load(training.folder(headlines) / MODEL)
    assert classifier.facts["texts_per_class"]["audited"] == 0


def test_a_training_that_fails_is_recorded_and_loses_nothing(headlines: Project) -> None:
    label(headlines, 5)
    with pytest.raises(AlpsError, match="needs 10 labelled texts"):
        train_project(headlines, SETTINGS)
    label(headlines, 30)
    before = headlines.verdicts()
    headlines.models_folder.write_text("in the way")
    with pytest.raises(FileExistsError):
        train_project(headlines, SETTINGS)
    assert [each.state for each in trainings(headlines)] == ["failed", "failed"]
    assert "needs 10" in (trainings(headlines)[0].error or "")
    headlines.models_folder.unlink()
    assert train_project(headlines, SETTINGS) == 3
    assert latest_training(headlines) is not None
    assert headlines.verdicts() == before


def test_the_trainer_begins_by_itself_and_again_after_ten_more_labels(headlines: Project) -> None:
    trainer = Trainer(headlines, TrainingSettings(finetune="demand"))
    label(headlines, 9)
    trainer.look()
    assert not trainer.current()["running"]
    label(headlines, 6)
    wait_until(lambda: trainer.look() or bool(trainings(headlines, state="done")))
    wait_until(lambda: trainer.look() or not trainer.current()["running"])
    label(headlines, 5)
    trainer.look()
    assert not trainer.current()["running"]
    label(headlines, 8)
    wait_until(lambda: trainer.look() or len(trainings(headlines, state="done")) == 2)
    trainer.close()
    assert [each.state for each in trainings(headlines)] == ["done", "done"]


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_training_that_is_killed_is_told_and_tried_again(headlines: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    label(headlines, 40)
    monkeypatch.setattr("alps.labelling.background._FIRST_WAIT", 0.1)
    trainer = Trainer(headlines, TrainingSettings(finetune="demand"))
    trainer.look()
    wait_until(lambda: bool(trainings(headlines, state="running")))
    process = trainer._processes["probe"]._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    trainer.look()
    assert "will be tried again" in (trainer.notice() or "")
    assert trainings(headlines)[0].state == "failed"
    wait_until(lambda: trainer.look() or bool(trainings(headlines, state="done")))
    wait_until(lambda: trainer.look() or not trainer.current()["running"])
    assert trainer.notice() is None
    trainer.close()
    assert len(headlines.verdicts()) == 40


@pytest.mark.skipif(os.name == "nt", reason="stops a process with a signal")
def test_people_label_while_a_model_is_fine_tuned(headlines: Project, checkpoints: dict[str, Path]) -> None:
    """The training is made to stand still in the middle, so that every label falls into it."""
    label(headlines, 30)
    n_before = 30 - len(audit_labels(headlines))
    trainer = Trainer(headlines, TrainingSettings(finetune="demand", model=str(checkpoints["bert"])))
    app = create_app(headlines, Batches(headlines, None), trainer)
    client = log_in(headlines, TestClient(app, base_url="http://127.0.0.1"), "Ann")
    assert client.post("/api/train", json={"classifier": "finetune"}).is_success
    wait_until(lambda: bool(trainings(headlines, state="running")))
    process = trainer._processes["finetune"]._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        for item in client.get("/api/next", params={"n": 40}).json()["items"]:
            event = {"event": item["id"], "kind": "label", "text": item["id"], "labels": [truth(item["text"])]}
            assert client.post("/api/events", json={"events": [event]}).json()["saved"] == [item["id"]]
        assert trainings(headlines)[0].state == "running"
    finally:
        os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: trainings(headlines)[0].state != "running")
    trainer.close()
    training = trainings(headlines)[0]
    assert (training.classifier, training.state) == ("finetune", "done"), training.error
    assert training.n_labels >= n_before
    assert len(headlines.verdicts()) == 70


def test_a_training_that_a_killed_server_left_behind_is_told_as_interrupted(headlines: Project) -> None:
    headlines.database.rows(
        "INSERT INTO trainings (classifier, state, begun_at, last_event, batch) VALUES ('probe', 'running', '', 0, 0)"
    )
    Trainer(headlines, TrainingSettings()).close()
    assert [(each.state, each.error) for each in trainings(headlines)] == [("failed", "It was interrupted.")]


def test_only_the_newest_models_are_kept(headlines: Project) -> None:
    label(headlines, 30)
    for _ in range(3):
        end_training(headlines, begin_training(headlines, "probe"))
        (headlines.models_folder / f"{len(trainings(headlines)):06d}-probe").mkdir(parents=True)
    (headlines.models_folder / ".000001-probe.0123456789ab.part").mkdir()
    (headlines.models_folder / "mine").mkdir()
    remove_old_models(headlines)
    assert sorted(folder.name for folder in headlines.models_folder.iterdir()) == [
        "000002-probe",
        "000003-probe",
        "mine",
    ]


def test_a_suggestion_is_shown_with_its_probability_and_kept_with_the_label(headlines: Project) -> None:
    label(headlines, 40)
    train_project(headlines, SETTINGS)
    client = log_in(
        headlines, TestClient(create_app(headlines, Batches(headlines, None)), base_url="http://127.0.0.1"), "Ann"
    )
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
    content = json.loads(headlines.database.row("SELECT content FROM events WHERE event = 'e'")[0])
    assert content == {"labels": ["sport"], "suggestion": item["suggestion"], "source": "random"}
    headlines.set("blind", True)
    assert {str(item["suggestion"]) for item in client.get("/api/next").json()["items"]} == {"None"}


def test_the_server_gives_an_account_advice_and_the_trainings(headlines: Project) -> None:
    client = log_in(
        headlines, TestClient(create_app(headlines, Batches(headlines, None)), base_url="http://127.0.0.1"), "Ann"
    )
    empty = client.get("/api/account").json()
    assert empty["accuracy"] is None and empty["expected_gain"] is None and empty["labels_saved"] is None
    assert client.get("/api/advice").json()["stop"] is False
    for n in (20, 15, 65):
        label(headlines, n)
        train_project(headlines, SETTINGS)
    told = client.get("/api/account").json()
    assert told == json.loads(json.dumps(account(headlines)))
    assert told["accuracy"]["estimate"] == 1.0
    assert told["accuracy"]["n"] == told["audit"]["labelled"] == told["audit"]["texts"]
    assert told["class_shares"]["sport"]["low"] < 0.5 < told["class_shares"]["sport"]["high"]
    assert [point["n_labels"] for point in told["curve"]] == [16, 28, 100 - told["audit"]["texts"]]
    assert client.get("/api/trainings").json()["items"][0]["number"] == 3
    advised = client.get("/api/advice").json()
    assert advised.items() >= advice(headlines).items()
    assert advised["told"][0].startswith("model: probe on ")
    assert advised["sentence"].startswith("Go on: ")
    reasons = {rule["name"]: rule["reason"] for rule in advised["rules"]}
    assert "1 of 3 comparisons of two models trained at least 50 labels apart; about 100 more" in reasons["stable"]
    assert "known for 2 of 4 models trained at least 50 labels apart; about 100 more labels" in reasons["gain"]
    headlines.set("target_accuracy", 0.7)
    assert advice(headlines)["sentence"].startswith("You may stop: the accuracy is at least ")
    refused = client.post("/api/train", json={"classifier": "probe"})
    assert refused.status_code == 400 and "trains no models" in refused.json()["detail"]


def test_without_an_audit_no_number_of_labels_is_promised(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.alps", ["good", "bad"], name="p", audit_share=0.0)
    project.add_texts(["a", "b"], ["a film", "a book"])
    reasons = {rule["name"]: rule["reason"] for rule in advice(project)["rules"]}
    assert "the audit, which this project does not have" in reasons["stable"]
    assert "the audit, which this project does not have" in reasons["gain"]
    project.close()


def test_predictions_come_back_as_they_were_and_damage_is_told(headlines: Project, tmp_path: Path) -> None:
    label(headlines, 20)
    train_project(headlines, SETTINGS)
    predictions = latest_predictions(headlines)
    training = latest_training(headlines)
    assert predictions is not None and training is not None
    predictions.save(tmp_path)
    assert Predictions.load(tmp_path).labels() == predictions.labels()
    assert predictions.suggestion(10_000) is None
    (training.folder(headlines) / "predictions.npz").write_bytes(b"no zip")
    with pytest.raises(AlpsError, match="train the model again"):
        Predictions.load(training.folder(headlines))
    assert latest_predictions(headlines) is None


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
