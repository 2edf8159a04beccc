"""`alps label`, `alps status` and `alps export`, as a person runs them."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from alps.cli.label_loop import batch_settings, training_settings, trains
from alps.labelling.batches import BatchSettings
from alps.labelling.project import Project
from alps.labelling.training import TrainingSettings
from tests.processes import command, environment_for, wait_until

TEXTS = "id,text\n" + "".join(f"r{i},review number {i}\n" for i in range(40))


@contextmanager
def labelling(folder: Path, *arguments: str) -> Iterator[httpx2.Client]:
    """The server of `alps label`, and Ann's client; asked to end at the end. What it tells goes into a file."""
    told = folder / "told.txt"
    with told.open("w") as file:
        process = subprocess.Popen(
            [*command(), "label", *arguments, "--no-browser"], cwd=folder, stderr=file,
            env={**os.environ, **environment_for(folder)},
        )  # fmt: skip
    try:
        assert wait_until(lambda: "#token=" in told.read_text(), process), told.read_text()
        address, _, token = told.read_text().split()[-1].partition("#token=")
        with httpx2.Client(base_url=address, timeout=30) as client:
            client.post("api/session", json={"token": token, "annotator": "Ann"}).raise_for_status()
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Any command, in the folder."""
    return subprocess.run([*command(), *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reviews.csv").write_text(TEXTS)
    return tmp_path


def test_a_project_is_made_labelled_and_exported(folder: Path) -> None:
    (folder / "g.md").write_text("# Decide\nby the *whole* text")
    (folder / "more.csv").write_text("id,text\nm1,one more\n")
    first = ["reviews.csv", "--labels", "positive,negative", "--guidelines", "g.md", "--strategy", "random"]
    with labelling(folder, *first) as client:
        told = client.get("api/project").json()
        assert told["guidelines"] == "# Decide\nby the *whole* text"
        assert [label["name"] for label in told["labels"]] == ["positive", "negative"]
        item = client.get("api/next").json()["items"][0]
        event = {"event": "e1", "kind": "label", "text": item["id"], "labels": ["negative"]}
        assert client.post("api/events", json={"events": [event]}).json()["saved"] == ["e1"]
        address, cookies = client.base_url, dict(client.cookies)
    more = ["reviews.alps", "--add", "more.csv", "--labels", "positive,negative,mixed", "--strategy", "random"]
    with labelling(folder, *more) as client:
        assert client.base_url == address  # the port is kept
        told = httpx2.get(f"{address}api/project", cookies=cookies).json()  # and so is the session
        assert told["counts"] == {"unlabelled": 36, "pending": 4, "labelled": 1, "skipped": 0}
        assert told["classes"] == {"positive": 0, "negative": 1, "mixed": 0}
    status = run(folder, "status", "reviews.alps")
    assert status.returncode == 0
    assert "41 texts" in status.stdout
    assert "1 labelled" in status.stdout
    assert status.stdout.splitlines()[-2] == "no model has been trained yet"
    assert status.stdout.splitlines()[-1].startswith("Go on: ")
    refused = run(folder, "label", "reviews.alps", "--audit-share", "0.5")
    assert refused.returncode == 2
    assert "cannot be changed" in refused.stderr
    written = run(folder, "export", "reviews.alps", "-o", "labels.csv", "--project", "copy.alps")
    assert written.returncode == 0, written.stderr
    with (folder / "labels.csv").open(newline="") as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["negative"]
    copy = Project(folder / "copy.alps")
    assert copy.counts()["labelled"] == 1
    copy.close()


def test_texts_of_another_format_are_added(folder: Path) -> None:
    (folder / "export.txt").write_text('{"key": "j1", "body": "one more"}\n{"key": "j2", "body": "review number 3"}\n')
    with labelling(folder, "reviews.csv", "--labels", "a,b", "--strategy", "random"):
        pass
    reading = ["--format", "jsonl", "--id-column", "key", "--text-column", "body"]
    with labelling(folder, "reviews.alps", "--add", "export.txt", *reading, "--strategy", "random") as client:
        counts = client.get("api/project").json()["counts"]
    assert "Added 2 texts to reviews.alps" in (folder / "told.txt").read_text()
    assert sum(counts.values()) == 41  # the copy of a text that is there is no text of its own
    written = run(folder, "label", "reviews.alps", "--add", "export.txt", "--format", "sandwich", "--no-browser")
    assert written.returncode == 2
    assert "sandwich" in written.stderr


def test_of_two_who_make_the_same_project_one_does(folder: Path) -> None:
    """Neither takes the place of the other's file, in which there may be labels already."""
    start = [*command(), "label", "reviews.csv", "--labels", "a,b", "--strategy", "random", "--no-browser"]
    environment = {**os.environ, **environment_for(folder)}
    told = [folder / f"told-{i}.txt" for i in range(2)]
    processes = []
    for path in told:
        with path.open("w") as file:
            processes.append(subprocess.Popen(start, cwd=folder, stderr=file, env=environment))
    try:
        for process, path in zip(processes, told, strict=True):
            wait_until(lambda path=path: "#token=" in path.read_text(), process)
        identity = Project(folder / "reviews.alps").setting("id")
        served = [path.read_text() for path in told if "#token=" in path.read_text()]
        assert served
        for words in served:
            address, _, token = words.split()[-1].partition("#token=")
            with httpx2.Client(base_url=address, timeout=30) as client:
                client.post("api/session", json={"token": token, "annotator": "Ann"}).raise_for_status()
                assert client.get("api/project").json()["id"] == identity
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    assert [path.name for path in folder.iterdir() if path.suffix == ".part"] == []


