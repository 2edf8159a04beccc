"""
Which labels deserve a second look, and how the annotators label.

Likely mistakes are found by confident learning (Northcutt, Jiang & Chuang, JAIR 2021) through the package `cleanlab`:
from what the models of the cross-validation said of each text that they had not seen. Texts of the audit are left out:
to correct labels where a model disagrees, and only there, would make that model look better than it is.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.analysis.near_duplicates import near_duplicate_pairs
from alps.base.errors import require
from alps.labelling.project import Project
from alps.labelling.trainings import latest_training, predictions_in

HELD_OUT = "held-out"  # the folder of what models said of texts that they had not seen, in that of the training
FEWEST = 20  # labelled texts, before anything is said
MOST_COMPARED = 5_000  # labelled texts among which near copies are looked for; the newest


def likely_mistakes(project: Project) -> list[dict[str, Any]]:
    """
    Labels that are probably wrong, the likeliest mistake first, JSON-able.

    Returns
    -------
    list of dict
        ``id``, ``text``, the ``labels`` that the text has, what the model would ``suggest``, and ``probability``: how
        much it believes in the label that is there (in the multi-label case in the least believable part of it). What
        somebody settled is not listed.

    Raises
    ------
    AlpsError
        When the package is missing.

    """
    require("cleanlab", "quality")
    said = _said(project)
    if said is None:
        return []
    numbers, probabilities, classes, multi_label = said
    standing = _verdicts(project)
    place = {name: i for i, name in enumerate(classes)}
    rows = [
        row
        for row, number in enumerate(numbers)
        if number in standing and all(label in place for label in standing[number])
    ]
    labels = [standing[numbers[row]] for row in rows]
    given = [[place[label] for label in each] for each in labels]
    if len(rows) < FEWEST or len({tuple(each) for each in given}) < 2:
        return []
    believed = probabilities[rows]
    settled = {number for (number,) in project.database.rows("SELECT text FROM settled")}
    found = []
    for i in _issues(given, believed, multi_label=multi_label):
        if (number := numbers[rows[i]]) not in settled:
            name = project.database.row("SELECT id FROM texts WHERE number = ?", number)[0]
            suggested = [classes[c] for c in np.flatnonzero(believed[i] > 0.5)]
            if not multi_label:
                suggested = [classes[int(believed[i].argmax())]]
            belief = _belief(given[i], believed[i], multi_label=multi_label)
            found.append({
                "id": name, "text": project.text(number), "labels": list(labels[i]), "suggest": suggested,
                "probability": round(belief, 3),
            })  # fmt: skip
    return found


def near_copies(project: Project) -> list[dict[str, Any]]:
    """Pairs of labelled texts that are nearly the same and have different labels, JSON-able."""
    verdicts = _verdicts(project)
    newest = project.database.rows(
        "SELECT text FROM answers GROUP BY text ORDER BY max(at) DESC, text LIMIT ?", MOST_COMPARED
    )
    numbers = sorted(number for (number,) in newest if number in verdicts)
    texts = [project.text(number) for number in numbers]
    names = dict(project.database.rows("SELECT number, id FROM texts WHERE copy_of IS NULL"))
    found = []
    for one, other in near_duplicate_pairs(texts).tolist():
        if set(verdicts[numbers[one]]) != set(verdicts[numbers[other]]):
            pair = [
                {"id": names[numbers[i]], "text": texts[i], "labels": list(verdicts[numbers[i]])} for i in (one, other)
            ]
            found.append({"texts": pair})
    return found


def annotator_statistics(project: Project) -> list[dict[str, Any]]:
    """
    How each annotator labels, JSON-able, in the order of their names.

    Returns
    -------
    list of dict
        ``annotator``; ``labelled`` and ``skipped`` texts; ``seconds`` for a text, the median; ``agreement``: the share
        of the texts in ``common`` with others on which most of them said the same; ``followed``: the share of
        ``suggested`` labels, shown by a model, that were given.

    """
    labels: dict[int, dict[str, str]] = defaultdict(dict)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for number, annotator, kind, given in project.database.rows("SELECT text, annotator, kind, labels FROM answers"):
        counts[annotator][kind] += 1
        if kind == "label":
            labels[number][annotator] = json.dumps(sorted(json.loads(given)))
    seconds: dict[str, list[float]] = defaultdict(list)
    names = project.class_names()
    for event, annotator, content, lasted in project.database.rows(
        "SELECT number, annotator, content, seconds FROM events WHERE kind = 'label' AND event NOT IN "
        "(SELECT event FROM undone)"
    ):
        said = json.loads(content)
        if lasted is not None:
            seconds[annotator].append(lasted)
        if (suggestion := said.get("suggestion")) is not None:
            counts[annotator]["suggested"] += 1
            followed = {*names.in_event([suggestion["label"]], event)} & {*names.in_event(said["labels"], event)}
            counts[annotator]["followed"] += bool(followed)
    for given in labels.values():
        for annotator, label in given.items():
            others = Counter(each for who, each in given.items() if who != annotator).most_common(2)
            if others and (len(others) == 1 or others[0][1] > others[1][1]):
                counts[annotator]["common"] += 1
                counts[annotator]["same"] += label == others[0][0]
    return [
        {
            "annotator": annotator,
            "labelled": each["label"],
            "skipped": each["skip"],
            "seconds": round(median(seconds[annotator]), 1) if seconds[annotator] else None,
            "common": each["common"],
            "agreement": _share(each["same"], each["common"]),
            "suggested": each["suggested"],
            "followed": _share(each["followed"], each["suggested"]),
        }
        for annotator, each in sorted(counts.items())
    ]


def _said(project: Project) -> tuple[list[int], npt.NDArray[np.float32], tuple[str, ...], bool] | None:
    """Numbers of texts and what models that had not seen their labels said of them; None before there is a model."""
    training = latest_training(project, "probe")
    if training is None:
        return None
    held_out = predictions_in(project, training, training.folder(project) / HELD_OUT)
    if held_out is None:
        return None
    probabilities = held_out.probabilities.astype(np.float32)
    if not held_out.multi_label:
        probabilities /= probabilities.sum(axis=1, keepdims=True)  # they were kept in half precision
    return held_out.numbers.tolist(), probabilities, held_out.classes, held_out.multi_label


def _verdicts(project: Project) -> dict[int, tuple[str, ...]]:
    """The verdicts, by number of the text."""
    numbers = dict(project.database.rows("SELECT id, number FROM texts WHERE state = 'labelled'"))
    return {numbers[name]: labels for name, (_, labels) in project.verdicts().items() if name in numbers}


def _issues(given: list[list[int]], probabilities: npt.NDArray[np.float32], *, multi_label: bool) -> list[int]:
    """Rows that confident learning holds for mistakes, the likeliest first."""
    ranked = {"return_indices_ranked_by": "self_confidence", "n_jobs": 1}
    if multi_label:
        from cleanlab.multilabel_classification.filter import find_label_issues as find_issues_of_several

        issues = find_issues_of_several(given, probabilities, **ranked)
    else:
        from cleanlab.filter import find_label_issues

        issues = find_label_issues(np.array([each[0] for each in given]), probabilities, **ranked)
    return [int(i) for i in issues]


def _belief(given: list[int], probabilities: npt.NDArray[np.float32], *, multi_label: bool) -> float:
    if not multi_label:
        return float(probabilities[given[0]])
    has = np.isin(np.arange(len(probabilities)), given)
    return float(np.where(has, probabilities, 1 - probabilities).min())


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
