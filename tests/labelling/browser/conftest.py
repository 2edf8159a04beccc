"""A real Chromium and the real command: `alps label` in a process of its own, and a person at the page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from alps.labelling.batches import Batches
from alps.labelling.new_project import create_project
from alps.labelling.project import Answer, Project
from alps.labelling.security import token_of
from alps.labelling.server import create_app

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DEADLINE = 20.0  # seconds; only ever reached when something hangs


class Served:
    """A project and the server of its page, in a thread of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = ""
        self._stop: Callable[[], None] | None = None

    def start(self) -> Served:
        """Serve; returns when the port is open."""
        project = Project(self.path)
        listening = socket.create_server(("127.0.0.1", project.setting("port") or 0))
        port = listening.getsockname()[1]
        project.set("port", port)
        self.url = f"http://127.0.0.1:{port}/#token={token_of(project.setting('secret'))}"
        app = create_app(project, Batches(project, None))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()

        def stop() -> None:
            server.should_exit = server.force_exit = True
            thread.join()
            listening.close()
            project.close()

        self._stop = stop
        return self

    def stop(self) -> None:
        """Stop serving."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def answers(self) -> list[Answer]:
        """What the file says now."""
        project = Project(self.path)
        try:
            return project.answers()
        finally:
            project.close()

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Rows of the file."""
        project = Project(self.path)
        try:
            return project.database.rows(statement, *values)
        finally:
            project.close()


class Command(Served):
    """The same, served by the command `alps label` in a process of its own, which is killed and not asked to stop."""

    def start(self) -> Command:
        """Serve; returns when the address is printed."""
        command = [
            sys.executable,
            "-m",
            "alps.cli.main",
            "label",
            str(self.path),
            "--no-browser",
            "--strategy",
            "random",
            "--no-train",
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line)
            if "Label at " in line:
                break
        assert printed and "Label at " in printed[-1], "".join(printed)
        self.url = printed[-1].partition("Label at ")[2].strip()

        def stop() -> None:
            process.kill()
            process.communicate()

        self._stop = stop
        return self


class Person:
    """Somebody at the page; fails on anything that the browser complains about."""

    def __init__(self, context: BrowserContext, served: Served, name: str | None = None) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.goto(served.url + (f"&annotator={name}" if name else ""))
        self.wait_for_text()

    def wait_for_text(self) -> None:
        """Until a text can be answered."""
        self.page.wait_for_selector("#labels button:not(:disabled)")

    @property
    def text(self) -> str:
        """The text on the screen."""
        return self.page.text_content("#text") or ""

    def press(self, key: str) -> str:
        """Answer with a key; returns the text that it was about, when something else is on the screen."""
        self.wait_for_text()
        before = self.text
        self.page.keyboard.press(key)
        self.page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=before)
        return before

    def wait_for_state(self, state: str) -> None:
        """Until the page says `saved`, `saving`, `offline` or `refused`."""
        self.page.wait_for_selector(f"#saved[data-state={state}]")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Until something holds in this process, which hears of requests only while it listens to the browser."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, "the condition never held"
            self.page.wait_for_timeout(1)

    def wait_for_words(self, selector: str, words: str) -> None:
        """Until an element has these words."""
        self.page.wait_for_function(
            "([selector, words]) => document.querySelector(selector)?.textContent.includes(words)",
            arg=[selector, words],
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the system."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser: its own cookies and storage."""
    made = browser.new_context()
    made.set_default_timeout(1000 * DEADLINE)
    yield made
    made.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve a new project of given texts and classes."""
    running: list[Served] = []

    def start(
        texts: Sequence[str] = tuple(f"film number {i}" for i in range(40)),
        labels: Sequence[str] = ("good", "bad"),
        kind: type[Served] = Served,
        **settings: Any,
    ) -> Served:
        path = tmp_path / f"films{len(running)}.alps"
        project = create_project(path, labels, name="films", **settings)
        project.add_texts([f"t{i}" for i in range(len(texts))], texts)
        project.close()
        running.append(kind(path).start())
        return running[-1]

    yield start
    for served in running:
        served.stop()
