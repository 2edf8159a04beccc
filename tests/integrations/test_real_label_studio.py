"""
Push, predict, webhooks and pull against a real Label Studio, which has an environment of its own (1 GB).

    python -m venv ls && ls/bin/pip install label-studio
    ALPS_LABEL_STUDIO=ls/bin/label-studio python -m pytest -m label_studio

Making its database takes some minutes. ALPS_LABEL_STUDIO_URL names a server that runs already, with the token below and
the settings of `SETTINGS`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from alps.base.errors import AlpsError
from alps.integrations.label_studio_backend import Exchange, create_app
from alps.integrations.label_studio_server import LabelStudioServer, pull, push
from alps.labelling.batches import Batches
from alps.labelling.project import Project
from alps.labelling.training import Trainer
from tests.integrations.conftest import HOSTILE, MakeProject, answer
from tests.integrations.test_label_studio_backend import trained

pytestmark = pytest.mark.label_studio
TOKEN = "0123456789abcdef0123456789abcdef01234567"
SETTINGS = {
    "ML_BLOCK_LOCAL_IP": "false", "SSRF_PROTECTION_ENABLED": "false", "COLLECT_ANALYTICS": "false",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
}  # fmt: skip
CHOICE = {"from_name": "label", "to_name": "text", "type": "choices"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    url, command = os.environ.get("ALPS_LABEL_STUDIO_URL"), os.environ.get("ALPS_LABEL_STUDIO")
    if url:
        yield LabelStudioServer(url, TOKEN)
        return
    if not command:
        pytest.skip("no Label Studio: set ALPS_LABEL_STUDIO to its command")
    folder, port = tmp_path_factory.mktemp("label-studio"), free_port()
    arguments = [
        str(Path(command).resolve()), "start", "--no-browser", "--port", str(port), "--internal-host", "127.0.0.1",
        "--username", "ann@example.org", "--password", "secret12345", "--user-token", TOKEN,
    ]  # fmt: skip
    environment = {**os.environ, **SETTINGS, "LABEL_STUDIO_BASE_DATA_DIR": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(arguments, cwd=folder, env=environment, stdout=log, stderr=log)
    started = LabelStudioServer(f"http://127.0.0.1:{port}", TOKEN)
    wait_until(lambda: answers(started), 900)
    yield started
    process.terminate()
    process.wait(60)


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    made = make_project([text for text in HOSTILE if "\0" not in text])
    trained(made)
    return made


@pytest.fixture
def backend(project: Project, server: LabelStudioServer, password: str | None) -> Iterator[str]:
    """The address of our ML backend, as `alps serve` tells it."""
    exchange = Exchange(project, Batches(project, None), Trainer(project, None), server, told.append)
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(create_app(exchange, password), port=port, log_level="warning"))
    thread = Thread(target=running.run, daemon=True)
    thread.start()
    wait_until(lambda: running.started, 10)
    yield f"http://{'' if password is None else f'alps:{password}@'}localhost:{port}"
    running.should_exit = True
    thread.join(10)


told: list[str] = []


@pytest.mark.parametrize("password", [None, "se-cr_et"])
def test_labels_go_round(project: Project, server: LabelStudioServer, backend: str) -> None:
    number, n_tasks = push(project, server, which="all")
    assert n_tasks == len(HOSTILE) - 1
    assert push(project, server, which="all") == (number, 0)
    tasks = {task["data"]["alps_id"]: task for task in exported(server, number)}
    assert {task["data"]["text"] for task in tasks.values()} == {*project.texts()[1]}

    model = server.call("POST", "/api/ml", {"project": number, "url": backend, "title": "alps"})
    selected = {"selectedItems": {"all": True, "excluded": []}}
    server.call("POST", f"/api/dm/actions?id=retrieve_tasks_predictions&project={number}", selected)
    predictions = server.call("GET", f"/api/predictions?project={number}")
    by_task = {prediction["task"]: prediction for prediction in predictions}
    assert len(by_task) == n_tasks
    first = by_task[tasks["row-0"]["id"]]
    assert (first["score"], first["model_version"]) == (0.9, "alps-training-1")
    assert first["result"][0]["value"] == {"choices": ["bad"]}

    said = {}
    for name, choice in (("row-0", "good"), ("row-1", None), ("row-2", "bad")):
        result = [{**CHOICE, "value": {"choices": [choice]}}] if choice else []
        content = {"result": result, "was_cancelled": choice is None, "lead_time": 1.5}
        said[name] = server.call("POST", f"/api/tasks/{tasks[name]['id']}/annotations/", content)
    wait_until(lambda: standing(project) == {"row-0": ("good",), "row-1": None, "row-2": ("bad",)})
    changed = {"result": [{**CHOICE, "value": {"choices": ["bad"]}}]}
    server.call("PATCH", f"/api/annotations/{said['row-0']['id']}/", changed)
    wait_until(lambda: standing(project)["row-0"] == ("bad",))
    assert pull(project, server)["new"] == 0  # what came by webhook is not taken in again

    selected = {"selectedItems": {"all": False, "included": [tasks["row-2"]["id"]]}}
    server.call("POST", f"/api/dm/actions?id=delete_tasks_annotations&project={number}", selected)
    wait_until(lambda: "row-2" not in standing(project))
    server.call("DELETE", f"/api/ml/{model['id']}")
    assert pull(project, server)["new"] == 0
    assert standing(project) == {"row-0": ("bad",), "row-1": None}
    assert told == []


def test_what_was_answered_here_comes_back_as_it_was(make_project: MakeProject, server: LabelStudioServer) -> None:
    project = make_project(HOSTILE)
    answer(project)
    before = project.answers()
    push(project, server, which="answered")
    assert pull(project, server)["same"] == len(before)
    assert project.answers() == before


def exported(server: LabelStudioServer, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.call(
        "GET", f"/api/projects/{number}/export?exportType=JSON&download_all_tasks=true"
    )
    return found


def standing(project: Project) -> dict[str, tuple[str, ...] | None]:
    return {each.id: each.labels if each.kind == "label" else None for each in project.answers()}


def answers(server: LabelStudioServer) -> bool:
    try:
        server.call("GET", "/api/projects/")
    except AlpsError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
