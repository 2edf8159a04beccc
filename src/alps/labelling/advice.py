"""Whether to go on: the stopping rules of a project and what they say, in plain words."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import Any

from alps.labelling.account import accuracy, accuracy_of, as_json, audit_counts, audit_labels
from alps.labelling.agreement import mean_cohen_kappa
from alps.labelling.project import Project
from alps.labelling.trainings import Training, trainings
from alps.learning.plan import TEXTS_PER_CLASS
from alps.learning.stopping import (
    Rule,
    Standing,
    Verdict,
    budget,
    classes_seen,
    falling_gain,
    stable_predictions,
    target_accuracy,
)
from alps.pool.labelled import BETWEEN_LABELS

APART = 50  # labels between models that are compared


def advice(project: Project) -> dict[str, Any]:
    """What to do, JSON-able: ``stop``, ``sentence``, and each rule with its name, verdict, reason and source."""
    now, rules = standing(project), rules_of(project)
    whole = combined(rules)
    verdict = whole.judge(now)
    return {
        "stop": verdict.met,
        "sentence": whole.recommendation(now),
        "rules": [
            {"name": name, "met": rule.judge(now).met, "reason": rule.judge(now).reason, "source": rule.source}
            for name, rule in rules.items()
        ],
    }


def rules_of(project: Project) -> dict[str, Rule]:
    """
    The rules that a project is judged by.

    The settings `target_accuracy` and `budget` of the project add theirs.
    """
    rules = {
        "classes": classes_seen(TEXTS_PER_CLASS), "stable": stable_predictions(apart=APART),
        "gain": falling_gain(apart=APART),
    }  # fmt: skip
    if not audit_counts(project)["texts"]:
        rules["stable"] = _in_vain(rules["stable"], "whether the predictions still change")
        rules["gain"] = _in_vain(rules["gain"], "whether the accuracy still rises")
    if project.setting("target_accuracy") is not None:
        rules["target"] = target_accuracy(float(project.setting("target_accuracy")))
    if project.setting("budget") is not None:
        rules["budget"] = budget(int(project.setting("budget")))
    return rules


def combined(rules: dict[str, Rule]) -> Rule:
    """The budget, or the target; without a target: all classes seen, and stable predictions, and a small gain."""
    whole = rules.get("target") or rules["classes"] & rules["stable"] & rules["gain"]
    return whole | rules["budget"] if "budget" in rules else whole


def standing(project: Project) -> Standing:
    """Where a project stands, for the rules of `alps.learning.stopping`."""
    verdicts = project.verdicts()
    counts = Counter(label for _, labels in verdicts.values() for label in labels)
    now, compared = accuracy(project), _apart(trainings(project, state="done", classifier="probe"))
    known = audit_labels(project)
    scores = [accuracy_of(each, known) for each in compared]
    return Standing(
        n_labelled=len(verdicts),
        texts_per_class={label: counts[label] for label in project.labels},
        accuracy_low=None if as_json(now) is None or now is None else now.low,
        agreements=[
            _agreement(one, other) for one, other in pairwise(compared) if one.audit.keys() & other.audit.keys()
        ],
        scores=[score.estimate for score in scores if score is not None],
    )


def _in_vain(rule: Rule, what: str) -> Rule:
    """A rule that is never met, for a project without an audit."""
    reason = f"{what} is told by the audit, which this project does not have (give it a --budget)"
    return Rule(lambda _: Verdict(False, reason), rule.source)


def _apart(done: list[Training]) -> list[Training]:
    """The models among which each has at least `APART` labels more than the one before."""
    kept: list[Training] = []
    for training in done:
        if not kept or (training.n_labels or 0) >= (kept[-1].n_labels or 0) + APART:
            kept.append(training)
    return kept


def _agreement(one: Training, other: Training) -> float:
    """Cohen's kappa between what two models predict for the texts of the audit; NaN where both name one class only."""
    pairs = {
        str(i): {"one": BETWEEN_LABELS.join(one.audit[i]), "other": BETWEEN_LABELS.join(other.audit[i])}
        for i in one.audit.keys() & other.audit.keys()
    }
    kappa = mean_cohen_kappa(pairs)
    return math.nan if kappa is None else kappa
