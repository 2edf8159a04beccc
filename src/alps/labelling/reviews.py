"""Looking back on a project: what was done, why a text was chosen, where people disagree, how fast it goes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from alps.labelling.agreement import krippendorff_alpha, mean_cohen_kappa
from alps.labelling.project import Project, unpack
from alps.labelling.queue import standing

_PACE = timedelta(minutes=10)


def recent(project: Project, annotator: str, n: int) -> list[dict[str, Any]]:
    """The last n answers, settlements and marks of an annotator that were not taken back, the newest first."""
    rows = project.database.rows(
        "SELECT events.number, event, kind, text, texts.id, packed, content, at FROM events "
        "JOIN texts ON text = texts.number WHERE annotator = ? "
        "AND kind IN ('label', 'skip', 'settle', 'flag', 'note') AND event NOT IN "
        "(SELECT event FROM undone) ORDER BY events.number DESC LIMIT ?", annotator, n,
    )  # fmt: skip
    found, names = [], project.class_names()
    for place, event, kind, number, name, packed, content, at in rows:
        said = json.loads(content)
        labels = names.in_event(said["labels"], place) if "labels" in said else None
        _, flag, note, _ = standing(project, number, annotator)
        found.append({
            "id": name, "text": unpack(packed), "kind": kind, "labels": labels,
            "reason": said.get("reason"), "flag": flag, "note": note, "at": at, "event": event,
        })  # fmt: skip
    return found


def why(project: Project, number: int) -> dict[str, Any]:
    """Why a text was chosen; None where nothing is known."""
    row = project.database.row(
        "SELECT strategy, batch, cluster_size, evidence FROM picks JOIN batches ON batch = batches.number "
        "WHERE text = ?", number,
    )  # fmt: skip
    strategy, batch, size, evidence = row or (None, None, None, "{}")
    known = json.loads(evidence)
    return {
        "strategy": strategy, "round": batch, "cluster_size": size,
        "neighbours": known.get("neighbours"), "tokens": known.get("tokens"),
    }  # fmt: skip


def _common(project: Project) -> dict[str, dict[str, str]]:
    """Text -> annotator -> labels as one value, for texts that several people labelled."""
    given: dict[str, dict[str, str]] = {}
    for name, annotator, labels in project.database.rows(
        "SELECT id, annotator, labels FROM answers JOIN texts ON text = number WHERE kind = 'label' AND text IN "
        "(SELECT text FROM answers WHERE kind = 'label' GROUP BY text HAVING count(*) > 1) ORDER BY number, annotator"
    ):
        given.setdefault(name, {})[annotator] = json.dumps(sorted(json.loads(labels)))
    return given


def disagreements(project: Project) -> list[dict[str, Any]]:
    """The texts on which answers differ and nothing was settled, in the order of the pool."""
    settled = {
        name for (name,) in project.database.rows("SELECT id FROM settled JOIN texts ON settled.text = texts.number")
    }
    found = []
    for name, given in _common(project).items():
        if len({*given.values()}) > 1 and name not in settled:
            answers = [{"annotator": who, "labels": json.loads(labels)} for who, labels in given.items()]
            found.append({"id": name, "text": project.text(project.number_of(name)), "answers": answers})
    return found


def agreement(project: Project) -> dict[str, Any]:
    """Mean Cohen's kappa, Krippendorff's alpha, and the number of texts with several labels."""
    given = _common(project)
    alpha = krippendorff_alpha([[*values.values()] for values in given.values()])
    return {"cohen": mean_cohen_kappa(given), "krippendorff": alpha, "n": len(given)}


def progress(project: Project, annotator: str) -> dict[str, Any]:
    """How many texts were answered today (UTC) and by whom, the annotator's pace, and the time left in the batch."""
    now = datetime.now(UTC)
    today = now.date().isoformat()
    rows = project.database.rows("SELECT annotator, at FROM answers")
    by_annotator = Counter(who for who, _ in rows)
    since = (now - _PACE).isoformat(timespec="milliseconds")
    mine = sorted(at for who, at in rows if who == annotator and at > since)
    pace = None
    if len(mine) > 1:
        minutes = (now - datetime.fromisoformat(mine[0])).total_seconds() / 60
        pace = (len(mine) - 1) / max(minutes, 1 / 60)
    waiting = project.database.row(  # as `Batches.current`: of the newest two, the first with any
        "SELECT count(*) FROM picks JOIN texts ON text = texts.number WHERE state NOT IN ('labelled', 'skipped') "
        "GROUP BY batch HAVING batch >= (SELECT max(number) - 1 FROM batches) ORDER BY batch"
    )
    left = waiting[0] if waiting else 0
    return {
        "labelled_today": sum(at[:10] == today for _, at in rows),
        "pace_per_minute": pace,
        "seconds_left_batch": None if not pace or not left else 60 * left / pace,
        "by_annotator": dict(sorted(by_annotator.items())),
    }
