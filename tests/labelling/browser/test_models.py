"""What the page shows of models: a suggestion, the end of a batch, and letters as keys."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import BrowserContext

from alps.labelling.batch_process import add_batch
from alps.labelling.events import Event, record
from alps.labelling.project import Project
from alps.labelling.queue import next_texts
from alps.labelling.training_process import train_project
from tests.labelling.browser.conftest import Person, Served

Serve = Callable[..., Served]
TRAINING = {"classifier": "probe", "recipe": "stable", "seed": 0, "model": "bundled", "cache_dir": None}
BATCH = {"k": 3, "strategy": "random", "warm": "none", "texts_per_class": 3, "seed": 0, "model": "bundled",
         "cache_dir": None}  # fmt: skip
NEWS = tuple(f"the team won match {i}" for i in range(20)) + tuple(f"the bank raised rate {i}" for i in range(20))


def trained(served: Served) -> Served:
    """The same project with twelve labels and a model."""
    served.stop()
    project = Project(served.path)
    for item in next_texts(project, "Ann", 12):
        label = "sport" if "team" in item.text else "money"
        record(project, [Event(item.id, "label", item.id, (label,))], "Ann")
    train_project(project, TRAINING)
    project.close()
    return served.start()


def test_a_suggestion_is_shown_kept_with_the_label_and_hidden_from_who_is_blind(
    serve: Serve, context: BrowserContext
) -> None:
    served = trained(serve(texts=NEWS, labels=("sport", "money"), audit_share=0.0))
    ann = Person(context, served, "Ann")
    label = "sport" if "team" in ann.text else "money"
    ann.wait_for_words("#suggestion", f"The model suggests {label} (")
    assert not ann.page.query_selector_all("#labels button[aria-pressed=true]")
    seen = ann.press("1")
    ann.page.keyboard.press("b")
    ann.page.wait_for_selector("#suggestion", state="hidden")
    blind = ann.press("2")
    ann.wait_for_state("saved")
    rows = served.rows(
        "SELECT content, text FROM events WHERE kind = 'label' AND annotator = 'Ann' ORDER BY number DESC LIMIT 2"
    )
    contents = {NEWS[text - 1]: json.loads(content) for content, text in rows}
    assert contents[seen]["suggestion"]["label"] == label
    assert "suggestion" not in contents[blind]
    assert not ann.complaints


def served_with_a_batch(serve: Serve) -> Served:
    """The server of a project without an audit, in which a batch has been picked."""
    served = serve(audit_share=0.0)
    served.stop()
    project = Project(served.path)
    add_batch(project, BATCH)
    project.close()
    return served.start()


def test_the_end_of_a_batch_is_told_and_in_nobody_s_way(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, served_with_a_batch(serve), "Ann")
    ann.wait_for_words("#reason", "random chooses every batch.")
    for key in "121":
        ann.press(key)
    ann.wait_for_words("#end", "Batch 1 is answered.")
    ann.wait_for_words("#end-advice", "Go on: ")
    ann.press("2")
    ann.page.click("#end-close")
    ann.page.wait_for_selector("#end", state="hidden")
    assert not ann.complaints


def test_a_batch_never_has_more_answers_than_texts(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, served_with_a_batch(serve), "Ann")
    ann.wait_for_words("#batch-words", "Batch 1 · 0 of 3")
    context.set_offline(True)  # so that the page counts by itself; it has the texts of the batch and two more
    counted = []
    for key in "1212zz":
        ann.press(key)
        counted.append(ann.page.text_content("#batch-words"))
    assert counted == [f"Batch 1 · {n} of 3" for n in (1, 2, 3, 3, 3, 2)]


def test_a_text_of_the_audit_is_not_counted_among_those_of_a_batch(serve: Serve, context: BrowserContext) -> None:
    served = serve(audit_share=0.5)
    served.stop()
    project = Project(served.path)
    add_batch(project, BATCH | {"k": 6})
    project.close()
    ann = Person(context, served.start(), "Ann")
    ann.wait_for_words("#batch-words", "Batch 1 · 0 of 6")
    context.set_offline(True)
    picked = {f"film number {number - 1}" for (number,) in served.rows("SELECT text FROM picks")}
    n_done = 0
    for _ in range(4):
        n_done += ann.press("1") in picked
        assert ann.page.text_content("#batch-words") == f"Batch 1 · {n_done} of 6"
    assert 0 < n_done < 4


def test_an_eleventh_label_has_a_letter(serve: Serve, context: BrowserContext) -> None:
    served = serve(labels=[f"topic {i}" for i in range(10)] + ["delta", "sigma"])
    ann = Person(context, served, "Ann")
    assert ann.page.evaluate("document.activeElement.id") != "filter"
    delta, sigma = ann.press("d"), ann.press("i")
    ann.page.keyboard.press("/")
    ann.page.keyboard.type("sig")
    found = ann.press("Enter")
    ann.wait_for_state("saved")
    labels = {answer.text: answer.labels for answer in served.answers()}
    assert labels == {delta: ("delta",), sigma: ("sigma",), found: ("sigma",)}
    assert not ann.complaints
