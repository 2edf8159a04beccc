"""The dashboard: a page beside the labelling page that tells how the labelling goes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

from alps.base.errors import AlpsError
from alps.labelling.pool_map import read_map
from alps.labelling.project import Project
from alps.labelling.quality import annotator_statistics, likely_mistakes, near_copies

if TYPE_CHECKING:
    from fastapi import FastAPI

_PAGE = files("alps.labelling") / "page" / "dashboard.html"
_MOST_SHOWN = 30


def add_dashboard(app: FastAPI, project: Project) -> None:
    """Add the page at ``/dashboard`` and what it asks for besides what the labelling page asks for."""
    from fastapi import Response

    looked_at = _kept(lambda: _quality(project))

    @app.get("/dashboard", include_in_schema=False)
    def dashboard() -> Response:
        return Response(_PAGE.read_bytes(), media_type="text/html; charset=utf-8")

    @app.get("/api/moment")
    def moment() -> dict[str, Any]:
        """Numbers that change whenever something worth showing has changed."""
        return {"moment": _moment(project)}

    @app.get("/api/map")
    def pool_map() -> dict[str, Any]:
        """Texts of the pool in the plane, and what is labelled."""
        return {"points": read_map(project)}

    @app.get("/api/quality")
    def quality() -> dict[str, Any]:
        """Likely mistakes, near copies with different labels, and how each annotator labels."""
        return looked_at(_moment(project))


def _moment(project: Project) -> list[int]:
    row = project.database.row(
        "SELECT (SELECT coalesce(max(number), 0) FROM events), (SELECT count(*) FROM texts), (SELECT count(*) FROM "
        "classes), (SELECT count(*) FROM renamed), (SELECT coalesce(max(number), 0) FROM batches), "
        "(SELECT count(*) FROM trainings), "
        "(SELECT count(*) FROM trainings WHERE state = 'running')"
    )
    return [int(n) for n in row]


def _quality(project: Project) -> dict[str, Any]:
    try:
        mistakes, note = likely_mistakes(project), None
    except AlpsError as error:
        mistakes, note = [], str(error)
    if project.setting("blind"):
        mistakes = [each | {"suggest": None, "probability": None} for each in mistakes]
    pairs = near_copies(project)
    return {
        "likely_mistakes": mistakes[:_MOST_SHOWN],
        "n_likely_mistakes": len(mistakes),
        "near_copies": pairs[:_MOST_SHOWN],
        "n_near_copies": len(pairs),
        "annotators": annotator_statistics(project),
        "note": note,
    }


def _kept(compute: Callable[[], dict[str, Any]]) -> Callable[[list[int]], dict[str, Any]]:
    """A function that computes anew only when the moment is another one."""
    lock, kept = Lock(), dict[tuple[int, ...], dict[str, Any]]()

    def of(moment: list[int]) -> dict[str, Any]:
        with lock:
            if tuple(moment) not in kept:
                kept.clear()
                kept[tuple(moment)] = compute()
            return kept[tuple(moment)]

    return of
