"""Make the screenshots of the page of `alps label`, with articles of the demo bbc-news, in headless Chromium.

    apt-get install chromium
    python tools/label_screenshots.py docs/images

Writes `label-light.png`, `label-dark.png` and `label-phone.png`.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from alps.labelling.batches import Batches, BatchSettings
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.security import token_of
from alps.labelling.server import create_app
from alps.pool.read import read_pool

TOPICS = ("business", "entertainment", "politics", "sport", "technology")
GUIDELINES = "# One topic for each article\n\nDecide by what the article is *mainly* about."
LONGEST = 900  # characters of an article in a picture
# Name, colour scheme, width and height in pixels, a phone or not, keys pressed before the picture is taken; a full stop
# is the key of the right topic.
SHOTS = (
    ("label-light", "light", 1280, 860, False, "...."),
    ("label-dark", "dark", 1280, 860, False, ".w"),
    ("label-phone", "light", 390, 800, True, "."),
)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a new project of articles, and the key of the right topic of each."""
    project: Project = create_project(folder / "news.alps", TOPICS, name="News of 2004", guidelines=GUIDELINES)
    pool = read_pool("bbc-news")
    topics = pool.table.column("topic").to_pylist()
    order = sorted({*topics})  # as TOPICS, whose names are longer
    keys = {text: str(order.index(topic) + 1) for text, topic in zip(pool.texts.to_pylist(), topics, strict=True)}
    articles = [text for text in keys if 500 < len(text) < LONGEST]
    project.add_texts([f"article-{i}" for i in range(len(articles))], articles)
    batches = Batches(project, BatchSettings(k=20, cache_dir=str(folder / "cache")))
    while batches.current()["number"] == 0 or batches.notice() is not None:
        batches.look()
        if (batches.notice() or "").startswith("No batch"):
            raise SystemExit(batches.notice())
        time.sleep(0.2)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(project, batches), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/#token={token_of(project.setting('secret'))}", keys
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        batches.close()
        project.close()


def screenshot(
    browser: Browser, address: str, right: dict[str, str], file: Path, scheme: str, width: int, height: int,
    phone: bool, keys: str,
) -> None:  # fmt: skip
    """One picture, after some keys."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": height},
        has_touch=phone, is_mobile=phone,
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#labels button:not(:disabled)")
    for key in keys:
        before = page.text_content("#text") or ""
        page.keyboard.press(right[before] if key == "." else key)
        if key == ".":
            page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=before)
        else:
            page.wait_for_selector("#why:not([hidden])")
    page.wait_for_selector("#saved[data-state=saved]")
    page.wait_for_selector("#numbers div")
    page.screenshot(path=file)
    context.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all screenshots."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed; on Debian: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as temporary,
        served(Path(temporary)) as (address, right),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, *shot in SHOTS:
            screenshot(browser, address, right, folder / f"{name}.png", *shot)
        browser.close()


if __name__ == "__main__":
    main()
