"""What the card of a model says of the labelling that it comes from; no text and no name of a person is in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from alps.labelling.account import accuracy, accuracy_curve, as_json, audit_counts, class_shares
from alps.labelling.export import labelled_table
from alps.labelling.project import Project
from alps.labelling.queue import AUDIT
from alps.labelling.reviews import agreement
from alps.labelling.trainings import latest_training


def labelling_facts(project: Project) -> dict[str, Any]:
    """
    Facts for `alps.classifiers.card`, JSON-able.

    Returns
    -------
    dict
        ``name``, ``texts`` (different ones), ``labelled``, ``annotators``, ``strategies`` (name -> labelled texts, the
        audit among them), ``audit`` (labelled texts), ``agreement``, ``accuracy`` and ``curve`` of the models of the
        project, none of which was trained on the audit, and ``class_shares`` of the pool.

    """
    rows = [row for row in labelled_table(project).to_pylist() if row["copy_of"] is None]
    chosen = [AUDIT if row["shown_as"] == AUDIT else row["strategy"] or "opened by hand" for row in rows]
    newest = latest_training(project, "finetune") or latest_training(project)
    known = None if newest is None else accuracy(project, newest.classifier)
    return {
        "name": project.setting("name"),
        "texts": sum(project.counts().values()),
        "labelled": len(rows),
        "annotators": project.database.row("SELECT count(DISTINCT annotator) FROM answers")[0],
        "strategies": dict(Counter(chosen).most_common()),
        "audit": audit_counts(project)["labelled"],
        "agreement": agreement(project),
        "classifier": None if newest is None else newest.classifier,
        "n_labels": None if newest is None else newest.n_labels,
        "accuracy": as_json(known),
        "curve": [{"n_labels": point.n_labels, **point.accuracy._asdict()} for point in accuracy_curve(project)],
        "class_shares": {name: as_json(share) for name, share in class_shares(project).items()},
    }
