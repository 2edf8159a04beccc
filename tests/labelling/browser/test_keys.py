"""Every key of the page, one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.labelling.browser.conftest import Person, Served

Serve = Callable[..., Served]


def test_one_key_labels_saves_and_shows_the_next_text(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served, "Ann")
    first, second = ann.press("1"), ann.press("2")
    ann.wait_for_state("saved")
    found = {answer.text: (answer.annotator, answer.labels) for answer in served.answers()}
    assert found == {first: ("Ann", ("good",)), second: ("Ann", ("bad",))}
    assert ann.page.text_content("#batch-words") == "First texts · 2"
    assert not ann.complaints


def test_keys_stand_on_the_buttons_and_in_a_list(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    assert [kbd.text_content() for kbd in ann.page.query_selector_all("#labels kbd")] == ["1", "2"]
    ann.page.keyboard.press("?")
    listed = {kbd.text_content() for kbd in ann.page.query_selector_all("#keys-dialog[open] #keys kbd")}
    assert {"z", "s", "f", "n", "w", "b", "g", "a", "?", "/", "r", "Enter"} <= listed
    ann.page.keyboard.press("1")  # not ours while a dialog is open
    ann.page.keyboard.press("Escape")
    ann.page.wait_for_selector("#keys-dialog:not([open])", state="attached")
    assert ann.page.text_content("#batch-words") == "First texts · 0"


def test_undo_goes_back_one_by_one_also_after_a_reload(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    said = [ann.press(key) for key in "121"]
    ann.press("z")
    assert ann.text == said[2]
    ann.wait_for_state("saved")
    ann.page.reload()
    ann.wait_for_text()
    ann.press("z")
    assert ann.text == said[1]
    ann.press("Control+z")
    assert ann.text == said[0]
    ann.page.keyboard.press("z")
    ann.wait_for_words("#said", "nothing to undo")
    ann.wait_for_state("saved")
    assert served.answers() == []
    ann.press("2")
    ann.wait_for_state("saved")
    assert [(answer.text, answer.labels) for answer in served.answers()] == [(said[0], ("bad",))]


def test_a_skip_has_a_reason_and_is_no_label(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    for key in "1s":
        ann.page.keyboard.press("s")
        ann.page.wait_for_selector("#skip-dialog[open]")
        ann.press(key)
    ann.wait_for_state("saved")
    assert sorted((answer.kind, answer.labels, answer.reason) for answer in served.answers()) == [
        ("skip", (), ""), ("skip", (), "unsure"),
    ]  # fmt: skip


def test_a_flag_and_a_note_are_kept_apart_from_labels(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    text = ann.text
    ann.page.keyboard.press("f")
    ann.page.keyboard.press("n")
    ann.page.keyboard.type("1 z s: is this a film?")  # no key is captured while typing
    ann.page.keyboard.press("Control+Enter")
    ann.wait_for_words("#note-line", "1 z s: is this a film?")
    assert ann.text == text
    ann.wait_for_state("saved")
    assert served.rows("SELECT flag, note FROM marks") == [(1, "1 z s: is this a film?")]
    assert served.answers() == []
    ann.page.reload()
    ann.wait_for_words("#note-line", "is this a film?")
    ann.page.keyboard.press("f")
    ann.page.wait_for_selector("#flag[aria-pressed=false]")
    ann.wait_for_state("saved")
    assert served.rows("SELECT flag FROM marks") == [(0,)]


def test_several_labels_are_toggled_and_confirmed(serve: Serve, context: BrowserContext) -> None:
    served = serve(labels=["funny", "long", "loud"], multi_label=True)
    ann = Person(context, served)
    text = ann.text
    for key in "3212":
        ann.page.keyboard.press(key)
    assert ann.text == text
    ann.press("Enter")
    none = ann.press("Enter")
    ann.page.click("#labels button >> nth=1")
    clicked = ann.press("Enter")  # the button has the focus; Enter confirms all the same
    ann.wait_for_state("saved")
    found = {answer.text: answer.labels for answer in served.answers()}
    assert found == {text: ("funny", "loud"), none: (), clicked: ("long",)}


def test_guidelines_are_one_key_away(serve: Serve, context: BrowserContext) -> None:
    guidelines = "# How\n\nBe **kind**:\n\n- *one*\n- `two`\n\n> quoted\n\n[more](https://example.org/)"
    ann = Person(context, serve(guidelines=guidelines))
    ann.page.keyboard.press("g")
    ann.page.wait_for_selector("#guidelines-dialog[open]")
    for selector, words in (("h3", "How"), ("strong", "kind"), ("li em", "one"), ("li code", "two"), ("a", "more"),
                            ("blockquote p", "quoted")):  # fmt: skip
        assert ann.page.text_content(f"#guidelines {selector}") == words
    ann.page.keyboard.press("g")
    ann.page.wait_for_selector("#guidelines-dialog:not([open])", state="attached")


def test_a_new_class_can_be_added_at_any_time(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.keyboard.press("a")
    ann.page.keyboard.type("good")
    ann.page.keyboard.press("Enter")
    ann.wait_for_words("#label-error", "already")
    ann.page.fill("#label-value", "so so")
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_selector("#labels button >> nth=2")
    text = ann.press("3")
    ann.wait_for_state("saved")
    assert [(answer.text, answer.labels) for answer in served.answers()] == [(text, ("so so",))]


def test_a_recent_answer_can_be_put_right(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    first = ann.press("1")
    ann.press("1")
    here = ann.text
    ann.page.keyboard.press("r")
    ann.page.keyboard.press("ArrowDown")
    ann.page.click(f"#recent button:has-text('{first}')")
    assert ann.text == first
    assert ann.page.get_attribute("#labels button >> nth=0", "aria-pressed") == "true"
    ann.press("2")
    assert ann.text == here
    ann.wait_for_state("saved")
    assert {answer.text: answer.labels for answer in served.answers()}[first] == ("bad",)


def test_why_is_told_and_not_told_to_the_blind(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    ann.page.keyboard.press("w")
    ann.wait_for_words("#why", "This text was drawn at random.")
    ann.page.keyboard.press("b")
    ann.page.wait_for_selector("#why", state="hidden")
    ann.page.keyboard.press("w")
    ann.page.reload()
    ann.wait_for_text()
    assert ann.page.get_attribute("#blind", "aria-pressed") == "true"
    assert ann.page.is_hidden("#why") and ann.page.is_hidden("#ask-why")


@pytest.mark.parametrize(
    "press",
    [{"ctrlKey": True}, {"metaKey": True}, {"altKey": True}, {"repeat": True}, {"isComposing": True}, {"keyCode": 229}],
    ids=lambda press: next(iter(press)),
)
def test_no_press_is_ours_that_was_meant_for_something_else(
    serve: Serve, context: BrowserContext, press: dict[str, object]
) -> None:
    ann = Person(context, serve())
    text = ann.text
    ann.page.evaluate(
        "press => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true, ...press }))",
        press,
    )
    assert ann.text == text


def test_one_of_150_labels_is_found_by_typing(serve: Serve, context: BrowserContext) -> None:
    labels = [f"topic {i}" for i in range(148)] + ["Économie", "7 wonders"]
    served = serve(labels=labels)
    ann = Person(context, served)
    ann.page.wait_for_selector("#filter:focus")
    ann.page.keyboard.type("econ")
    economy = ann.press("Enter")
    ann.page.keyboard.type("7 w")  # a digit that is typed is no key
    wonders = ann.press("Enter")
    ann.page.keyboard.type("topic 14")
    ann.page.keyboard.press("ArrowDown")
    other = ann.press("Enter")
    ann.page.keyboard.press("Enter")  # nothing is sought, so nothing is said
    ann.page.keyboard.press("Escape")
    by_key = ann.press("3")
    assert ann.press("z") and ann.text == by_key
    ann.page.keyboard.press("/")
    ann.page.keyboard.type("no such label")
    ann.wait_for_words("#labels", "No label has this in its name.")
    ann.wait_for_state("saved")
    found = {answer.text: answer.labels for answer in served.answers()}
    assert found == {economy: ("Économie",), wonders: ("7 wonders",), other: ("topic 140",)}
    assert not ann.complaints


def test_the_page_works_on_a_phone(serve: Serve, browser: Browser) -> None:
    served = serve(texts=[f"{'A long word follows. ' * 200}{'x' * 500} {i}" for i in range(9)])
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    ann = Person(context, served)
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= 360
    for i in range(2):
        box = ann.page.locator("#labels button").nth(i).bounding_box()
        assert box is not None and box["height"] >= 44 and box["y"] + box["height"] <= 640
    before = ann.text
    ann.page.tap("#labels button >> nth=1")
    ann.page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=before)
    ann.wait_for_state("saved")
    assert [answer.text for answer in served.answers()] == [before]
    context.close()


def test_a_text_in_hebrew_runs_from_right_to_left(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve(texts=["סרט נפלא"] * 1))
    assert ann.page.evaluate("getComputedStyle(document.getElementById('text')).direction") == "rtl"
