"""Who is let in, and how much they may send."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from alps.labelling.project import Project
from alps.labelling.security import MAX_BODY_BYTES, sign, verify
from tests.labelling.conftest import log_in


def test_nothing_is_told_without_the_token(stranger: TestClient) -> None:
    for path in ("/api/project", "/api/next", "/api/recent", "/api/text?id=t1", "/openapi.json", "/docs"):
        assert stranger.get(path).status_code == 401, path
    wrong = stranger.post("/api/session", json={"token": "guessed", "annotator": "Eve"})
    assert wrong.status_code == 403
    assert "set-cookie" not in wrong.headers


def test_the_cookie_is_for_this_site_and_not_for_scripts(project: Project, stranger: TestClient) -> None:
    from alps.labelling.security import token_of

    asked = {"token": token_of(project.setting("secret")), "annotator": "Änn"}
    cookie = stranger.post("/api/session", json=asked).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stranger.get("/api/project").json()["annotator"] == "Änn"


@pytest.mark.parametrize("other", ['a={"x":1}', "x=a b", "flag", "k[a]=1", "a=b; ;;=", 'b="'])
def test_cookies_of_other_servers_on_this_machine_are_in_nobody_s_way(
    project: Project, client: TestClient, other: str
) -> None:
    ((name, value),) = dict(client.cookies).items()
    client.cookies.clear()
    assert client.get("/api/project", headers={"cookie": other}).status_code == 401
    for header in (f"{other}; {name}={value}", f"{name}={value}; {other}"):
        assert client.get("/api/project", headers={"cookie": header}).json()["annotator"] == "Ann"


def test_what_is_of_one_project_never_goes_to_another(project: Project, client: TestClient) -> None:
    ours = str(project.setting("id"))
    assert client.get("/").headers["x-alps-project"] == ours
    event = {"event": "1", "kind": "label", "text": "t1", "labels": ["good"]}
    for path, content in (
        ("/api/events", {"events": [event]}), ("/api/settle", {"event": "2", "text": "t1", "labels": ["good"]}),
        ("/api/labels", {"name": "new"}),
    ):  # fmt: skip
        answer = client.post(path, json=content, headers={"X-Alps-Project": "another"})
        assert answer.status_code == 421
        assert answer.headers["x-alps-project"] == ours
    assert project.answers() == []
    assert "new" not in project.labels
    answer = client.post("/api/events", json={"events": [event]}, headers={"X-Alps-Project": ours})
    assert answer.json()["saved"] == ["1"]


def test_a_settlement_is_of_whom_the_page_believes_to_be(project: Project, client: TestClient) -> None:
    sent = {"annotator": "Bob", "event": "1", "text": "t1", "labels": ["good"]}
    assert client.post("/api/settle", json=sent).status_code == 401
    assert client.post("/api/settle", json={**sent, "annotator": "Ann"}).status_code == 200


def test_a_forged_cookie_is_none() -> None:
    cookie = sign("secret", "Ann")
    assert verify("secret", cookie) == "Ann"
    assert verify("other", cookie) is None
    for forged in ("", ".", "Qm8=." + cookie.partition(".")[2], cookie + "0", "ä.ö"):
        assert verify("secret", forged) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8000"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "10.0.0.7"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_forged_requests_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/api/project", headers=headers).status_code == 403
    event = {"events": [{"event": "e", "kind": "label", "text": "t1", "labels": ["good"]}]}
    assert client.post("/api/events", json=event, headers=headers).status_code == 403
    assert client.get("/api/project").json()["counts"]["labelled"] == 0


def test_a_form_cannot_send_events(client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        sent = client.post("/api/events", content='{"events": []}', headers={"content-type": kind})
        assert sent.status_code == 415


def test_too_much_is_refused(client: TestClient) -> None:
    too_long = b"[" + b" " * MAX_BODY_BYTES + b"]"
    sent = client.post("/api/events", content=too_long, headers={"content-type": "application/json"})
    assert sent.status_code == 413
    events = [{"event": str(i), "kind": "shown", "text": "t1"} for i in range(1001)]
    assert client.post("/api/events", json={"events": events}).status_code == 422
    assert client.get("/api/next", params={"n": 10**9}).status_code == 422
    assert client.post("/api/labels", json={"name": "x" * 201}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py", "/static/..%2fserver.py", "/static/%2e%2e/%2e%2e/project.py", "/static//etc/passwd",
        "/static/..%5cserver.py", "/static/index.html%00.js", "/static/nothing.js",
    ],
)  # fmt: skip
def test_only_the_files_of_the_page_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_answer_has_the_policy(project: Project, stranger: TestClient) -> None:
    for response in (stranger.get("/"), stranger.get("/api/project"), stranger.get("/nothing")):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
    log_in(project, stranger, "Ann")


def test_a_broken_character_is_a_mistake_of_the_sender(client: TestClient) -> None:
    content = b'{"events": [{"event": "\\ud800", "kind": "shown", "text": "t1"}]}'
    sent = client.post("/api/events", content=content, headers={"content-type": "application/json"})
    assert sent.status_code == 422
    assert isinstance(sent.json()["detail"], str)