def test_the_first_texts_are_random_until_the_batch_is_there(folder: Path) -> None:
    with labelling(folder, "reviews.csv", "--labels", "positive,negative", "-k", "5") as client:
        told = client.get("api/project").json()
        assert told["batch"]["source"] == "random"
        assert told["notice"] == "The first texts are drawn at random while the pool is read."
        assert {item["source"] for item in client.get("api/next", params={"n": 2}).json()["items"]} == {"random"}
        deadline = time.monotonic() + 120
        while told["notice"] is not None and time.monotonic() < deadline:
            time.sleep(0.2)
            told = client.get("api/project").json()
        assert told["notice"] is None
        reason = (
            "stratified chooses until every class has 3 labelled texts, then margin; "
            "'positive' had 0 when this batch was chosen."
        )
        assert told["batch"] == {"number": 1, "size": 5, "done": 0, "source": "stratified", "reason": reason}
        items = client.get("api/next", params={"n": 7}).json()["items"]
        assert [item["source"] for item in items] == ["random"] * 2 + ["stratified"] * 5
        why = client.get("api/why", params={"text": items[2]["id"]}).json()
        assert why["strategy"] == "stratified"
        assert why["cluster_size"] >= 1
        assert "".join(token["text"] for token in why["tokens"]).startswith("review")


def test_what_was_said_once_holds_for_the_next_start(folder: Path) -> None:
    (folder / "own").mkdir()
    said = ["-k", "7", "--seed", "5", "--model", "own", "--strategy", "random", "--warm", "none", "--no-train"]
    with labelling(folder, "reviews.csv", "--labels", "a,b", *said):
        pass
    with labelling(folder, "reviews.alps", "--seed", "6"):
        pass
    project = Project(folder / "reviews.alps")
    kept = batch_settings(project, folder / "cache")
    assert kept == BatchSettings(7, 6, str(folder / "own"), str(folder / "cache"))
    assert not trains(project)
    assert training_settings(project, folder) == TrainingSettings(seed=6, model=kept.model, cache_dir=str(folder))
    project.close()


def test_why_no_batch_came_is_said_on_the_page(folder: Path) -> None:
    with labelling(folder, "reviews.csv", "--labels", "a,b", "--model", "no/such-model") as client:
        notice = ""
        deadline = time.monotonic() + 120
        while "No batch" not in (notice or "") and time.monotonic() < deadline:
            time.sleep(0.2)
            notice = client.get("api/project").json()["notice"]
        assert "no/such-model" in notice
        assert client.get("api/next").json()["items"]


def test_classes_are_renamed_and_removed_and_the_same_command_goes_on(folder: Path) -> None:
    random = ["--strategy", "random"]
    first = ["reviews.csv", "--labels", "good,bad,godo,mistake", *random]
    with labelling(folder, *first) as client:
        for number, label in enumerate(["good", "godo", "bad"]):
            event = {"event": f"e{number}", "kind": "label", "text": f"r{number}", "labels": [label]}
            assert client.post("api/events", json={"events": [event]}).json()["saved"] == [f"e{number}"]
    changes = ["--rename-label", "godo=good", "--rename-label", "bad = poor", "--remove-label", "mistake"]
    with labelling(folder, "reviews.alps", *changes, *random) as client:
        assert client.get("api/project").json()["classes"] == {"good": 2, "poor": 1}
    assert (folder / "told.txt").read_text().splitlines()[:3] == [
        "'godo' is one class with 'good'.", "'bad' is now called 'poor'.", "Removed the class 'mistake'.",
    ]  # fmt: skip
    with labelling(folder, "reviews.alps", *changes, "--labels", "good,bad,mixed", *random) as client:
        assert client.get("api/project").json()["classes"] == {"good": 2, "poor": 1, "mixed": 0}
    assert (folder / "told.txt").read_text().splitlines()[0] == (
        "'bad' was renamed or removed before and is not added; the page adds it."
    )
    project = Project(folder / "reviews.alps")
    project.add_class("godo")  # another class of the old name
    project.close()
    with labelling(folder, "reviews.alps", *changes, *random) as client:
        assert client.get("api/project").json()["classes"] == {"good": 2, "poor": 1, "mixed": 0, "godo": 0}
    assert "the class that has this name now is another one" in (folder / "told.txt").read_text().splitlines()[0]
    before = Project(folder / "reviews.alps")
    refused = run(folder, "label", "reviews.alps", "--rename-label", "mixed=other", "--remove-label", "poor")
    assert refused.returncode == 2
    assert "1 answer names the class 'poor'" in refused.stderr
    assert before.labels == ["good", "poor", "mixed", "godo"]  # all changes or none
    before.close()


