"""Make the screenshots of the tutorial: a scripted annotator labels articles of the demo bbc-news in headless Chromium.

    apt-get install chromium
    python tools/tutorial_screenshots.py docs/images

Writes `tutorial-first-text.png`, `tutorial-dashboard.png`, and of the dashboard in the dark and on a phone
`dashboard-dark.png` and `dashboard-phone.png`.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from alps.labelling.batches import Batches, BatchSettings
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.security import token_of
from alps.labelling.server import create_app
from alps.labelling.training import Trainer, TrainingSettings
from alps.labelling.trainings import trainings
from alps.pool.read import read_pool

LONGEST = 2000  # characters of an article in a picture
N_ARTICLES = 300
N_LABELS = 90
MISTAKEN = 17  # every so many labels the annotator errs
PATIENCE = 600_000  # milliseconds, for a batch or a model


@contextmanager
def served(folder: Path) -> Iterator[tuple[Project, str, dict[str, str]]]:
    """A new project of articles, its address, and the topic of each text."""
    pool = read_pool("bbc-news")
    topics = dict(zip(pool.texts.to_pylist(), pool.table.column("topic").to_pylist(), strict=True))
    articles = [text for text in topics if len(text) < LONGEST]
    articles = articles[:: len(articles) // N_ARTICLES]
    project = create_project(folder / "news.alps", sorted(set(topics.values())), name="bbc-news", audit_share=0.2)
    project.set("id", "tutorial")  # which texts are of the audit follows from it
    project.add_texts([f"article-{i}" for i in range(len(articles))], articles)
    cache = str(folder / "cache")
    batches, trainer = (
        Batches(project, BatchSettings(k=20, cache_dir=cache)),
        Trainer(project, TrainingSettings(finetune="demand", cache_dir=cache)),
    )
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(project, batches, trainer)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/#token={token_of(project.setting('secret'))}"
    try:
        yield project, f"{address}&annotator=Ann", topics
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        batches.close()
        trainer.close()
        project.close()


def label(page: Page, project: Project, topics: dict[str, str], n: int) -> None:
    """Press the key of the topic, and now and then a wrong one; wait for each model, since no person is so quick."""
    names = project.labels
    for i in range(n):
        text = page.text_content("#text") or ""
        place = names.index(topics[text]) + (i % MISTAKEN == MISTAKEN - 1)
        page.keyboard.press(project.keys()[place % len(names)])
        page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=text)
        if i % 15 == 14:
            wait_for_a_model(page, project)
    page.wait_for_selector("#saved[data-state=saved]")


def wait_for_a_model(page: Page, project: Project) -> None:
    """Until no training is due and none runs; the page asks for what is due."""
    for _ in range(PATIENCE // 1000):
        page.evaluate("() => fetch('/api/project')")
        page.wait_for_timeout(1000)
        if trainings(project) and not trainings(project, state="running"):
            return
    raise SystemExit("No model was trained in time.")


def dashboard(browser: Browser, address: str, file: Path, *, dark: bool = False, phone: bool = False) -> None:
    """A picture of the dashboard."""
    context = browser.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": 390 if phone else 1280, "height": 900},
        has_touch=phone, is_mobile=phone,
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#labels button:not(:disabled)")
    page.goto(address.partition("/#")[0] + "/dashboard")
    page.wait_for_selector("#state[data-state=saved]")
    page.wait_for_selector("#annotators td", timeout=120_000)  # what takes longest to compute
    page.screenshot(path=file, full_page=not phone)
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
        served(Path(temporary)) as (project, address, topics),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#labels button:not(:disabled)")
        page.screenshot(path=folder / "tutorial-first-text.png")
        label(page, project, topics, N_LABELS)
        dashboard(browser, address, folder / "tutorial-dashboard.png")
        dashboard(browser, address, folder / "dashboard-dark.png", dark=True)
        dashboard(browser, address, folder / "dashboard-phone.png", phone=True)
        browser.close()


if __name__ == "__main__":
    main()
