"""Push and pull through Argilla's own client, against a small server; skipped where the client is not installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from alps.base.errors import AlpsError
from alps.integrations.argilla_server import connect, pull, push
from alps.integrations.entries import Suggestion
from alps.integrations.exchange import export_to
from alps.labelling.project import Project
from tests.integrations.conftest import HOSTILE, MakeProject
from tests.processes import run_alps

argilla = pytest.importorskip("argilla", reason="the package argilla is not installed")

USERS = [str(uuid4()) for _ in range(2)]
TIMES = {"inserted_at": "2026-11-22T07:34:52", "updated_at": "2026-11-22T07:34:52"}
WORKSPACE = {"id": str(uuid4()), "name": "team"}


class FakeArgilla(ThreadingHTTPServer):
    """As much of a server as push and pull call."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.data: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, list[dict[str, Any]]] = {"fields": [], "questions": [], "metadata-properties": []}
        self.records: dict[str, dict[str, Any]] = {}
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def respond(self, name: str, user: str, status: str, label: str | None) -> None:
        """A person answers a record."""
        values = {"label": {"value": label}} if label else {}
        response = {"id": str(uuid4()), "user_id": user, "status": status, "values": values,
                    "record_id": self.records[name]["id"]}  # fmt: skip
        self.records[name].setdefault("responses", []).append(response)


class _Handler(BaseHTTPRequestHandler):
    server: FakeArgilla

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        path = self.path.partition("?")[0].removeprefix("/api/v1")
        if self.headers.get("X-Argilla-Api-Key") != "right":
            return self._send(401, {"detail": "Could not validate credentials"})
        if path == "/me":
            return self._send(200, {"id": USERS[0], "username": "ann", "role": "owner", "first_name": "Ann"})
        if path == "/me/workspaces":
            return self._send(200, {"items": [WORKSPACE]})
        if path == f"/workspaces/{WORKSPACE['id']}":
            return self._send(200, WORKSPACE)
        if path == "/me/datasets":
            return self._send(200, {"items": [*self.server.data.values()]})
        if path == "/datasets":
            made = {"id": str(uuid4()), **{key: value for key, value in sent.items() if key != "id"}}
            self.server.data[made["id"]] = made
            return self._send(201, made)
        parts = path.removeprefix("/me").strip("/").split("/")
        data = self.server.data.get(parts[1])
        if data is None:
            return self._send(404, {"detail": "Not found"})
        kind = parts[2] if len(parts) > 2 else ""
        if kind in self.server.parts:
            if self.command == "POST":
                made = {**sent, "id": str(uuid4()), "dataset_id": data["id"]}
                self.server.parts[kind].append(made)
                return self._send(201, made)
            return self._send(200, {"items": self.server.parts[kind]})
        if kind == "vectors-settings":
            return self._send(200, {"items": []})
        if kind == "records":
            return self._records(parts, sent)
        if kind == "publish":
            data["status"] = "ready"
        elif self.command == "PATCH":
            data |= sent
        return self._send(200, data)

    def _records(self, parts: list[str], sent: Any) -> None:
        known = self.server.records
        if parts[-1] == "bulk":
            for item in sent["items"]:
                old = known.get(item["external_id"], {"id": str(uuid4())})
                known[item["external_id"]] = {**old, **{k: v for k, v in item.items() if k not in ("id", "responses")}}
            items = [known[item["external_id"]] for item in sent["items"]]
            return self._send(200, {"items": items, "updated_item_ids": []})
        offset = int(self.path.partition("offset=")[2].partition("&")[0] or 0)
        items = [*known.values()][offset:]
        if parts[-1] == "search":
            found = [{"record": item, "query_score": 1.0} for item in items]
            return self._send(200, {"items": found, "total": len(known)})
        return self._send(200, {"items": items, "total": len(known)})

    do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 - the library's names

    def _send(self, status: int, content: Any) -> None:
        for item in (content, *content.get("items", [])):
            item |= TIMES
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[FakeArgilla]:
    server = FakeArgilla()
    yield server
    server.shutdown()
    server.server_close()


def test_texts_go_and_responses_come_once(fake: FakeArgilla, make_project: MakeProject) -> None:
    texts = [text for text in HOSTILE if text.strip() == text]
    project, client = make_project(texts), connect(fake.url, "right")
    suggestions = {1: Suggestion("bad", 0.9, "alps-training-1")}
    assert push(project, client, "films", "team", which="all", suggestions=suggestions) == len(texts)
    assert push(project, client, "films", "team", which="all", suggestions=suggestions) == len(texts)
    assert len(fake.data) == 1 and [record["fields"]["text"] for record in fake.records.values()] == texts
    (question,) = fake.parts["questions"]
    assert [option["value"] for option in question["settings"]["options"]] == ["good", "bad"]
    assert len(fake.records["row-0"]["suggestions"]) == 1 and not fake.records["row-1"]["suggestions"]
    for name, user, status, label in (
        ("row-0", USERS[0], "submitted", "good"), ("row-0", USERS[1], "submitted", "bad"),
        ("row-1", USERS[0], "discarded", None), ("row-2", USERS[0], "draft", "good"),
    ):  # fmt: skip
        fake.respond(name, user, status, label)
    assert pull(project, client, "films", "team")["new"] == 3
    assert pull(project, client, "films", "team")["new"] == 0
    assert {(answer.id, answer.annotator): answer.labels for answer in project.answers()} == {
        ("row-0", USERS[0]): ("good",), ("row-0", USERS[1]): ("bad",), ("row-1", USERS[0]): (),
    }  # fmt: skip


def test_mistakes_are_one_sentence(fake: FakeArgilla, make_project: MakeProject) -> None:
    with pytest.raises(AlpsError, match="check the address, the key"):
        connect(fake.url, "wrong")
    with pytest.raises(AlpsError, match="push it first"):
        pull(make_project(["one"]), connect(fake.url, "right"), "films", "team")


def test_argilla_reads_the_file_that_we_write(answered: Project, tmp_path: Path) -> None:
    export_to(answered, tmp_path / "films.json", "argilla")
    for row in json.loads((tmp_path / "films.json").read_text(encoding="utf-8")):
        read = argilla.Record.from_dict(row).to_dict()
        for response in (each for given in read["responses"].values() for each in given):
            response["user_id"] = str(response["user_id"])
        assert (read["id"], read["fields"], read["metadata"]) == (row["id"], row["fields"], row["metadata"])
        assert read["responses"] == row["responses"]


def test_the_command_sends_and_fetches(fake: FakeArgilla, make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project(["one", "two"])
    to = [str(project.path), "--url", fake.url, "--key", "right", "--workspace", "team"]
    assert run_alps(["argilla", "push", *to, "--texts", "all"], tmp_path).err.endswith("Sent 2 records to films\n")
    fake.respond("row-1", USERS[0], "submitted", "bad")
    assert "Took in 1 answer" in run_alps(["argilla", "pull", *to], tmp_path).err
    refused = run_alps(["argilla", "pull", str(project.path)], tmp_path)
    assert (refused.code, refused.err) == (2, "Error: Argilla needs a key; give --key, or ARGILLA_API_KEY.\n")
