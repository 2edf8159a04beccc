"""The dialog of the labels: rename, make two one, remove; and what other pages make of it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext

from alps.labelling.project import Project
from tests.labelling.browser.conftest import Person, Served
from tests.labelling.browser.test_safety_and_access import axe, violations

__all__ = ["axe"]  # a fixture
Serve = Callable[..., Served]


def listed(person: Person) -> list[str]:
    """The labels in the open dialog."""
    return [span.text_content() or "" for span in person.page.query_selector_all("#label-list li span[dir]")]


def buttons(person: Person) -> list[str]:
    """The labels with which a text is answered."""
    return [span.text_content() or "" for span in person.page.query_selector_all("#labels button span")]


def focused(person: Person) -> str | None:
    name: str | None = person.page.evaluate(
        "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"
    )
    return name


def test_a_label_is_renamed_with_the_keys_alone(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    text = ann.press("2")
    ann.page.keyboard.press("a")
    ann.page.wait_for_selector("#label-dialog[open]")
    assert focused(ann) == "label-value"
    assert listed(ann) == ["good", "bad"]
    ann.page.focus("[aria-label='Rename bad']")
    ann.page.keyboard.press("Enter")
    assert focused(ann) == "New name of bad"
    ann.page.keyboard.press("Escape")  # leaves the field, not the dialog
    assert focused(ann) == "Rename bad" and ann.page.is_visible("#label-dialog[open]")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type("poor")  # in the place of what is there
    ann.page.keyboard.press("Enter")
    ann.wait_for_words("#label-said[role=status]", "bad is now called poor.")
    assert focused(ann) == "Rename poor"
    ann.page.keyboard.press("Escape")
    ann.page.wait_for_selector("#label-dialog:not([open])", state="attached")
    assert buttons(ann) == ["good", "poor"]
    ann.wait_for_words("#classes", "poor 1")
    ann.wait_for_words("#recent", "poor")
    other = ann.press("2")
    ann.wait_for_state("saved")
    assert {answer.text: answer.labels for answer in served.answers()} == {text: ("poor",), other: ("poor",)}
    assert not ann.complaints


def test_two_labels_become_one_after_a_word_of_warning(serve: Serve, context: BrowserContext) -> None:
    served = serve(labels=["good", "bad", "godo"])
    ann = Person(context, served)
    for key in "13":
        ann.press(key)
    ann.wait_for_state("saved")
    ann.page.keyboard.press("a")
    ann.page.click("[aria-label='Rename godo']")
    ann.page.fill("[aria-label='New name of godo']", "good")
    ann.wait_for_words("#label-said", "good is there: the two become one, which cannot be taken back.")
    ann.page.click("#label-list button:text-is('Merge')")
    ann.wait_for_words("#label-said", "godo and good are one label.")
    assert listed(ann) == ["good", "bad"]
    assert {answer.labels for answer in served.answers()} == {("good",)}
    assert not ann.complaints


def test_a_label_is_removed_unless_an_answer_names_it(serve: Serve, context: BrowserContext) -> None:
    served = serve(labels=["good", "bad", "mistake"])
    ann = Person(context, served)
    ann.press("2")
    ann.wait_for_state("saved")
    ann.page.keyboard.press("a")
    ann.page.click("[aria-label='Remove bad']")
    ann.wait_for_words("#label-error[role=alert]", "1 answer names the class 'bad'")
    assert listed(ann) == ["good", "bad", "mistake"]
    ann.page.click("[aria-label='Remove mistake']")
    ann.wait_for_words("#label-said", "mistake is removed.")
    assert ann.page.text_content("#label-error") == ""
    assert focused(ann) == "label-value"
    assert listed(ann) == ["good", "bad"]
    ann.page.keyboard.press("Escape")
    assert buttons(ann) == ["good", "bad"]
    assert not ann.complaints


def test_an_answer_on_a_page_that_does_not_know_the_new_name_counts_under_it(
    serve: Serve, context: BrowserContext
) -> None:
    served = serve()
    ann = Person(context, served)
    project = Project(served.path)
    project.rename_class("bad", "x")  # the two change places, on another page
    project.rename_class("good", "bad")
    project.rename_class("x", "good")
    project.close()
    said = ann.press("2")  # the button says bad
    ann.wait_for_state("saved")
    assert {answer.text: answer.labels for answer in served.answers()} == {said: ("good",)}
    ann.page.wait_for_function("() => document.querySelector('#labels button span').textContent === 'bad'")
    ann.wait_for_words("#recent", "good")
    assert buttons(ann) == ["bad", "good"]
    assert not ann.complaints


def test_what_is_chosen_follows_the_name_and_what_is_removed_is_let_go(serve: Serve, browser: Browser) -> None:
    served = serve(labels=["funny", "long", "loud"], multi_label=True)
    contexts = [browser.new_context(), browser.new_context()]
    ann, bo = (Person(context, served, name) for context, name in zip(contexts, ("Ann", "Bo"), strict=True))
    text = ann.text
    for key in "123":
        ann.page.keyboard.press(key)
    bo.page.keyboard.press("a")
    bo.page.click("[aria-label='Remove loud']")
    bo.wait_for_words("#label-said", "loud is removed.")
    bo.page.click("[aria-label='Rename long']")
    bo.page.fill("[aria-label='New name of long']", "lengthy")
    bo.page.keyboard.press("Enter")
    bo.wait_for_words("#label-said", "lengthy")
    ann.page.wait_for_selector("#labels button:has-text('lengthy')")  # at its next look
    assert [button.get_attribute("aria-pressed") for button in ann.page.query_selector_all("#labels button")] == [
        "true", "true",
    ]  # fmt: skip
    assert ann.text == text
    ann.press("Enter")
    ann.wait_for_state("saved")
    assert {answer.text: answer.labels for answer in served.answers()} == {text: ("funny", "lengthy")}
    assert not ann.complaints + bo.complaints
    for context in contexts:
        context.close()


def test_the_name_that_is_being_typed_is_not_drawn_over(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.keyboard.press("a")
    ann.page.click("[aria-label='Rename good']")
    ann.page.fill("[aria-label='New name of good']", "half a na")
    project = Project(served.path)
    project.rename_class("bad", "poor")
    project.close()
    ann.page.wait_for_selector("#labels button:has-text('poor')", state="attached")
    assert ann.page.input_value("[aria-label='New name of good']") == "half a na"
    ann.page.click("#label-list button:text-is('Back')")
    assert listed(ann) == ["good", "poor"]
    assert not ann.complaints


def test_axe_finds_nothing_where_a_label_is_being_renamed(serve: Serve, browser: Browser, axe: str) -> None:
    served = serve(labels=[f"topic {i}" for i in range(30)])
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 640})  # type: ignore[arg-type]
        ann = Person(context, served)
        ann.page.keyboard.press("Escape")
        ann.page.keyboard.press("a")
        ann.page.click("[aria-label='Rename topic 3']")
        ann.page.fill("[aria-label='New name of topic 3']", "topic 4")
        assert violations(ann.page, axe) == []
        dialog = "document.getElementById('label-dialog')"
        assert ann.page.evaluate(f"() => {dialog}.scrollWidth - {dialog}.clientWidth") == 0
        context.close()
