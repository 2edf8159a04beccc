"""The dashboard in a real browser: what it shows, that it follows the labels, and that everybody can read it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from alps.labelling.events import Event, record
from alps.labelling.loop import Loop, loop_of
from alps.labelling.new_project import create_project
from alps.labelling.project import Project
from alps.labelling.training_process import train_project
from tests.labelling.browser.conftest import Person, Served
from tests.labelling.browser.test_safety_and_access import PAYLOADS, axe, violations

__all__ = ["axe"]
Serve = Callable[..., Served]

TEXTS = [f"the team won match {i} with a late goal" for i in range(40)]
TEXTS += [f"the bank raised interest rates to {i} percent" for i in range(40)]
SETTINGS = {"classifier": "probe", "recipe": "stable", "seed": 0, "model": "bundled", "cache_dir": None}


def right(text: str) -> str:
    return "sport" if "team" in text else "money"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project: a model, one wrong label, a disagreement and a pair of near copies that differ."""
    folder = tmp_path_factory.mktemp("made")
    texts = [*TEXTS, "shares of the bank fell again on Monday", "Shares of the bank fell again on Monday!"]
    project = create_project(folder / "news.alps", ["sport", "money"], name="news", audit_share=0.2, overlap=2)
    project.add_texts([f"t{i}" for i in range(len(texts))], texts)
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = CASE WHEN number % 4 = 2 THEN number END")  # not t3
    events = [Event(f"e{i}", "label", f"t{i}", (right(text),), seconds=3.0) for i, text in enumerate(texts[:75])]
    events[3] = Event("e3", "label", "t3", ("money",))
    copies = [Event("c1", "label", "t80", ("sport",)), Event("c2", "label", "t81", ("money",))]
    record(project, [*events, *copies], "Ann")
    record(project, [Event("b", "label", "t5", ("money",)), Event("c", "label", "t6", ("sport",))], "Bo")
    train_project(project, SETTINGS)
    project.close()
    return folder


@pytest.fixture
def trained(made: Path, tmp_path: Path) -> Iterator[Served]:
    """A copy of it, served."""
    shutil.copytree(made, tmp_path / "served")
    served = Served(tmp_path / "served" / "news.alps").start()
    yield served
    served.stop()


def open_dashboard(context: BrowserContext, served: Served) -> Page:
    """The dashboard of somebody who comes from the labelling page."""
    ann = Person(context, served, "Ann")
    ann.page.click("text=Dashboard")
    ann.page.wait_for_selector("#state[data-state=saved]")
    assert not ann.complaints
    return ann.page


def test_everything_is_told(trained: Served, context: BrowserContext) -> None:
    page = open_dashboard(context, trained)
    assert page.text_content("#advice")
    assert "%" in (page.text_content("#account") or "")
    assert "cannot be told" in (page.text_content("#account") or "")  # how many labels were saved, of so small an audit
    assert "texts that are added with --add" in (page.text_content("#account") or "")
    assert "Learning curve of 1 models; the last, on" in (page.get_attribute("#curve svg", "aria-label") or "")
    assert "sport: 3" in (page.get_attribute("#balance svg", "aria-label") or "")
    assert "Map of 82 texts" in (page.get_attribute("#map svg", "aria-label") or "")
    assert page.locator("#map circle.labelled").count() == 76  # on t5 there is no verdict
    page.wait_for_selector("#mistakes li", timeout=60_000)  # the first time the package is imported
    assert TEXTS[3] in (page.text_content("#mistakes") or "")
    assert TEXTS[5] in (page.text_content("#disagreements") or "")
    assert "fell again on Monday!" in (page.text_content("#copies") or "")
    assert "AnnBo" in "".join(page.locator("#annotators tbody th").all_text_contents())


@pytest.mark.parametrize(("low", "high", "marks", "said"), [
    (0.104, 0.97, "100 % 80 % 60 % 40 % 20 %", "60 % (10 % to 97 %)"),
    (0.71, 0.93, "100 % 90 % 80 % 70 %", "60 % (71 % to 93 %)"),
    (0.56, 0.64, "100 % 90 % 80 % 70 % 60 % 50 %", "60.0 % (56.0 % to 64.0 %)"),
    (1.0, 1.0, "100 % 98 % 96 % 94 % 92 % 90 %", "60.0 % (100.0 % to 100.0 %)"),
])  # fmt: skip
def test_the_curve_has_round_marks_and_intervals_one_precision(
    low: float, high: float, marks: str, said: str, serve: Serve, context: BrowserContext
) -> None:
    page = open_dashboard(context, serve())
    found = page.evaluate(
        """async (accuracy) => {
             const { learningCurve } = await import("/static/charts.js");
             const [picture] = learningCurve([{ n_labels: 60, accuracy }], 560);
             return [[...picture.querySelectorAll("text[text-anchor=end]")].map((each) => each.textContent).join(" "),
                     picture.getAttribute("aria-label")];
           }""",
        {"estimate": 0.6, "low": low, "high": high},
    )
    assert found == [marks, f"Learning curve of 1 models; the last, on 60 labels: {said}."]


# Words of the charts that are cut off or lie over another word, and lines that run into the numbers at the right.
UNREADABLE = """() => [...document.querySelectorAll("#curve svg, #balance svg")].flatMap((picture) => {
    const whole = picture.getBoundingClientRect();
    const words = [...picture.querySelectorAll("text")].map((each) => [each.textContent, each.getBoundingClientRect()]);
    const lines = [...picture.querySelectorAll("line.whisker")].map((each) => ["line", each.getBoundingClientRect()]);
    const meet = ([, one], [, other]) => one.left < other.right && other.left < one.right
      && one.top < other.bottom && other.top < one.bottom;
    const cut = words.filter(([, { left, right }]) => left < whole.left - 1 || right > whole.right + 1);
    const covered = words.flatMap((one, i) => [...words.slice(i + 1), ...lines].filter((other) => meet(one, other))
      .map(([other]) => `${one[0]} and ${other}`));
    return [...cut.map(([word]) => `${word} is cut off`), ...covered];
  })"""


