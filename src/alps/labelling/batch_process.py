"""
Choose a batch for a project, in a process of its own: ``python -m alps.labelling.batch_process PROJECT SETTINGS``.

The settings are a JSON object with `k`, `strategy`, `warm`, `texts_per_class`, `seed`, `model` and `cache_dir`.
Labels that come in meanwhile stay; a pick that somebody has answered by the end is simply not asked again.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.labelling.loop import SETTINGS as LOOP_SETTINGS
from alps.labelling.loop import Loop
from alps.labelling.oracle import learner_of
from alps.labelling.project import Project, utc_now
from alps.learning.plan import Plan
from alps.pool.rows import take_rows
from alps.selection import Selection

_NEIGHBOURS = 3
_MAX_EVIDENCE_CHARACTERS = 2000


def add_batch(project: Project, settings: Mapping[str, Any]) -> int:
    """
    Choose the next batch and keep it with its evidence.

    Returns
    -------
    int
        How many texts were picked.

    Raises
    ------
    AlpsError
        When nothing is left to choose from, or the model cannot be loaded.

    """
    number = int(project.database.row("SELECT coalesce(max(number), 0) FROM batches")[0]) + 1
    plan = Loop(**{name: settings[name] for name in LOOP_SETTINGS}).plan(settings["seed"])
    classifier = "finetune" if any("fine-tuned encoder" in row.needs for row in plan.rows()) else "probe"
    learner = learner_of(project, plan, model=settings["model"], cache_dir=settings["cache_dir"], classifier=classifier)
    reason = _reason(plan, learner.states.class_counts(), learner.labels)
    selection = learner.query(settings["k"])
    evidence, summary = _evidence(selection), json.dumps({**selection.summary, "reason": reason}, default=str)
    sizes = [None] * len(selection) if selection.cluster_sizes is None else selection.cluster_sizes.tolist()
    with project.database.transaction() as connection:
        connection.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?)",
            (number, selection.summary["strategy"], utc_now(), summary),
        )
        connection.executemany(
            "INSERT OR REPLACE INTO picks SELECT coalesce(copy_of, number), ?, ?, ?, ? FROM texts WHERE id = ?",
            [
                (number, rank, size, json.dumps(known), name)
                for rank, (name, size, known) in enumerate(zip(selection.ids, sizes, evidence, strict=True), 1)
            ],
        )
    return len(selection)


def _reason(plan: Plan, counts: Counter[str], labels: Sequence[str]) -> str:
    """Why the cold or the warm strategy chooses now."""
    if plan.warm is None:
        return f"{plan.cold} chooses every batch."
    if plan.strategy(counts, labels) == plan.warm:
        return f"{plan.warm} chooses, because every class has at least {plan.texts_per_class} labelled texts."
    rarest = min([*labels, *counts], key=lambda label: counts[label], default="")
    had = f"'{for_terminal(rarest, 40)}' had {counts[rarest]} when this batch was chosen"
    return f"{plan.cold} chooses until every class has {plan.texts_per_class} labelled texts, then {plan.warm}; {had}."


def _evidence(selection: Selection) -> list[dict[str, Any]]:
    """What the page tells about each pick: texts of its cluster, and the surprise of its tokens."""
    from alps.analysis.nearest_members import nearest_members
    from alps.analysis.token_spans import token_spans
    from alps.pool.texts import Texts

    evidence: list[dict[str, Any]] = [{} for _ in selection.ids]
    basis = selection.basis
    if basis is None or not len(selection):
        return evidence
    if basis.features.matrix.shape[1]:
        members = nearest_members(basis.features, basis.view.candidates, basis.picks, _NEIGHBOURS)
        for known, rows in zip(evidence, members.nearest, strict=True):
            found = take_rows(basis.pool.texts, basis.view.rows[np.asarray(rows, dtype=np.int64)]).to_pylist()
            known["neighbours"] = [text[:_MAX_EVIDENCE_CHARACTERS] for text in found]
    try:
        texts = Texts.of(basis.pool, basis.view.rows[basis.picks.rows])
        spans = token_spans(texts, basis.resources, seed=basis.stream.seed, evaluation=None)
    except AlpsError:  # a model without a head for masked tokens has no surprisal
        return evidence
    for known, text, tokens in zip(evidence, selection.texts, spans, strict=True):
        known["tokens"] = [{"text": text[span.start : span.end], "nats": round(span.nats, 3)} for span in tokens]
    return evidence


def main(arguments: list[str]) -> int:
    """Add one batch; a mistake is one sentence on standard error."""
    project = Project(Path(arguments[0]))
    try:
        add_batch(project, json.loads(arguments[1]))
    except AlpsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        project.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
