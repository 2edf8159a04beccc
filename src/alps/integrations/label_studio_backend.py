"""
An ML backend of Label Studio: it pre-labels tasks, takes in annotations, trains, and sends the tasks that come next.

Label Studio asks for the health and the setup before every batch of predictions and gives a webhook one second, so
everything is answered from memory and the project file; training and choosing run in processes of their own. Every
event may come twice (the server adds a webhook of its own): annotations count once, by their id and time.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any
from xml.etree import ElementTree

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from alps.base.errors import AlpsError
from alps.integrations.entries import Classes, Entry, Suggestion
from alps.integrations.exported import ANSWER
from alps.integrations.guard import Guard
from alps.integrations.history import history
from alps.integrations.json_files import objects_at
from alps.integrations.label_studio import (
    FROM_NAME,
    TO_NAME,
    entry_of_task,
    event_prefix,
    prediction_of,
    statement_of,
)
from alps.integrations.label_studio_server import NAME, LabelStudioServer, pull, push
from alps.integrations.suggestions import suggestions_of
from alps.integrations.take_in import Tool, take_in
from alps.labelling.batches import Batches
from alps.labelling.database import NotWrittenError
from alps.labelling.events import Event, record
from alps.labelling.project import Project, digest_of, unpack
from alps.labelling.queue import AUDIT, RANDOM, Item
from alps.labelling.suggestions import Suggestions
from alps.labelling.training import Trainer
from alps.labelling.trainings import latest_training
from alps.pool.identity import is_same_text

_WHERE = "Label Studio"
_AT_ONCE = Tool(NAME, current=True, fresh=True)
_PASSWORD = "backend_password"  # the name of the setting


class Exchange:
    """
    What goes on between a project and its Label Studio beside the requests: one thing at a time, in a thread.

    Parameters
    ----------
    project, batches, trainer
        As for the page of `alps label`.
    server
        Where to send batches and ask for annotations; None waits for what comes.
    tell
        Is called with what went wrong.

    """

    def __init__(
        self, project: Project, batches: Batches, trainer: Trainer, server: LabelStudioServer | None,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.project, self.batches, self.trainer, self.server, self.tell = project, batches, trainer, server, tell
        self._busy = Lock()
        self._sent = 0
        self._told = ""

    def look(self) -> None:
        """Choose and train where it is time, and send a batch that is ready."""
        self.batches.look()
        self.trainer.look()
        if self.server is not None and self._newest_batch() > self._sent:
            self._begin(self.send)

    def keep_looking(self, seconds: float = 5.0) -> None:
        """Look again and again, also while nobody calls, until the process ends."""
        Thread(target=self._look_again, args=[seconds], daemon=True).start()

    def send(self) -> None:
        """Send the newest batch."""
        newest = self._newest_batch()
        if self.server is not None:
            push(self.project, self.server, which="batch", suggestions=suggestions_of(self.project))
            self._sent = newest

    def fetch(self) -> None:
        """Ask for all annotations, and train."""
        if self.server is not None:
            pull(self.project, self.server)
        self.trainer.ask("probe")

    def begin_to_fetch(self) -> None:
        """Fetch, without waiting for it."""
        self._begin(self.fetch)

    def _newest_batch(self) -> int:
        return int(self.project.database.row("SELECT coalesce(max(number), 0) FROM batches")[0])

    def _look_again(self, seconds: float) -> None:
        while True:
            time.sleep(seconds)
            self.look()

    def _begin(self, work: Callable[[], None]) -> None:
        if self._busy.acquire(blocking=False):
            Thread(target=self._work, args=[work], daemon=True).start()

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
            self._told = ""
        except AlpsError as error:
            if str(error) != self._told:
                self.tell(str(error))
            self._told = str(error)
        finally:
            self._busy.release()


def create_app(exchange: Exchange, password: str | None = None) -> Guard:
    """
    The application: the endpoints that Label Studio calls.

    Parameters
    ----------
    exchange
        What goes on beside the requests.
    password
        What Label Studio must send with every request; None where only this machine can ask.

    """
    return Guard(_app(exchange), password)


def password_of(project: Project) -> str:
    """The password of the backend of a project, which stays the same when the server is started again."""
    known = project.setting(_PASSWORD)
    if known is None:
        known = secrets.token_urlsafe(24)
        project.set(_PASSWORD, known)
    return str(known)


def _app(exchange: Exchange) -> FastAPI:
    app = FastAPI(title="alps serve label-studio", docs_url=None, redoc_url=None, openapi_url=None)
    project, suggestions = exchange.project, Suggestions(exchange.project)

    @app.exception_handler(AlpsError)
    def mistaken(request: Request, error: AlpsError) -> JSONResponse:
        exchange.tell(str(error))
        return JSONResponse({"detail": str(error)}, 507 if isinstance(error, NotWrittenError) else 400)

    @app.get("/")
    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "UP", "model_class": "alps"}

    @app.post("/setup")
    def setup(sent: dict[str, Any]) -> dict[str, str]:
        exchange.look()
        return {"model_version": _version(project)}

    @app.get("/versions")
    def versions() -> dict[str, list[str]]:
        return {"versions": [_version(project)]}

    @app.post("/validate")
    @app.post("/job_status")
    @app.post("/delete")
    @app.post("/duplicate_model")
    def others(sent: dict[str, Any]) -> dict[str, Any]:
        return {}

    @app.post("/predict")
    def predict(sent: dict[str, Any]) -> dict[str, Any]:
        names = control_names(str(sent.get("label_config") or ""))
        tasks = objects_at(sent, "tasks", _WHERE)
        return {"results": predictions(project, suggestions, tasks, names)}

    @app.post("/webhook", status_code=201)
    def webhook(sent: dict[str, Any]) -> dict[str, Any]:
        counts = take_in_webhook(project, sent)
        if sent.get("action") == "START_TRAINING":
            exchange.begin_to_fetch()
        exchange.look()
        return {"status": "ok", "job": str(counts)}

    return app


def predictions(
    project: Project, suggestions: Suggestions, tasks: list[dict[str, Any]], names: tuple[str, str]
) -> list[dict[str, Any]]:
    """One prediction for each task, in their order; empty for a text of the audit and one that no model has seen."""
    version, classes = _version(project), Classes.of(project)
    found: list[dict[str, Any]] = []
    for task in tasks:
        prediction: dict[str, Any] = {"model_version": version, "score": 0.0, "result": []}
        item = _item(project, entry_of_task({"data": task.get("data")}, _WHERE))
        said = None if item is None else suggestions.of([item])[0]
        if said is not None and said["label"] in classes.names:
            suggestion = Suggestion(str(said["label"]), float(str(said["probability"])), version)
            prediction = prediction_of(suggestion, classes)
            prediction["result"][0] |= {"from_name": names[0], "to_name": names[1]}
        found.append(prediction)
    return found


def take_in_webhook(project: Project, sent: dict[str, Any]) -> int:
    """
    Take in what a webhook tells; returns how much was new.

    Raises
    ------
    AlpsError
        When it does not fit the project.

    """
    action = sent.get("action")
    if action == "ANNOTATIONS_DELETED":
        return sum(_release(project, annotation.get("id")) for annotation in objects_at(sent, "annotations", _WHERE))
    annotations, tasks = (_one_or_more(sent, name) for name in ("annotation", "task"))
    by_id = {str(task.get("id")): task for task in tasks}
    n_new = 0
    for annotation in annotations:
        task = by_id.get(str(annotation.get("task")), tasks[0] if len(tasks) == 1 else None)
        said = statement_of(annotation, _WHERE)
        if task is None or said is None:
            continue
        entry = entry_of_task({"data": task.get("data")}, _WHERE)
        if _item(project, entry) is not None:
            n_new += take_in(project, [Entry(entry.id, entry.text, (said,))], NAME, tool=_AT_ONCE)["new"]
    return n_new


def control_names(config: str) -> tuple[str, str]:
    """
    What a labelling interface calls its choices and its text; our own names where it has none.

    >>> control_names('<View><Text name="t" value="$text"/><Choices name="c" toName="t"/></View>')
    ('c', 't')
    """
    if "<!" in config:  # entities could make a few bytes a billion
        return FROM_NAME, TO_NAME
    try:
        choices = ElementTree.fromstring(config).find(".//Choices")
    except ElementTree.ParseError:
        return FROM_NAME, TO_NAME
    if choices is None:
        return FROM_NAME, TO_NAME
    return choices.get("name", FROM_NAME), choices.get("toName", TO_NAME)


def _item(project: Project, entry: Entry) -> Item | None:
    """The text of the project that an entry names; None where it has none."""
    row = project.database.row(
        "SELECT first.id, first.audit, first.packed FROM texts JOIN texts AS first "
        "ON first.number = coalesce(texts.copy_of, texts.number) "
        "WHERE texts.id = ?1 OR (?1 IS NULL AND texts.digest = ?2) LIMIT 1", entry.id, digest_of(entry.text or ""),
    )  # fmt: skip
    if row is None or (entry.text is not None and not is_same_text(entry.text, unpack(row[2]))):
        return None
    return Item(row[0], "", RANDOM if row[1] is None else AUDIT)


def _one_or_more(sent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """What a webhook tells of one annotation or task, or of several."""
    return objects_at({name: [sent[name]]} if sent.get(name) else {name: sent.get(f"{name}s")}, name, _WHERE)


def _release(project: Project, annotation_id: Any) -> int:
    """Take back the answers that came from an annotation, where no later one stands."""
    prefix = event_prefix(annotation_id)
    n_released = 0
    with project.database.transaction() as connection:
        for number, name, annotator in connection.execute(
            "SELECT DISTINCT text, id, annotator FROM events JOIN texts ON text = texts.number "
            "WHERE event >= ? AND event < ? AND kind IN ('label', 'skip')", (prefix, prefix[:-1] + ";"),
        ).fetchall():  # fmt: skip
            past = history(project.database.rows, number, number, annotator)[number, annotator][ANSWER]
            newest = next((each for each in past if each.stands and each.kind != "undo"), None)
            if newest is None or newest.kind == "release" or not newest.event.startswith(prefix):
                continue
            event = Event(f"{prefix}deleted:{secrets.token_hex(8)}", "release", name, tool=NAME)
            _, refused = record(project, [event], annotator)
            if refused:
                raise AlpsError(f"A deletion in Label Studio cannot be taken in: {refused[0].reason}")
            n_released += 1
    return n_released


def _version(project: Project) -> str:
    training = latest_training(project)
    return "alps" if training is None else f"alps-training-{training.number}"
