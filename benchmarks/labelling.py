r"""Labelling: key press to next text, durable labels per second, and the time to the first text.

    python benchmarks/labelling.py --texts 100000 --clients 50

In a project of 100,000 texts somebody presses keys in a headless Chromium, then one client labels over HTTP, then
fifty at once; models are trained meanwhile, as they are for a person. The start is timed with 20,000 texts. A press
is timed in the page, from its event to the frame after the one that shows the next text.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
import numpy as np
from playwright.sync_api import sync_playwright

PRESS = """async ([n, pause]) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const text = document.getElementById('text');
    const taken = [];
    while (taken.length < n) {
        while (!document.querySelector('#labels button:not(:disabled)')) await frame();
        const [shown, before] = [text.textContent, performance.now()];
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true }));
        while (text.textContent === shown || text.classList.contains('empty')) await frame();
        await frame();
        taken.push(performance.now() - before);
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return taken;
}"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=20_000, help="texts of the project whose start is timed")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--pause", type=int, default=300, help="milliseconds from a text on the screen to a press")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with Server(Path(folder), options.first, "alps") as server:
            server.next("Ann")
            print(f"{options.first} texts: first text after {time.perf_counter() - started:.1f} s")
            while server.source() == "random":
                time.sleep(0.2)
            print(f"{options.first} texts: first text of ALPS after {time.perf_counter() - started:.1f} s")
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), options.texts, "random") as server:
        pressed = server.press("Ben", options.presses, options.pause)
        print(f"{options.texts} texts, Chromium: key press to next text, {told(pressed)}")
        labelled = server.label("Ann", 3 * options.seconds / 10)
        print(f"{options.texts} texts, 1 client: label to acknowledgement with the next text, {told(labelled)}")
        with ThreadPoolExecutor(options.clients) as pool:
            names = [f"client {i}" for i in range(options.clients)]
            counts = [*pool.map(lambda name: len(server.label(name, options.seconds)), names)]
        print(f"{options.texts} texts, {options.clients} clients: {sum(counts) / options.seconds:.0f} labels a second")


def told(seconds: list[float]) -> str:
    """Median and 99th percentile, in words."""
    middle, late = 1000 * np.quantile(seconds, [0.5, 0.99])
    return f"median {middle:.1f} ms, 99 % {late:.1f} ms (n = {len(seconds)})"


class Server:
    """A server in a process of its own, on a project of made-up reviews."""

    def __init__(self, folder: Path, n_texts: int, strategy: str) -> None:
        with (folder / "reviews.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "text"])
            rows.writerows((i, f"review {i} of film {i % 97}, seen {i * 31 % 89} times") for i in range(n_texts))
        command = [
            sys.executable, "-m", "alps.cli.main", "label", "reviews.csv", "--labels", "good,bad", "--no-browser",
            "--strategy", strategy, "--cache-dir", str(folder / "cache"),
        ]  # fmt: skip
        self._process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        self._address, _, self._token = self._process.stderr.readline().split()[-1].partition("#token=")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @contextmanager
    def client(self, name: str) -> Iterator[httpx2.Client]:
        """Somebody who has opened the page."""
        with httpx2.Client(base_url=self._address, timeout=60) as client:
            client.post("api/session", json={"token": self._token, "annotator": name}).raise_for_status()
            yield client

    def next(self, name: str) -> list[dict[str, str]]:
        """The first five texts of somebody."""
        with self.client(name) as client:
            items: list[dict[str, str]] = client.get("api/next").json()["items"]
            return items

    def source(self) -> str:
        """What has chosen the newest batch."""
        with self.client("Ann") as client:
            return str(client.get("api/project").json()["batch"]["source"])

    def press(self, name: str, n: int, pause: int) -> list[float]:
        """Press a key n times in a browser; the seconds until each next text is on the screen."""
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if chromium is None:
            raise SystemExit("Chromium is not installed; on Debian: apt-get install chromium")
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page()
            page.goto(f"{self._address}#token={self._token}&annotator={name}")
            page.wait_for_selector("#labels button:not(:disabled)")
            taken: list[float] = page.evaluate(PRESS, [n, pause])
            page.wait_for_selector("#saved[data-state=saved]")
            browser.close()
        return [milliseconds / 1000 for milliseconds in taken]

    def label(self, name: str, seconds: float) -> list[float]:
        """Label for some seconds; the time of each label with the text that takes its place."""
        taken = []
        end = time.perf_counter() + seconds
        with self.client(name) as client:
            items = client.get("api/next").json()["items"]
            while time.perf_counter() < end:
                before = time.perf_counter()
                item = items.pop(0)
                event = {"event": str(uuid4()), "kind": "label", "text": item["id"], "labels": ["good"]}
                assert client.post("api/events", json={"events": [event]}).json()["saved"]
                have = [other["id"] for other in items]
                items += client.get("api/next", params={"n": 1, "have": have}).json()["items"]
                taken.append(time.perf_counter() - before)
        return taken


if __name__ == "__main__":
    main()