@pytest.mark.parametrize("width", [320, 400, 600, 1280])
def test_every_word_of_the_charts_can_be_read_in_any_window(trained: Served, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": 1280 if width == 400 else width, "height": 800})
    page = open_dashboard(context, trained)
    if width == 400:
        page.set_viewport_size({"width": width, "height": 800})  # a window that is made narrower
        page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert page.evaluate(UNREADABLE) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_of_few_texts_of_the_audit_counts_are_told_and_no_share(trained: Served, context: BrowserContext) -> None:
    trained.stop()
    project = Project(trained.path)
    with project.database.transaction() as connection:
        connection.execute("UPDATE texts SET audit = NULL WHERE audit > 18")  # five are left, on t5 there is no verdict
    project.close()
    page = open_dashboard(context, trained.start())
    told = page.text_content("#account") or ""
    assert "known from 10 texts on; 4 of 4 so far" in told
    assert "100 %" not in told
    assert "It begins when a model is trained and 10 texts of the audit are labelled." in (
        page.text_content("#curve") or ""
    )
    assert "not known yet" in (page.text_content("#balance table") or "")
    assert page.locator("#balance .whisker").count() == 0


def test_a_likely_mistake_is_put_right(trained: Served, context: BrowserContext) -> None:
    page = open_dashboard(context, trained)
    entry = page.locator("#mistakes li", has_text=TEXTS[3])
    entry.get_by_role("button", name="sport").click(timeout=60_000)
    entry.wait_for(state="detached")
    project = Project(trained.path)
    assert project.verdicts()["t3"] == (True, ("sport",))
    project.close()


def test_a_disagreement_is_settled(trained: Served, context: BrowserContext) -> None:
    page = open_dashboard(context, trained)
    entry = page.locator("#disagreements li", has_text=TEXTS[5])
    entry.get_by_role("button", name="sport").click()
    entry.wait_for(state="detached")
    assert "0 to settle" in (page.text_content("#disagreements-words") or "")


def test_what_chooses_the_texts_is_shown_and_changed(trained: Served, context: BrowserContext) -> None:
    page = open_dashboard(context, trained)
    page.wait_for_selector("#loop-strategy option[value=bert-km]", state="attached")
    shown = [page.input_value(f"#loop-{name}") for name in ("strategy", "warm", "texts")]
    assert shown == ["stratified", "margin", "3"]
    assert "probe, trained on" in (page.text_content("#models") or "")
    page.select_option("#loop-strategy", "bert-km")
    assert "equal-size" not in (page.text_content("#loop-strategy-words") or "equal-size")
    page.select_option("#loop-warm", "none")
    page.fill("#loop-texts", "5")
    page.click("#loop-keep")
    page.wait_for_function("() => document.getElementById('loop-words').textContent.startsWith('Kept')")
    assert loop_of(Project(trained.path)) == Loop("bert-km", "none", 5)
    page.click("#finetune")  # this server trains nothing, and says so
    page.wait_for_function("() => document.getElementById('models').textContent.startsWith('Not begun')")


def test_it_follows_the_labels(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    page = open_dashboard(context, served)
    assert "good: 0" in (page.get_attribute("#balance svg", "aria-label") or "")
    assert "It begins when a model is trained" in (page.text_content("#curve") or "")
    bo = Person(context, served, "Bo")
    bo.press("1")
    bo.wait_for_state("saved")
    page.wait_for_function("() => document.querySelector('#balance svg').ariaLabel.includes('good: 1')")


def test_a_server_that_is_gone_is_told(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    page = open_dashboard(context, served)
    served.stop()
    page.wait_for_selector("#state[data-state=offline]")
    served.start()
    page.wait_for_selector("#state[data-state=saved]")


def test_a_stranger_is_sent_to_the_labelling_page(serve: Serve, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(serve().url.replace("/#token", "/dashboard#token").partition("#")[0])
    page.wait_for_selector("#state[data-state=refused]")
    assert page.text_content("#name") == "…"


def test_payloads_stay_text(serve: Serve, context: BrowserContext) -> None:
    texts = [*(f"{payload} {i}" for i, payload in enumerate(PAYLOADS)), "another text"]
    served = serve(texts=texts, labels=PAYLOADS, overlap=2)
    project = Project(served.path)
    for who, shift in (("<img src=x onerror='window.hit=1'>", 0), ("Bo", 1)):
        labels = [PAYLOADS[(i + shift) % len(PAYLOADS)] for i in range(len(PAYLOADS))]
        record(project, [Event(f"{who}{i}", "label", f"t{i}", (label,)) for i, label in enumerate(labels)], who)
    project.close()
    page = open_dashboard(context, served)
    assert page.locator("#disagreements li").count() == len(PAYLOADS)
    assert page.query_selector_all("main :is(script, img, iframe, style)") == []
    assert page.evaluate("() => window.hit") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(trained: Served, browser: Browser, axe: str, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
    page = open_dashboard(context, trained)
    page.wait_for_selector("#mistakes li", timeout=60_000)
    page.click("#curve summary")
    page.click("#balance summary")
    assert violations(page, axe) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    context.close()
