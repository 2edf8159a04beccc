"""A project is an oracle: its answers reach the learner of Algorithm 1 as they stand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from alps.labelling.class_names import labels_of
from alps.labelling.project import Project
from alps.learning.learner import Learner
from alps.learning.plan import Plan
from alps.pool.pool import Pool
from alps.pool.read import read_pool


def pool_of(project: Project) -> Pool:
    """The pool of a project, under the same ids."""
    ids, texts = project.texts()
    table = pa.table({"id": pa.array(ids, pa.large_string()), "text": pa.array(texts, pa.large_string())})
    return read_pool(table, text_column="text", id_column="id")


def training_weights(project: Project) -> dict[int, float]:
    """
    Number of a text -> how much it counts in training, of those that a strategy with weights picked; others count 1.

    As `alps.selection.Selection.weights`: the sizes of the clusters, of mean 1 in each batch.
    """
    sizes: dict[int, dict[int, int]] = defaultdict(dict)
    for batch, account, text, size in project.database.rows(
        "SELECT batch, account, text, cluster_size FROM picks JOIN batches ON batch = batches.number "
        "WHERE cluster_size IS NOT NULL ORDER BY batch, rank"
    ):
        if json.loads(account).get("gives_weights"):
            sizes[batch][text] = max(size, 1)
    return {text: size / float(np.mean([*each.values()])) for each in sizes.values() for text, size in each.items()}


def weights_of(project: Project, numbers: Sequence[int]) -> list[float] | None:
    """How much each of some texts counts in training; None where no strategy picked with weights."""
    weights = training_weights(project)
    return [weights.get(number, 1.0) for number in numbers] if weights else None


def learner_of(project: Project, plan: Plan | None = None, **options: Any) -> Learner:
    """
    A learner that stands where the project stands.

    Labels are the verdicts (`Project.verdicts`); a text without one, and any that is leased or waits in a batch, is
    pending; so are all texts of the audit, whatever was said of them. Weights are those of the batches so far.

    Parameters
    ----------
    project
        The project.
    plan, options
        As in `Learner`.

    """
    multi_label = bool(project.setting("multi_label"))
    pool = pool_of(project)
    with project.database.snapshot() as read:  # a class may be renamed meanwhile
        labels, standing = labels_of(read), project.verdicts(read)
    learner = Learner(pool, plan, labels=labels, **options)
    pending = [
        name
        for (name,) in project.database.rows(
            "SELECT id FROM texts WHERE state IN ('labelled', 'pending') OR audit IS NOT NULL OR (state = 'unlabelled' "
            "AND number IN (SELECT text FROM picks WHERE batch = (SELECT max(number) FROM batches))) ORDER BY number"
        )
    ]
    audited = {name for (name,) in project.database.rows("SELECT id FROM texts WHERE audit IS NOT NULL")}
    verdicts = {name: verdict for name, verdict in standing.items() if name not in audited}
    names = dict(project.database.rows("SELECT number, id FROM texts WHERE number IN (SELECT text FROM picks)"))
    learner.weights |= {names[number]: weight for number, weight in training_weights(project).items()}
    learner.states.queried([name for name in pending if name not in verdicts])
    learner.teach({name: labels if multi_label else labels[0] for name, (_, labels) in verdicts.items()})
    learner.skip([name for name in project.skipped() if name not in audited])
    return learner