def test_another_file_of_the_same_name_is_not_taken_for_the_texts_of_a_project(folder: Path) -> None:
    random = ["--labels", "good,bad", "--strategy", "random"]
    with labelling(folder, "reviews.csv", *random):
        pass
    (folder / "tuesday").mkdir()
    (folder / "tuesday" / "reviews.csv").write_text("id,text\nr1,something else\n")
    refused = run(folder, "label", "tuesday/reviews.csv", "--labels", "spam,ham")
    assert refused.returncode == 2
    assert "reviews.alps is a project of other texts than tuesday/reviews.csv; name another" in refused.stderr
    (folder / "reviews.csv").rename(folder / "tuesday" / "reviews.csv")  # the same texts in another place
    with labelling(folder, "tuesday/reviews.csv", *random) as client:
        assert client.get("api/project").json()["classes"] == {"good": 0, "bad": 0}


def test_a_project_of_a_sample(folder: Path) -> None:
    rows = "".join(f"r{i},review number {i}\n" for i in range(3000))
    (folder / "many.csv").write_text("id,text\n" + rows)
    (folder / "more.csv").write_text("id,text\n" + rows.replace("r", "s").replace("seview", "another"))
    made = ["many.csv", "--labels", "good,bad", "--strategy", "random", "--no-train"]
    with labelling(folder, *made, "--sample", "2") as client:
        assert client.get("api/project").json()["counts"]["unlabelled"] == 2
    (folder / "tuesday").mkdir()
    (folder / "many.csv").rename(folder / "tuesday" / "many.csv")
    with (folder / "tuesday" / "many.csv").open("a") as file:  # which has grown
        file.write("".join(f"t{i},review number {i}\n" for i in range(3000, 9000)))
    with labelling(folder, "tuesday/many.csv", *made[1:], "--add", "more.csv", "--sample", "5") as client:
        assert client.get("api/project").json()["counts"]["unlabelled"] == 7
    status = run(folder, "status", "many.alps")
    assert "many: 7 texts, 7 of them different\nmade of 2 random ones of 3,000 texts\n" in status.stdout
    refused = run(folder, "label", "many.alps", "--sample", "4")
    assert refused.returncode == 2
    assert "many.alps was made of a sample of 2 texts; leave out --sample, take it with --add" in refused.stderr
    project = Project(folder / "many.alps")
    ids = [row[0] for row in project.database.rows("SELECT id FROM texts ORDER BY id")]
    project.close()
    assert [each[0] for each in ids] == [*"rrsssss"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["label", "reviews.csv", "--labels", "a,b", "--rename-label", "a=c"], "There is no project reviews.alps yet"),
        (["label", "missing.alps", "--rename-label", "a"], "'a' is not like old=new"),
        (["label", "missing.alps", "--rename-label", "a=b=c"], "where a name has a '=' in it, rename it on the page"),
        (["label", "missing.alps", "--remove-label", "a"], "There is no project missing.alps"),
        (["label"], "nothing to label"),
        (["label", "reviews.csv"], "needs classes"),
        (["label", "missing.csv", "--labels", "a,b"], "does not exist"),
        (["label", "missing.alps", "--labels", "a,b"], "There is no project"),
        (["label", "reviews.csv", "--labels", "a,a"], "same name"),
        (["label", "reviews.csv", "--labels", "a;b,c"], "';' in it"),
        (["label", "reviews.csv", "--labels", "a,b", "--strategy", "margin"], "needs labels"),
        (["label", "reviews.csv", "--labels", "a,b", "--warm", "patron"], "asks for label words, which a labelling"),
        (["label", "reviews.csv", "--labels", "a,b", "--multi-label", "--warm", "egl"], "is for one label a text"),
        (["label", "reviews.csv", "--labels", "a,b", "--finetune", "never"], "choose one of round, demand"),
        (["status", "missing.alps"], "There is no project"),
        (["status", "reviews.csv"], "cannot be opened as a project"),
        (["export", "missing.alps"], "nothing to write"),
    ],
    ids=str,
)
def test_mistakes_are_one_sentence_and_leave_nothing_behind(folder: Path, arguments: list[str], sentence: str) -> None:
    result = run(folder, *arguments)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in folder.iterdir() if ".alps" in path.name] == []


def test_the_token_is_told_once_and_nothing_is_logged(folder: Path) -> None:
    with labelling(folder, "reviews.csv", "--labels", "a,b", "--strategy", "random") as client:
        assert client.get("api/nothing").status_code == 404
        assert client.get("api/next", params={"n": "x"}).status_code == 422
        assert httpx2.get(f"{client.base_url}api/next").status_code == 401
        token = (folder / "told.txt").read_text().strip().partition("#token=")[2]
        cookie = next(iter(dict(client.cookies).values()))
    told = (folder / "told.txt").read_text()
    assert told.count(token) == 1
    assert cookie not in told
    assert "api/" not in told
