"""Whoever is killed, whenever: no label that was acknowledged is lost, and the file opens."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import numpy as np
import pytest

from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.security import token_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills with a signal")

_SERVE = """
import sys
from pathlib import Path
from alps.labelling.project import Project
from alps.labelling.serve import serve
serve(Project(Path(sys.argv[1])), None, browser=False, tell=lambda line: print(line, flush=True))
"""


def start(path: Path) -> tuple[subprocess.Popen[str], str]:
    """A server, and where it is, once it listens."""
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1].partition("#")[0]


def label_until_killed(address: str, token: str, numbers: itertools.count[int], acknowledged: dict[str, str]) -> None:
    """A client that labels without a pause; keeps what the server has acknowledged."""
    with httpx2.Client(base_url=address, timeout=10) as client:
        client.post("api/session", json={"token": token, "annotator": "Ann"})
        while True:
            items = client.get("api/next", params={"n": 3}).json()["items"]
            for item in items:
                number = next(numbers)
                label = ("good", "bad")[number % 2]
                event = {"event": f"e{number}", "kind": "label", "text": item["id"], "labels": [label]}
                if client.post("api/events", json={"events": [event]}).json()["saved"]:
                    acknowledged[item["id"]] = label


def kill_while_labelling(path: Path, n_kills: int) -> int:
    """Start and kill a server again and again; returns how many labels were acknowledged in all."""
    project = create_project(path, ["good", "bad"], name="films")
    project.add_texts([str(i) for i in range(20_000)], [f"film number {i}" for i in range(20_000)])
    token = token_of(project.setting("secret"))
    project.close()
    generator = np.random.default_rng(0)
    numbers, acknowledged = itertools.count(), dict[str, str]()
    addresses = set()
    for _ in range(n_kills):
        process, address = start(path)
        addresses.add(address)
        killer = subprocess.Popen(["sh", "-c", f"sleep {generator.uniform(0.2, 0.9):.3f}; kill -9 {process.pid}"])
        with pytest.raises(httpx2.TransportError):
            label_until_killed(address, token, numbers, acknowledged)
        assert process.wait(10) == -signal.SIGKILL
        killer.wait(10)
        assert process.stdout is not None
        process.stdout.close()
        project = Project(path)
        verdicts = project.verdicts()
        assert {name: verdicts[name][1][0] for name in acknowledged} == acknowledged
        assert project.database.row("PRAGMA integrity_check") == ("ok",)
        assert sum(project.counts().values()) == 20_000
        assert project.counts()["labelled"] == len(verdicts)
        project.close()
    assert len(addresses) == 1, "the port is kept"
    return len(acknowledged)


def test_twenty_kills_lose_no_label(tmp_path: Path) -> None:
    assert kill_while_labelling(tmp_path / "films.alps", 20) > 20


@pytest.mark.slow
def test_two_hundred_kills_lose_no_label(tmp_path: Path) -> None:
    assert kill_while_labelling(tmp_path / "films.alps", 200) > 200


def test_a_server_that_is_asked_to_end_ends(tmp_path: Path) -> None:
    create_project(tmp_path / "films.alps", ["good", "bad"], name="films").close()
    process, address = start(tmp_path / "films.alps")
    for _ in range(100):
        try:
            assert httpx2.get(address).status_code == 200
            break
        except httpx2.TransportError:
            time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
