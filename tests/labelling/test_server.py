"""What the page gets from the server, and what the server keeps."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from alps.labelling.batches import Batches
from alps.labelling.project import Project
from alps.labelling.server import create_app
from tests.labelling.conftest import N_TEXTS, log_in


def another(project: Project, name: str) -> TestClient:
    return log_in(project, TestClient(create_app(project, Batches(project, None)), base_url="http://127.0.0.1"), name)


def following(client: TestClient, n: int = 5, **more: Any) -> list[str]:
    response = client.get("/api/next", params={"n": n, **more})
    assert response.status_code == 200
    return [item["id"] for item in response.json()["items"]]


def send(client: TestClient, *events: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/api/events", json={"events": [*events]})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def label(event: str, text: str, name: str = "good") -> dict[str, Any]:
    return {"event": event, "kind": "label", "text": text, "labels": [name], "seconds": 1.5}


def test_the_project_is_described(client: TestClient) -> None:
    told = client.get("/api/project").json()
    assert told["labels"] == [{"name": "good", "key": "1"}, {"name": "bad", "key": "2"}]
    assert told["counts"] == {"unlabelled": N_TEXTS, "pending": 0, "labelled": 0, "skipped": 0}
    assert told["batch"] == {"number": 0, "size": 0, "done": 0, "source": "random", "reason": None}
    assert told["multi_label"] is False
    assert told["annotator"] == "Ann"


def test_asking_again_returns_the_same_texts_in_the_same_order(client: TestClient) -> None:
    first = following(client)
    assert len(first) == len({*first}) == 5
    assert following(client) == first
    assert following(client, 7)[:5] == first
    assert not {*following(client, 5, have=first)} & {*first}


def test_a_label_is_kept_once_however_often_it_is_sent(client: TestClient, project: Project) -> None:
    text = following(client)[0]
    for _ in range(3):
        told = send(client, label("e1", text))
        assert told["saved"] == ["e1"]
        assert told["counts"]["labelled"] == 1
    assert project.database.row("SELECT count(*) FROM events")[0] == 1
    assert project.verdicts() == {text: (True, ("good",))}
    assert text not in following(client)


def test_nobody_s_answers_are_kept_under_another_name(client: TestClient, project: Project) -> None:
    text = following(client)[0]
    log_in(project, client, "Bo")  # in another tab of the same browser
    sent = {"annotator": "Ann", "events": [label("e1", text)]}
    refused = client.post("/api/events", json=sent)
    assert refused.status_code == 401
    assert "sign in as Ann again" in refused.json()["detail"]
    assert project.answers() == []
    log_in(project, client, "Ann")
    assert client.post("/api/events", json=sent).json()["saved"] == ["e1"]
    assert [answer.annotator for answer in project.answers()] == ["Ann"]


def test_undo_goes_back_through_all_labels_and_the_text_comes_again(client: TestClient, project: Project) -> None:
    text = following(client)[0]
    send(client, label("e1", text, "good"), label("e2", text, "bad"))
    send(client, {"event": "u1", "kind": "undo", "of": "e2"})
    assert project.verdicts() == {text: (True, ("good",))}
    send(client, {"event": "u2", "kind": "undo", "of": "e1"})
    assert project.verdicts() == {}
    assert following(client)[0] == text
    refused = send(client, {"event": "u3", "kind": "undo", "of": "e1"})["refused"]
    assert refused == [{"event": "u3", "reason": "This event was undone before."}]


def test_skips_flags_and_notes_stand_apart_from_labels(client: TestClient, project: Project) -> None:
    first, second = following(client, 2)
    send(
        client,
        {"event": "1", "kind": "skip", "text": first, "reason": "garbled"},
        {"event": "2", "kind": "flag", "text": second, "value": True},
        {"event": "3", "kind": "note", "text": second, "value": "a sequel?"},
    )
    assert project.counts() == {"unlabelled": N_TEXTS - 2, "pending": 1, "labelled": 0, "skipped": 1}
    told = client.get("/api/text", params={"id": second}).json()
    assert told == {"id": second, "text": told["text"], "labels": None, "flag": True, "note": "a sequel?",
                    "skipped": False}  # fmt: skip
    assert [item["kind"] for item in client.get("/api/recent").json()["items"]] == ["note", "flag", "skip"]
    assert client.get("/api/next", params={"n": 1}).json()["items"][0]["note"] == "a sequel?"


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "label", "text": "t1", "labels": ["ugly"]},
        {"kind": "label", "text": "t1", "labels": []},
        {"kind": "label", "text": "t1", "labels": ["good", "bad"]},
        {"kind": "label", "text": "nowhere", "labels": ["good"]},
        {"kind": "flag", "text": "t1", "value": "yes"},
        {"kind": "undo", "of": "nothing"},
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_is_kept(
    client: TestClient, project: Project, event: dict[str, Any]
) -> None:
    told = send(client, {"event": "x", **event}, label("y", "t2"))
    assert told["saved"] == ["y"]
    assert told["refused"][0]["event"] == "x"
    assert project.counts()["labelled"] == 1


def test_three_annotators_share_the_texts(project: Project) -> None:
    clients = [another(project, name) for name in ("Ann", "Bo", "Cy")]
    given = [following(client, 10) for client in clients]
    assert len({*given[0], *given[1], *given[2]}) == N_TEXTS
    for client, texts in zip(clients, given, strict=True):
        for text in texts:
            send(client, label(f"{client.get('/api/project').json()['annotator']}-{text}", text))
    assert project.counts() == {"unlabelled": 0, "pending": 0, "labelled": N_TEXTS, "skipped": 0}
    assert following(clients[0]) == []
    assert clients[0].get("/api/progress").json()["by_annotator"] == {"Ann": 10, "Bo": 10, "Cy": 10}


def test_with_an_overlap_of_two_each_text_goes_to_two(project: Project) -> None:
    project.set("overlap", 2)
    clients = {name: another(project, name) for name in ("Ann", "Bo", "Cy")}
    seen: dict[str, list[str]] = {}
    while True:
        given = {name: following(client, 3) for name, client in clients.items()}
        if not any(given.values()):
            break
        for name, texts in given.items():
            for text in texts:
                seen.setdefault(text, []).append(name)
                send(clients[name], label(f"{name}-{text}", text, "bad" if name == "Cy" else "good"))
    assert len(seen) == N_TEXTS
    assert all(len({*names}) == len(names) == 2 for names in seen.values())
    items = clients["Ann"].get("/api/disagreements").json()["items"]
    assert {item["id"] for item in items} == {text for text, names in seen.items() if "Cy" in names}
    assert clients["Bo"].get("/api/agreement").json()["n"] == N_TEXTS
    if items:
        settled = {"event": "s", "text": items[0]["id"], "labels": ["bad"]}
        assert clients["Ann"].post("/api/settle", json=settled).json()["saved"] == ["s"]
        assert len(clients["Ann"].get("/api/disagreements").json()["items"]) == len(items) - 1
        assert project.verdicts()[items[0]["id"]] == (True, ("bad",))


def test_a_class_is_added_and_used(client: TestClient) -> None:
    assert client.post("/api/labels", json={"name": " so-so "}).json()["labels"][2] == {"name": "so-so", "key": "3"}
    assert client.post("/api/labels", json={"name": "so-so"}).status_code == 400
    assert send(client, label("e", "t0", "so-so"))["saved"] == ["e"]
    assert client.get("/api/project").json()["classes"] == {"good": 0, "bad": 0, "so-so": 1}


def test_of_a_random_text_nothing_is_known(client: TestClient) -> None:
    nothing = dict.fromkeys(("strategy", "round", "cluster_size", "neighbours", "tokens"))
    assert client.get("/api/why", params={"text": "t3"}).json() == nothing
    assert client.get("/api/why", params={"text": "t99"}).status_code == 404


def test_on_a_full_disk_nothing_is_acknowledged_and_the_page_may_send_it_again(
    client: TestClient, project: Project
) -> None:
    full = project.database.row("PRAGMA page_count")[0]
    with project.database.transaction() as connection:
        connection.execute(f"PRAGMA max_page_count = {full}")
    note = {"kind": "note", "text": "t1", "value": "x" * 9000}
    sent = client.post("/api/events", json={"events": [{"event": str(i), **note} for i in range(20)]})
    assert sent.status_code == 507
    assert "make room on the disk" in sent.json()["detail"]
    assert project.database.row("SELECT count(*) FROM events") == (0,)
    with project.database.transaction() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    assert send(client, {"event": "0", **note})["saved"] == ["0"]
