"""`alps serve label-studio` and `alps label-studio push` and `pull`, as a person runs them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from tests.cli.conftest import Alps
from tests.integrations.fake_label_studio import LEGACY, FakeLabelStudio
from tests.processes import command, environment_for, wait_until


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = create_project(tmp_path / "films.alps", ["good", "bad"], name="films", audit_share=0.0)
    made.add_texts([f"t{i}" for i in range(20)], [f"film number {i}" for i in range(20)])
    made.close()
    return tmp_path / "films.alps"


def test_texts_go_to_the_server_and_labels_come_back(alps: Alps, project: Path) -> None:
    fake = FakeLabelStudio()
    to = ["--url", fake.url, "--key", LEGACY]
    assert alps("label-studio", "push", project, "--texts", "all", *to).err == "Sent 20 new tasks to project 1\n"
    fake.annotate(1, "t3", "good")
    pulled = alps("label-studio", "pull", project, *to)
    assert pulled.err == "Took in 1 answer; passed over 19 texts without an answer\n"
    fake.shutdown()
    fake.server_close()
    refused = alps("label-studio", "pull", project, "--url", "http://127.0.0.1:1")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "LABEL_STUDIO_API_KEY" in refused.err


def test_the_backend_answers_and_keeps_what_it_is_told(project: Path, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    arguments = ["serve", "label-studio", str(project), "--port", str(port), "--strategy", "random", "-k", "5"]
    told = tmp_path / "told.txt"
    with told.open("w") as file:
        process = subprocess.Popen(
            [*command(), *arguments], cwd=tmp_path, stderr=file, env={**os.environ, **environment_for(tmp_path)}
        )
    try:
        assert wait_until(lambda: answers(port), process), told.read_text()
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["bad"]}}]
        annotation = {"id": 1, "completed_by": 1, "result": result, "updated_at": "2026-11-22T07:34:52Z"}
        event = {"action": "ANNOTATION_CREATED", "annotation": annotation, "task": {"data": {"alps_id": "t7"}}}
        assert httpx2.post(f"http://127.0.0.1:{port}/webhook", json=event, timeout=30).status_code == 201
        assert "ML_BLOCK_LOCAL_IP=false" in told.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    opened = Project(project)
    assert [(answer.id, answer.labels) for answer in opened.answers()] == [("t7", ("bad",))]
    opened.close()


def test_beyond_this_machine_there_is_a_password(project: Path, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    arguments = ["serve", "label-studio", str(project), "--port", str(port), "--host", "0.0.0.0"]
    told = tmp_path / "told.txt"
    with told.open("w") as file:
        process = subprocess.Popen(
            [*command(), *arguments, "--strategy", "random"], cwd=tmp_path, stderr=file,
            env={**os.environ, **environment_for(tmp_path)},
        )  # fmt: skip
    try:
        assert wait_until(lambda: f":{port}" in told.read_text(), process), told.read_text()
        password = told.read_text().partition("http://alps:")[2].partition("@0.0.0.0")[0]
        assert len(password) >= 32
        assert wait_until(lambda: status(port, password) == 200, process)
        assert status(port, "wrong") == status(port, None) == 401
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def status(port: int, password: str | None) -> int | None:
    auth = None if password is None else ("alps", password)
    try:
        return httpx2.post(f"http://127.0.0.1:{port}/setup", json={}, auth=auth, timeout=5).status_code
    except httpx2.TransportError:
        return None


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).json()["status"] == "UP"
    except httpx2.TransportError:
        return False
