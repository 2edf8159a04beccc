"""The server: what the page asks for, and what it sends."""

from __future__ import annotations

from collections.abc import Collection
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from alps.base.errors import AlpsError
from alps.labelling.account import account
from alps.labelling.advice import advice
from alps.labelling.batches import Batches
from alps.labelling.class_names import ClassNames, labels_of
from alps.labelling.dashboard import add_dashboard
from alps.labelling.database import NotWrittenError
from alps.labelling.events import Event, record
from alps.labelling.loop import change_loop, choices, loop_of
from alps.labelling.names import checked_name, keys_of
from alps.labelling.plain_words import told
from alps.labelling.project import Project
from alps.labelling.queue import next_texts, standing
from alps.labelling.requests import (
    EventsRequest,
    LabelRequest,
    LoopRequest,
    RemoveRequest,
    RenameRequest,
    SessionRequest,
    SettleRequest,
    TrainRequest,
)
from alps.labelling.reviews import agreement, disagreements, progress, recent, why
from alps.labelling.security import LOCAL_NAMES, Guard, sign, token_of, verify
from alps.labelling.suggestions import Suggestions
from alps.labelling.training import Trainer
from alps.labelling.trainings import trainings

_PAGE = files("alps.labelling") / "page"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_MAX_ITEMS = 100
_COOKIE_SECONDS = 30 * 24 * 3600

Count = Annotated[int, Query(ge=1, le=_MAX_ITEMS)]
Ids = Annotated[list[str], Query(max_length=1000)]


