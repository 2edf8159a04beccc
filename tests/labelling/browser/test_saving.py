"""Nothing that a person did is lost or doubled: without a network, without a server, without a tab, and at speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from playwright.sync_api import APIResponse, Browser, BrowserContext, Route

from alps.labelling.project import Project
from tests.labelling.browser.conftest import Command, Person, Served

Serve = Callable[..., Served]


def test_offline_and_back(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.wait_for_function(
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/api/next'))"
    )
    said = [ann.press("1")]
    ann.wait_for_state("saved")
    context.set_offline(True)
    said += [ann.press("2"), ann.press("1")]
    ann.wait_for_state("offline")
    ann.wait_for_words("#saved", "Offline · 2 waiting")
    assert len(served.answers()) == 1
    context.set_offline(False)
    ann.wait_for_state("saved")
    assert {answer.text: answer.labels for answer in served.answers()} == {
        said[0]: ("good",), said[1]: ("bad",), said[2]: ("good",),
    }  # fmt: skip


def test_a_network_that_comes_back_while_nothing_waits_is_told(serve: Serve, context: BrowserContext) -> None:
    ann = Person(context, serve())
    ann.press("1")
    ann.wait_for_state("saved")
    context.set_offline(True)
    ann.wait_for_words("#saved", "Offline")
    context.set_offline(False)
    ann.wait_for_words("#saved", "Saved")


def test_the_queue_survives_a_closed_tab_and_a_killed_server(serve: Serve, context: BrowserContext) -> None:
    served = serve(kind=Command)
    ann = Person(context, served)
    said = [ann.press("1")]
    ann.wait_for_state("saved")
    served.stop()
    said += [ann.press("2"), ann.press("2")]
    ann.page.keyboard.press("z")
    ann.wait_for_words("#saved", "Offline · 3 waiting")
    ann.page.close()
    assert len(served.answers()) == 1
    served.start()
    again = Person(context, served)
    again.wait_for_state("saved")
    again.page.wait_for_function("() => !Object.values(localStorage).some((kept) => /label|undo/.test(kept))")
    assert {answer.text: answer.labels for answer in served.answers()} == {said[0]: ("good",), said[1]: ("bad",)}
    assert served.rows("SELECT kind, count(*) FROM events WHERE kind <> 'shown' GROUP BY kind ORDER BY kind") == [
        ("label", 3), ("undo", 1),
    ]  # fmt: skip


def test_an_answer_that_was_lost_on_its_way_back_is_not_doubled(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    lost = []

    def lose_the_first_answer(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch().status)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    ann.page.route("**/api/events", lose_the_first_answer)
    text = ann.press("1")
    ann.page.wait_for_selector("#saved[data-state=offline]")
    ann.wait_for_state("saved")
    assert lost == [200]
    assert [answer.text for answer in served.answers()] == [text]
    assert served.rows("SELECT count(*) FROM events WHERE kind = 'label'") == [(1,)]


def test_what_the_server_refuses_is_said(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.route("**/api/events", lambda route: route.continue_(
        post_data=(route.request.post_data or "").replace('"labels":["good"]', '"labels":["gone"]')))  # fmt: skip
    ann.press("1")
    ann.wait_for_state("refused")
    ann.wait_for_words("#saved", "1 refused: There is no such class")
    ann.page.click("#saved button >> text=Give up")
    ann.wait_for_state("saved")
    assert served.answers() == []


def test_what_was_refused_is_sent_again_when_somebody_says_so(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.route("**/api/events", lambda route: route.continue_(
        post_data=(route.request.post_data or "").replace('"labels":["good"]', '"labels":["gone"]')))  # fmt: skip
    text = ann.press("1")
    ann.wait_for_state("refused")
    ann.page.unroute("**/api/events")
    ann.page.click("#saved button >> text=Try again")
    ann.wait_for_state("saved")
    assert [(answer.text, answer.labels) for answer in served.answers()] == [(text, ("good",))]


def test_what_was_refused_does_not_undo_a_newer_answer(serve: Serve, context: BrowserContext) -> None:
    served = serve(texts=["the only film"])
    ann = Person(context, served)
    ann.page.route("**/api/events", lambda route: route.continue_(
        post_data=(route.request.post_data or "").replace('"labels":["good"]', '"labels":["gone"]')))  # fmt: skip
    ann.press("1")
    ann.wait_for_state("refused")
    ann.page.unroute("**/api/events")
    ann.page.click("#recent button")
    ann.press("2")
    ann.wait_for_state("saved")  # there is nothing to try again
    assert [(answer.text, answer.labels) for answer in served.answers()] == [("the only film", ("bad",))]


def test_what_another_program_answers_is_no_refusal(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    ann.page.route("**/api/events", lambda route: route.fulfill(status=404, body="no such page"))
    text = ann.press("1")
    ann.wait_for_words("#saved", "Another program is served at this address now · 1 waiting")
    ann.page.unroute("**/api/events")
    ann.wait_for_state("saved")
    assert [answer.text for answer in served.answers()] == [text]


def test_a_page_never_labels_in_another_project_that_took_its_port(serve: Serve, context: BrowserContext) -> None:
    films, mails = serve(), serve()
    mails.stop()
    ann = Person(context, films)
    films.stop()
    project = Project(mails.path)
    project.set("port", int(films.url.split(":")[2].partition("/")[0]))
    project.close()
    mails.start()
    Person(context, mails)  # so that the browser has the cookies of both
    text = ann.press("1")
    ann.wait_for_words("#saved", "Another project is served at this address now · 1 waiting")
    assert mails.answers() == []
    mails.stop()
    films.start()
    ann.wait_for_state("saved")
    assert [answer.text for answer in films.answers()] == [text]
    assert mails.answers() == []


def test_a_note_stays_with_the_text_that_its_dialog_was_opened_on(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served)
    project_id, noted = served.rows("SELECT value FROM settings WHERE name = 'id'")[0][0].strip('"'), ann.text
    ann.page.keyboard.press("n")
    ann.page.wait_for_selector("#note-dialog[open]")
    name = f"t{noted.rpartition(' ')[2]}"
    # Another tab of the same person says that it holds this text and was first.
    ann.page.evaluate(
        "([project, id]) => new BroadcastChannel(`alps/${project}/me`).postMessage({ tab: -1, ids: [id] })",
        [project_id, name],
    )
    ann.page.wait_for_function("before => document.getElementById('text').textContent !== before", arg=noted)
    ann.page.fill("#note-value", "about the first")
    ann.page.keyboard.press("Control+Enter")
    ann.wait_for_state("saved")
    assert served.rows("SELECT id, note FROM marks JOIN texts ON text = number") == [(name, "about the first")]


def test_300_fast_presses_are_300_labels(serve: Serve, context: BrowserContext) -> None:
    served = serve(texts=[f"film number {i}" for i in range(400)])
    ann = Person(context, served)
    seen: dict[str, str] = {}
    while len(seen) < 300:
        ann.wait_for_text()
        key = "12"[len(seen) % 2]
        shown = ann.text
        ann.page.keyboard.press(key)
        assert shown not in seen, "the page showed a text again that was answered"
        seen[shown] = key
    ann.wait_for_state("saved")
    answers = served.answers()
    assert len(answers) == 300
    assert {answer.text: {"good": "1", "bad": "2"}[answer.labels[0]] for answer in answers} == seen
    assert served.rows("SELECT count(*) FROM events WHERE kind = 'label'") == [(300,)]
    assert not ann.complaints


def test_presses_as_fast_as_the_browser_can_take_them(serve: Serve, context: BrowserContext) -> None:
    served = serve(texts=[f"film number {i}" for i in range(400)])
    ann = Person(context, served)
    pressed = ann.page.evaluate("""async () => {
        let pressed = 0;
        while (pressed < 300) {
            if (document.querySelector('#labels button:not(:disabled)')) {
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true }));
                pressed += 1;
            }
            await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return pressed;
    }""")
    ann.wait_for_state("saved")
    assert pressed == 300 == len(served.answers())
    assert served.rows("SELECT count(*), count(DISTINCT text) FROM events WHERE kind = 'label'") == [(300, 300)]


def test_answers_that_wait_are_never_sent_as_somebody_else_s(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    ann = Person(context, served, "Ann")
    context.set_offline(True)
    said = {ann.press("1"), ann.press("2")}
    ann.wait_for_words("#saved", "Offline · 2 waiting")
    ann.page.route("**/api/events", lambda route: route.abort())  # this tab gets its network later
    context.set_offline(False)
    bo = Person(context, served, "Ann/2")
    bo.wait_for_words("#notice", "2 of Ann wait in this browser until Ann opens this page again.")
    bo.press("1")
    bo.wait_for_state("saved")
    ann.page.unroute("**/api/events")
    ann.page.evaluate("dispatchEvent(new Event('online'))")
    ann.wait_for_words("#person-error", "sign in as Ann again")
    assert [answer.annotator for answer in served.answers()] == ["Ann/2"]
    ann.page.click("#person-form button[type=submit], #person-form button")
    ann.wait_for_text()
    ann.wait_for_state("saved")
    assert {answer.text for answer in served.answers() if answer.annotator == "Ann"} == said
    bo.page.close()
    again = Person(context, served, "Ann/2")
    again.wait_for_state("saved")
    assert len(served.answers()) == 3


def test_an_answer_given_before_the_old_ones_are_known_is_the_first_that_undo_takes_back(
    serve: Serve, context: BrowserContext
) -> None:
    served = serve()
    ann = Person(context, served)
    ann.press("1")
    ann.wait_for_state("saved")
    held: list[Route] = []
    ann.page.route("**/api/recent?*", lambda route: held.append(route))
    ann.page.reload()
    ann.wait_for_text()
    said = ann.press("2")
    ann.wait_for_state("saved")
    ann.wait_until(lambda: bool(held))
    for route in held:
        route.continue_()
    ann.page.wait_for_function("() => document.querySelectorAll('#recent li').length === 2")
    ann.press("z")
    assert ann.text == said


def test_two_tabs_of_one_person_never_show_the_same_text(serve: Serve, context: BrowserContext) -> None:
    served = serve()
    one = Person(context, served)
    other = Person(context, served)
    said = []
    for _ in range(12):
        one.wait_for_text()
        other.wait_for_text()
        assert one.text != other.text
        said += [one.press("1"), other.press("2")]
    for tab in (one, other):
        tab.wait_for_state("saved")
    assert Counter(said).most_common(1)[0][1] == 1
    assert {answer.text for answer in served.answers()} == set(said)
    assert served.rows("SELECT count(*) FROM events WHERE kind = 'label'") == [(24,)]


def test_what_one_tab_answers_while_it_is_on_its_way_to_another_is_not_shown_there(
    serve: Serve, context: BrowserContext
) -> None:
    served = serve()
    one, other = Person(context, served), Person(context, served)
    held: list[tuple[Route, APIResponse]] = []
    other.page.route("**/api/next?*", lambda route: held.append((route, route.fetch())), times=1)
    said = [other.press("2")]  # and asks for another text, which is slow to come
    other.wait_for_state("saved")
    other.wait_until(lambda: bool(held))
    (coming,) = held[0][1].json()["items"]
    while coming["text"] not in said:
        said.append(one.press("1"))
    one.wait_for_state("saved")
    held[0][0].fulfill(response=held[0][1])
    said += [other.press("2") for _ in range(7)]  # more than it had when it asked
    assert Counter(said).most_common(1)[0][1] == 1
    other.wait_for_state("saved")
    assert {answer.text for answer in served.answers()} == set(said)


def test_three_annotators_share_the_texts_among_them(serve: Serve, browser: Browser) -> None:
    served = serve(texts=[f"film number {i}" for i in range(45)])
    contexts = [browser.new_context() for _ in range(3)]
    people = [Person(context, served, name) for context, name in zip(contexts, ("Ann", "Ben", "Cem"), strict=True)]
    said = [
        (person.press("1"), name) for _ in range(8) for person, name in zip(people, ("Ann", "Ben", "Cem"), strict=True)
    ]
    for person in people:
        person.wait_for_state("saved")
    assert len({text for text, _ in said}) == 24
    assert {(answer.text, answer.annotator) for answer in served.answers()} == set(said)
    for context in contexts:
        context.close()


def test_disagreements_are_shown_and_settled(serve: Serve, browser: Browser) -> None:
    served = serve(texts=["only film"], overlap=2)
    contexts = [browser.new_context() for _ in range(2)]
    ann = Person(contexts[0], served, "Ann")
    ann.press("1")
    ann.wait_for_state("saved")
    contexts[1].add_init_script("delete Crypto.prototype.randomUUID")  # as on another machine's plain address
    ben = Person(contexts[1], served, "Ben")
    ben.press("2")
    ben.wait_for_state("saved")
    ben.page.reload()
    ben.wait_for_words("#agreement", "1 to settle")
    assert "only film" in (ben.page.text_content("#disagreements") or "")
    ben.page.click("#disagreements .settle button:has-text('good')")
    ben.wait_for_words("#agreement", "0 to settle")
    assert served.rows("SELECT labels FROM settled") == [('["good"]',)]
    ben.wait_for_words("#recent", "settled: good")
    ben.page.keyboard.press("z")
    ben.wait_for_words("#agreement", "1 to settle")
    assert served.rows("SELECT labels FROM settled") == []
    for context in contexts:
        context.close()
