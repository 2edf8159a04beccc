"""
An honest account of what the labelling has bought, from the audit: texts drawn at random before anything was picked.

No model is trained on the audit, no pick comes from it and no suggestion is shown beside it, so that each model is
measured on texts that it has nothing to do with. All shares are of the different texts of the pool that people can
label: what was skipped counts nowhere.

Intervals are confidence sequences. For one model, its interval is right at every moment of the labelling together with
95 % probability, however often one looks. Models follow one another, and each has an interval of its own: the chance
that any of them is ever wrong may be larger than 5 %. Over 300 simulated labellings, with a new model every ten labels,
it was 4.3 % (`tests/labelling/test_account.py`).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from alps.analysis.confidence_sequence import Interval, confidence_sequence
from alps.analysis.foretelling import Saved, changed_share, foretold_gain, saved_against_random, thinned
from alps.labelling.against_random import FEWEST
from alps.labelling.project import Project
from alps.labelling.queue import IN_AUDIT_SAMPLE
from alps.labelling.trainings import Training, latest_training, trainings

FEWEST_FOR_A_SHARE = 10  # texts of the audit, below which a percentage would say more than is known
NEXT = 100  # labels whose gain is foretold
FEWEST_AUDITED = 30  # labels of the audit, before a gain is foretold
FEWEST_POINTS = 4  # trainings, likewise
_SHARES = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)  # of an audit, that a new project is advised to have


class CurvePoint(NamedTuple):
    """A model of the past: when, on how many labels it was trained, and its accuracy on the audit as labelled now."""

    at: str
    n_labels: int
    accuracy: Interval


def account(project: Project) -> dict[str, Any]:
    """Everything below, JSON-able; what is not known yet is None."""
    points = accuracy_curve(project)
    gain, saved = expected_gain(project), labels_saved(project)
    return {
        "audit": audit_counts(project),
        "accuracy": as_json(accuracy(project)),
        "by_classifier": {name: as_json(accuracy(project, name)) for name in ("probe", "finetune")},
        "class_shares": {name: as_json(share) for name, share in class_shares(project).items()},
        "curve": [{"at": at, "n_labels": n, "accuracy": as_json(known)} for at, n, known in points],
        "expected_gain": None if gain is None else {"labels": NEXT, **gain._asdict()},
        "labels_saved": None if saved is None else {"extrapolation": True, "certain": saved.certain, **saved._asdict()},
        "labels_saved_never": why_labels_saved_stay_unknown(project) if saved is None else None,
    }


def audit_counts(project: Project) -> dict[str, int]:
    """How many texts of the audit there are, count with a label, and are needed: for a share, and against random."""
    (texts,) = project.database.row("SELECT count(*) FROM texts WHERE audit IS NOT NULL")
    return {
        "texts": texts, "labelled": len(audit_labels(project)), "needed_for_a_share": FEWEST_FOR_A_SHARE,
        "needed_against_random": FEWEST,
    }  # fmt: skip


def accuracy(project: Project, classifier: str | None = None) -> Interval | None:
    """
    On how many texts of the pool the newest model is right (in the multi-label case: on all labels of a text).

    Parameters
    ----------
    project
        The project.
    classifier
        ``probe`` or ``finetune``; the newest model of any kind when None.

    Returns
    -------
    Interval or None
        At 95 %; None before there is a model or a label of the audit.

    """
    training = latest_training(project, classifier)
    return None if training is None else accuracy_of(training, audit_labels(project))


def accuracy_curve(project: Project, classifier: str = "probe") -> list[CurvePoint]:
    """The accuracy of each model of the past, all on the audit as it is labelled now; at most `MOST_POINTS`."""
    known = audit_labels(project)
    points = []
    for training in _thinned(trainings(project, state="done", classifier=classifier)):
        interval = accuracy_of(training, known)
        if interval is not None:
            points.append(CurvePoint(str(training.ended_at), training.n_labels or 0, interval))
    return points


def class_shares(project: Project) -> dict[str, Interval]:
    """The share of each class among the texts of the pool, at 95 % for each class by itself."""
    known = audit_labels(project)
    counts = Counter(label for labels in known.values() for label in labels)
    return {label: confidence_sequence(counts[label], len(known)) for label in project.labels}


def expected_gain(project: Project, n: int = NEXT) -> Interval | None:
    """
    By how much the accuracy of `probe` will rise with the next n labels: an extrapolation.

    Returns
    -------
    Interval or None
        A difference of accuracies; None before the audit has `FEWEST_AUDITED` labels and there are `FEWEST_POINTS`
        models trained on different numbers of labels.

    """
    done = _thinned(trainings(project, state="done", classifier="probe"))
    known = audit_labels(project)
    asked = [number for number in known if all(number in training.audit for training in done)]
    if len(done) < FEWEST_POINTS or len(asked) < FEWEST_AUDITED:
        return None
    right = [[set(training.audit[i]) == set(known[i]) for i in asked] for training in done]
    n_labels, now = [training.n_labels or 0 for training in done], done[-1].audit
    before = next((old.audit for old in reversed(done) if (old.n_labels or 0) <= n_labels[-1] - n), done[0].audit)
    both = [number for number in now if number in before]
    changed = changed_share([set(before[i]) for i in both], [set(now[i]) for i in both])
    return foretold_gain(n_labels, right, n, changed)


def labels_saved(project: Project) -> Saved | None:
    """
    How many more random labels would have brought the accuracy of `probe`: an extrapolation.

    The curve of random labels comes from classifiers trained on part of the audit and asked about the rest; it is
    prolonged to where it meets the accuracy of the newest model. The interval is of splits of the audit and of that
    accuracy; it holds if the curve follows the law of `alps.analysis.extrapolation`.

    Returns
    -------
    Saved or None
        None before the audit has `alps.labelling.against_random.FEWEST` labels.

    """
    training, known = latest_training(project, "probe"), audit_labels(project)
    if training is None or training.against_random is None or len(known) < FEWEST:
        return None
    now = accuracy_of(training, known)
    if now is None:
        return None
    n_labels = training.n_labels or 0
    return saved_against_random(
        training.against_random["sizes"], training.against_random["scores"], round(now.estimate * now.n), now.n,
        n_labels, sum(project.counts().values()) - n_labels,
    )  # fmt: skip


def why_labels_saved_stay_unknown(project: Project) -> str | None:
    """
    Why `labels_saved` cannot be told of a project, and what can be done, as a sentence without its full stop.

    Returns
    -------
    str or None
        None where as many texts of the audit as are needed have a label or can have one.

    """
    n_audit, n_skipped, n_texts = project.database.row(
        "SELECT count(audit), count(CASE WHEN audit IS NOT NULL AND state = 'skipped' THEN 1 END), count(*) FROM texts "
        "WHERE copy_of IS NULL"
    )
    if n_audit - n_skipped >= FEWEST:
        return None
    skipped = f", {n_skipped} of them skipped" if n_skipped else ""
    why = f"the audit of this project has {n_audit} texts{skipped}, and {FEWEST} labels of it are needed"
    share = _share_of_a_sufficient_audit(n_texts)
    if share is None or share <= (project.setting("audit_share") or 0.0):
        return f"{why}; texts that are added with --add make it larger"
    return f"{why}; a new project with --audit-share {share} has a larger audit"


def audit_labels(project: Project) -> dict[int, tuple[str, ...]]:
    """
    The verdicts on texts of the audit that are a random sample of the pool (`alps.labelling.queue.IN_AUDIT_SAMPLE`).

    Returns
    -------
    dict
        Number of the text -> labels, in the order of the audit.

    """
    said: dict[int, Counter[tuple[str, ...]]] = {}
    for number, labels in project.database.rows(
        f"SELECT number, labels FROM texts JOIN answers ON text = number WHERE {IN_AUDIT_SAMPLE} AND kind = 'label' "
        "ORDER BY audit"
    ):
        said.setdefault(number, Counter())[tuple(sorted(json.loads(labels)))] += 1
    settled = {
        number: tuple(json.loads(labels))
        for number, labels in project.database.rows(
            "SELECT number, labels FROM settled JOIN texts ON text = number WHERE audit IS NOT NULL"
        )
    }
    verdicts = {}
    for number, counts in said.items():
        ranked = counts.most_common(2)
        if number in settled:
            verdicts[number] = settled[number]
        elif len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
            verdicts[number] = ranked[0][0]
    return verdicts


def accuracy_of(training: Training, known: dict[int, tuple[str, ...]]) -> Interval | None:
    """The accuracy of one model on verdicts of the audit; None where there are none."""
    right = [set(training.audit[number]) == set(labels) for number, labels in known.items() if number in training.audit]
    return confidence_sequence(sum(right), len(right)) if right else None


def as_json(interval: Interval | None) -> dict[str, Any] | None:
    """An interval as the server sends it; None for one that rests on nothing."""
    return None if interval is None or math.isnan(interval.estimate) else interval._asdict()


def _thinned(done: Sequence[Training]) -> list[Training]:
    """Some of the trainings, of each number of labels the last."""
    return thinned(list({training.n_labels: training for training in done}.values()))


def _share_of_a_sufficient_audit(n_texts: int) -> float | None:
    """The smallest of `_SHARES` with which an audit of so many texts has `FEWEST`, two standard deviations short."""
    shares = np.array(_SHARES)
    likely = n_texts * shares - 2 * np.sqrt(n_texts * shares * (1 - shares))
    return next((share for share, n in zip(_SHARES, likely.tolist(), strict=True) if n >= FEWEST), None)
