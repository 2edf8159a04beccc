"""`alps train --push-to-hub` against a small stand-in of the hub's HTTP API, spoken to by the hub's own client."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.processes import command, environment_for

TEXTS = "text,label\n" + "".join(
    f"the striker scored {i} goals,sport\nshares of the bank fell {i} per cent,money\n" for i in range(40)
)


class Hub(ThreadingHTTPServer):
    """What the client needs to push: who am I, a repository, how to upload, large files, and one commit."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.token = "hf_right"
        self.refuse_commits = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def do_GET(self) -> None:
        if self.headers.get("authorization") != f"Bearer {self.server.token}":
            self._answer(401, {"error": "Invalid credentials"})
        elif self.path.startswith("/api/whoami"):
            self._answer(200, {"name": "ann", "type": "user", "orgs": []})
        elif self.path.startswith("/api/models/ann/topics"):
            self._answer(200, {"id": "ann/topics", "sha": "0" * 40, "siblings": []})
        else:
            self._answer(404, {"error": "Not found"})

    def do_PUT(self) -> None:
        self.server.uploads[self.path.rpartition("/")[2]] = self._body()
        self._answer(200, {})

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/api/repos/create":
            sent = json.loads(body)
            self.server.repositories[f"{sent.get('organization') or 'ann'}/{sent['name']}"] = sent
            self._answer(200, {"url": f"{self.server.address}/ann/{sent['name']}", "id": f"ann/{sent['name']}"})
        elif self.path == "/api/validate-yaml":
            self._answer(200, {"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            names = [file["path"] for file in json.loads(body)["files"]]
            modes = {True: "lfs", False: "regular"}
            files = [{"path": name, "uploadMode": modes[name.endswith(".safetensors")]} for name in names]
            self._answer(200, {"files": [file | {"shouldIgnore": False, "oid": None} for file in files]})
        elif self.path.endswith("/info/lfs/objects/batch"):
            objects = json.loads(body)["objects"]
            uploads = [
                {**each, "authenticated": True,
                 "actions": {"upload": {"href": f"{self.server.address}/upload/{each['oid']}", "header": {}}}}
                for each in objects
            ]  # fmt: skip
            self._answer(200, {"transfer": "basic", "objects": uploads})
        elif "/commit/" in self.path and not self.server.refuse_commits:
            for line in body.splitlines():
                said = json.loads(line)
                if said["key"] == "file":
                    self.server.files[said["value"]["path"]] = base64.b64decode(said["value"]["content"])
                elif said["key"] == "lfsFile":
                    self.server.files[said["value"]["path"]] = self.server.uploads[said["value"]["oid"]]
            answer = {
                "commitUrl": f"{self.server.address}/ann/topics/commit/1111",
                "commitOid": "1" * 40,
                "success": True,
            }
            self._answer(200, answer | {"pullRequestUrl": None, "hookOutput": ""})
        else:
            self._answer(403, {"error": "You may not write here"})


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def train(folder: Path, endpoint: str, *arguments: str, token: str = "hf_right") -> tuple[int, str]:
    """Exit code and what is told."""
    (folder / "labelled.csv").write_text(TEXTS, encoding="utf-8")
    environment = os.environ | environment_for(folder) | {
        "HF_ENDPOINT": endpoint, "HF_TOKEN": token, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(folder / "hf"), "NO_PROXY": "*", "no_proxy": "*",
    }  # fmt: skip
    line = ["train", "labelled.csv", "-o", "model", "--classifier", "probe", "--folds", "0", *arguments]
    # Not a fork of a process that knows the hub's settings already: the client reads them once.
    result = subprocess.run(
        [*command(), *line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    return result.returncode, result.stderr


def test_the_folder_is_pushed_and_the_embeddings_of_the_pool_stay_here(hub: Hub, tmp_path: Path) -> None:
    code, told = train(tmp_path, hub.address, "--push-to-hub", "ann/topics")
    assert code == 0, told
    assert f"Pushed it to {hub.address}/ann/topics" in told
    assert hub.repositories["ann/topics"]["visibility"] == "private"
    here = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    assert here.pop("pool.safetensors")
    assert {name: content for name, content in hub.files.items() if name != ".gitattributes"} == here


def test_a_public_repository_is_asked_for(hub: Hub, tmp_path: Path) -> None:
    code, told = train(tmp_path, hub.address, "--push-to-hub", "ann/topics", "--public")
    assert code == 0, told
    assert hub.repositories["ann/topics"]["visibility"] == "public"


@pytest.mark.parametrize(
    ("repository", "token", "words"),
    [("ann/topics", "hf_wrong", "log in with: hf auth login"), ("a/b/c", "hf_right", "check the name")],
)
def test_what_cannot_be_pushed_is_refused_before_the_work(
    hub: Hub, tmp_path: Path, repository: str, token: str, words: str
) -> None:
    code, told = train(tmp_path, hub.address, "--push-to-hub", repository, token=token)
    assert code == 2
    assert words in told
    assert len(told.strip().splitlines()) == 1
    assert "hf_" not in told
    assert not (tmp_path / "model").exists()


def test_a_refused_push_leaves_the_classifier_here(hub: Hub, tmp_path: Path) -> None:
    hub.refuse_commits = True
    code, told = train(tmp_path, hub.address, "--push-to-hub", "ann/topics")
    assert code == 2
    assert "The classifier is in model but was not pushed" in told
    assert (tmp_path / "model" / "README.md").is_file()
