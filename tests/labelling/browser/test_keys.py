"""Every key of the page, one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext

from alps.labelling.batches import Batches
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


@pytest.mark.parametrize("way", ["Escape", "the button"])
def test_a_recent_answer_that_was_opened_can_be_left_as_it_is(serve: Serve, context: BrowserContext, way: str) -> None:
    served = serve()
    ann = Person(context, served)
    first, second = ann.press("1"), ann.press("2")
    here = ann.text
    ann.page.keyboard.press("Escape")  # nothing is open
    assert ann.text == here and ann.page.is_hidden("#leave")
    for text in (first, second):  # the one that was opened before is left as well
        ann.page.click(f"#recent button:has-text('{text}')")
        assert ann.text == text
    ann.page.keyboard.press("f")
    if way == "Escape":
        ann.page.keyboard.press("Escape")
    else:
        ann.page.click("#leave")
    assert ann.text == here and ann.page.is_hidden("#leave")
    ann.page.click(f"#recent button:has-text('{second}')")
    assert ann.page.get_attribute("#flag", "aria-pressed") == "true"
    ann.page.keyboard.press("Escape")
    ann.press("1")
    assert ann.text not in (first, second, here)
    ann.wait_for_state("saved")
    found = {answer.text: answer.labels for answer in served.answers()}
    assert found == {first: ("good",), second: ("bad",), here: ("good",)}
    assert served.rows("SELECT count(*) FROM events WHERE kind = 'label'") == [(3,)]
    assert ann.page.text_content("#batch-words") == "First texts · 3"
    assert not ann.complaints


def test_the_page_takes_no_recent_answer_from_under_a_finger(serve: Serve, context: BrowserContext) -> None:
    """What changes elsewhere on the page leaves the focus where it is, and a press that has begun is not lost."""
    ann = Person(context, serve())
    first, second = ann.press("1"), ann.press("2")
    ann.wait_for_state("saved")
    ann.page.keyboard.press("r")
    ann.page.keyboard.press("Tab")
    ann.page.keyboard.press("f")  # the flag is shown
    assert ann.page.get_attribute("#flag", "aria-pressed") == "true"
    assert ann.page.evaluate("document.activeElement.textContent") == f"{first}good"
    ann.page.hover(f"#recent button:has-text('{second}')")
    ann.page.mouse.down()
    ann.page.keyboard.press("f")
    assert ann.page.get_attribute("#flag", "aria-pressed") == "false"
    ann.page.mouse.up()
    assert ann.text == second


def test_an_answer_that_is_put_right_is_counted_once(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    first = ann.press("1")
    ann.wait_for_state("saved")
    context.set_offline(True)  # so that the page counts by itself
    ann.page.click(f"#recent button:has-text('{first}')")
    ann.press("2")
    assert ann.page.text_content("#batch-words") == "First texts · 1"
    assert ann.page.locator("#classes b").all_text_contents() == ["0", "1"]
    ann.press("z")
    assert ann.page.text_content("#batch-words") == "First texts · 1"
    assert ann.page.locator("#classes b").all_text_contents() == ["1", "0"]


@pytest.mark.parametrize(("keys", "words"), [("12", "Every text is labelled. "), ("1ss", "labelled or skipped. ")])
def test_when_every_text_is_labelled_the_page_says_so(
    serve: Serve, context: BrowserContext, keys: str, words: str
) -> None:
    served = serve(texts=["the first film", "the second film"])
    ann = Person(context, served)
    for key in keys:
        ann.page.keyboard.press(key)
    ann.wait_for_words("#text", words)
    ann.page.set_viewport_size({"width": 320, "height": 256})
    ann.page.evaluate("scrollTo(0, 1e6)")
    here = ann.page.evaluate("scrollY")
    for _ in range(2):
        with ann.page.expect_response("**/api/next?*"):
            pass  # the page looks again
    assert ann.page.evaluate("scrollY") == here > 0
    ann.page.keyboard.press("z")
    ann.wait_for_words("#text", "film")


def test_a_text_that_somebody_else_has_is_not_said_to_be_labelled(serve: Serve, browser: Browser) -> None:
    served = serve(texts=["the only film"])
    contexts = [browser.new_context() for _ in range(2)]
    ann = Person(contexts[0], served, "Ann")
    page = contexts[1].new_page()
    page.goto(f"{served.url}&annotator=Bo")
    page.wait_for_selector("#text:has-text('There is no text to label at the moment.')")
    ann.press("1")
    page.wait_for_selector("#text:has-text('Every text is labelled.')")
    for each in contexts:
        each.close()


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


# What of the page cannot be read or reached in a low or narrow window.
OUT_OF_REACH = """() => {
    const text = document.getElementById("text");
    const { left, top } = text.getBoundingClientRect();
    const found = [15, 45].filter((below) => document.elementFromPoint(left + 10, top + below) !== text)
      .map((below) => `the text ${below} pixels below its top`);
    for (const { firstChild, textContent } of document.querySelectorAll("#labels span")) {
      const range = document.createRange();
      range.selectNodeContents(firstChild);
      if (range.getClientRects().length > 1) found.push(`${textContent} is broken`);
    }
    const buttons = [...document.querySelectorAll("button, a")].filter((each) => each.checkVisibility());
    for (const button of buttons.filter((each) => !each.matches(".jump"))) {
      const { left, right } = button.getBoundingClientRect();
      if (left < 0 || right > innerWidth) found.push(`${button.textContent} runs off`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    return found;
  }"""


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256), (320, 640), (400, 800), (600, 700), (1280, 800)])
def test_text_and_answers_are_in_reach_in_any_window(
    serve: Serve, browser: Browser, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    monkeypatch.setattr(Batches, "notice", lambda batches: "The next batch is being chosen.")
    served = serve(
        texts=[f"{'What is the full form of .com? ' * 30} {i}" for i in range(9)],
        labels=["abbreviation", "description", "entity", "human", "location", "number"],
    )
    context = browser.new_context(viewport={"width": width, "height": height})
    ann = Person(context, served)
    assert ann.page.is_visible("#notice")
    assert ann.page.evaluate(OUT_OF_REACH) == []
    for _ in range(2):  # also when the page was scrolled to a button of an answer
        before = ann.text
        ann.page.click("#labels button:last-child")
        ann.page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=before)
        assert ann.page.evaluate(OUT_OF_REACH) == []
    ann.page.click("#open-labels")
    ann.page.wait_for_selector("#label-dialog[open]")
    context.close()


def test_answers_of_many_classes_leave_half_of_a_narrow_window_to_the_text(serve: Serve, browser: Browser) -> None:
    served = serve(labels=[f"a topic with a long name {i}" for i in range(10)], multi_label=True)
    context = browser.new_context(viewport={"width": 390, "height": 660})
    ann = Person(context, served)
    box = ann.page.locator(".answers").bounding_box()
    assert box is not None and box["y"] >= 330
    for name in ("confirm", "undo", "open-labels"):
        inside = ann.page.locator(f"#{name}").bounding_box()
        assert inside is not None and inside["y"] + inside["height"] <= 660
    ann.page.keyboard.press("0")
    ann.page.click("#labels button:last-child")  # within reach by scrolling
    ann.press("Enter")
    context.close()


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