def create_app(
    project: Project, batches: Batches, trainer: Trainer | None = None, *, hosts: Collection[str] = LOCAL_NAMES,
    any_address: bool = False,
) -> FastAPI:  # fmt: skip
    """
    The application for one project.

    Parameters
    ----------
    project
        The open project.
    batches
        What chooses the next texts meanwhile.
    trainer
        What trains models meanwhile; none are trained when None.
    hosts, any_address
        By what names the server may be called; see `Guard`.

    """
    secret = str(project.setting("secret"))
    cookie = f"alps-{project.setting('id')}"
    app = FastAPI(title="alps label", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(
        Guard, hosts=hosts, any_address=any_address, annotator_of=lambda value: verify(secret, value), cookie=cookie,
        project=str(project.setting("id")),
    )  # fmt: skip
    _add_error_answers(app)
    _add_page(app)

    @app.post("/api/session")
    def session(request: SessionRequest, response: Response) -> dict[str, Any]:
        """Exchange the token for a cookie."""
        from hmac import compare_digest

        if not compare_digest(request.token.encode("utf-8", "replace"), token_of(secret).encode()):
            raise HTTPException(403, "The token is not the one of this project; use the address that was printed.")
        annotator = checked_name(request.annotator, "annotator")
        response.set_cookie(cookie, sign(secret, annotator), max_age=_COOKIE_SECONDS, httponly=True, samesite="strict")
        return {"annotator": annotator}

    trainer = trainer or Trainer(project, None)
    _add_labelling(app, project, batches, trainer)
    _add_learning(app, project, trainer)
    _add_reviewing(app, project)
    add_dashboard(app, project)
    return app


def _add_page(app: FastAPI) -> None:
    """The files of the page, listed once: a request names one of them or gets nothing."""
    known = {file.name: file for file in _PAGE.iterdir() if Path(file.name).suffix in _TYPES}

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return Response((_PAGE / "index.html").read_bytes(), media_type="text/html; charset=utf-8")

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in known:
            raise HTTPException(404, "There is no such file.")
        return Response(known[name].read_bytes(), media_type=f"{_TYPES[Path(name).suffix]}; charset=utf-8")


def _add_labelling(app: FastAPI, project: Project, batches: Batches, trainer: Trainer) -> None:
    """What a person needs who labels."""
    suggestions = Suggestions(project)

    @app.get("/api/project")
    def overview(request: Request) -> dict[str, Any]:
        """What is labelled here, and how far it has come."""
        batches.look()
        trainer.look()
        notices = [notice for notice in (batches.notice(), trainer.notice()) if notice]
        return {
            "id": project.setting("id"),
            "name": project.setting("name"),
            "annotator": _annotator(request),
            **_labels(project),
            "multi_label": project.setting("multi_label"),
            "guidelines": project.setting("guidelines"),
            "overlap": project.setting("overlap"),
            "counts": project.counts(),
            "batch": batches.current(),
            "notice": " ".join(notices) or None,
            "classes": project.class_counts(),
            "blind": bool(project.setting("blind")),
        }

    @app.get("/api/next")
    def following(request: Request, n: Count = 5, after: Ids = [], have: Ids = []) -> dict[str, Any]:  # noqa: B006
        """The next texts of this annotator."""
        items = next_texts(project, _annotator(request), n, {*after, *have})
        pairs = zip(items, suggestions.of(items), strict=True)
        return {"items": [{**vars(item), "suggestion": suggestion} for item, suggestion in pairs]}

    @app.post("/api/events")
    def events(request: Request, sent: EventsRequest) -> dict[str, Any]:
        """Take in what the annotator did; answered when it is on the disk."""
        annotator = _annotator_of(request, sent.annotator)
        saved, refused = record(project, [event.to_event() for event in sent.events], annotator)
        return {"saved": saved, "refused": [vars(refusal) for refusal in refused], "counts": project.counts()}

    @app.post("/api/labels")
    def add_label(sent: LabelRequest) -> dict[str, Any]:
        """Add a class."""
        project.add_class(sent.name)
        return _labels(project)

    @app.post("/api/labels/rename")
    def rename_label(sent: RenameRequest) -> dict[str, Any]:
        """Rename a class, or make it one with another."""
        project.rename_class(sent.name, sent.new, merge=sent.merge)
        return _labels(project)

    @app.post("/api/labels/remove")
    def remove_label(sent: RemoveRequest) -> dict[str, Any]:
        """Remove a class that no answer names."""
        project.remove_class(sent.name)
        return _labels(project)


def _add_learning(app: FastAPI, project: Project, trainer: Trainer) -> None:
    """What the models have learnt, and what that is worth."""

    @app.get("/api/account")
    def accounting() -> dict[str, Any]:
        """Accuracy now, shares of the classes, expected gain, labels saved; see `alps.labelling.account`."""
        return account(project)

    @app.get("/api/advice")
    def advising() -> dict[str, Any]:
        """Whether to go on, in plain words, what each stopping rule says, and what is known of the model."""
        return {**advice(project), "told": list(told(project))}

    @app.get("/api/loop")
    def loop() -> dict[str, Any]:
        """Which strategy chooses when, and which could."""
        cold, warm = choices(multi_label=bool(project.setting("multi_label")))
        return {**vars(loop_of(project)), "cold_choices": cold, "warm_choices": warm}

    @app.post("/api/loop")
    def set_loop(sent: LoopRequest) -> dict[str, Any]:
        """Change it; the next batch follows."""
        return vars(change_loop(project, **sent.model_dump()))

    @app.get("/api/trainings")
    def training_list() -> dict[str, Any]:
        """All trainings, the newest first, and the one that runs."""
        shown = ("number", "classifier", "state", "begun_at", "ended_at", "n_labels", "scores", "error")
        found = [{name: getattr(each, name) for name in shown} for each in reversed(trainings(project))]
        return {"items": found, **trainer.current()}

    @app.post("/api/train")
    def train(sent: TrainRequest) -> dict[str, Any]:
        """Train as soon as possible."""
        trainer.ask(sent.classifier)
        return dict(trainer.current())


def _add_reviewing(app: FastAPI, project: Project) -> None:
    """What a person needs who looks back."""

    @app.get("/api/recent")
    def recently(request: Request, n: Count = 20) -> dict[str, Any]:
        """What this annotator did, the newest first."""
        return {"items": recent(project, _annotator(request), n)}

    @app.get("/api/why")
    def why_this(text: str) -> dict[str, Any]:
        """Why the text of an id was chosen."""
        return why(project, _number(project, text))

    @app.get("/api/text")
    def one_text(request: Request, id: str) -> dict[str, Any]:
        """The text of an id, and what this annotator said of it."""
        number = _number(project, id)
        labels, flag, note, skipped = standing(project, number, _annotator(request))
        text = project.text(number)
        return {"id": id, "text": text, "labels": labels, "flag": flag, "note": note, "skipped": skipped}

    @app.get("/api/disagreements")
    def disagreeing() -> dict[str, Any]:
        """The texts on which annotators disagree and nobody has settled."""
        return {"items": disagreements(project)}

    @app.post("/api/settle")
    def settle(request: Request, sent: SettleRequest) -> dict[str, Any]:
        """Settle a disagreement."""
        event = Event(sent.event, "settle", sent.text, tuple(sent.labels), n_renamed=sent.n_renamed)
        saved, refused = record(project, [event], _annotator_of(request, sent.annotator))
        return {"saved": saved, "refused": [vars(refusal) for refusal in refused], "counts": project.counts()}

    @app.get("/api/agreement")
    def agreeing() -> dict[str, Any]:
        """Cohen's kappa, Krippendorff's alpha, and on how many texts they rest."""
        return agreement(project)

    @app.get("/api/progress")
    def progressing(request: Request) -> dict[str, Any]:
        """Pace and time left."""
        return progress(project, _annotator(request))


def _add_error_answers(app: FastAPI) -> None:
    """Every mistake is one sentence."""

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        places = ".".join(
            str(part) for part in error.errors()[0]["loc"] if isinstance(part, int) or part.isidentifier()
        )
        message = error.errors()[0]["msg"]
        sentence = f"{places}: {message}".encode("utf-8", "replace").decode()
        return JSONResponse({"detail": sentence}, 422)

    @app.exception_handler(AlpsError)
    def mistaken(request: Request, error: AlpsError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 507 if isinstance(error, NotWrittenError) else 400)


def _labels(project: Project) -> dict[str, Any]:
    """The classes with their keys, and what happened to their names, so that a page can follow it."""
    with project.database.snapshot() as read:
        names = labels_of(read)
        renamed = [{"name": each.name, "now": each.now} for each in ClassNames.of(read).renamed]
    pairs = zip(names, keys_of(names), strict=True)
    return {"labels": [{"name": name, "key": key} for name, key in pairs], "renamed": renamed}


def _annotator(request: Request) -> str:
    return str(request.scope["annotator"])


def _annotator_of(request: Request, believed: str | None) -> str:
    """Who has signed in, where that is whom the page believes to be."""
    annotator = _annotator(request)
    if believed not in (None, annotator):
        raise HTTPException(401, f"Somebody else has signed in in this browser; sign in as {believed} again.")
    return annotator


def _number(project: Project, name: str) -> int:
    try:
        return project.number_of(name)
    except AlpsError as error:
        raise HTTPException(404, str(error)) from None
