"""
Train on a project, in a process of its own: ``python -m alps.labelling.training_process PROJECT SETTINGS``.

The settings are a JSON object with `classifier`, `recipe`, `seed`, `model` and `cache_dir`. The model and what it
predicts for the texts of the pool appear in the folder of models at once and whole; the project learns of it in one
transaction. Whoever kills the process loses that training and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from alps.base.atomic import atomic_folder
from alps.base.errors import AlpsError
from alps.classifiers.text_classifier import TextClassifier, train_classifier
from alps.labelling.against_random import learning_curve_of_random_texts
from alps.labelling.class_names import ClassNames, labels_of
from alps.labelling.database import Read
from alps.labelling.oracle import weights_of
from alps.labelling.pool_map import write_map
from alps.labelling.predictions import Predictions
from alps.labelling.project import Project, unpack
from alps.labelling.quality import HELD_OUT
from alps.labelling.trainings import (
    FEWEST_LABELS,
    begin_training,
    can_train,
    end_training,
    fail_training,
    remove_old_models,
)
from alps.pool.texts import Texts

MODEL = "model"  # the folder of the classifier in that of the training
MOST_PREDICTED = 50_000  # texts of the pool; of a larger one the first of the audit, those picked, and some at random
MOST_AUDITED = 1_000  # texts of the audit whose predictions are kept for good
FOLDS = {"probe": 5, "finetune": 3}
_POLITENESS = 10  # labelling goes first


def train_project(project: Project, settings: Mapping[str, Any]) -> int:
    """
    Train a classifier on the labels of a project, those of the audit left out, and keep it.

    Returns
    -------
    int
        The number of the training.

    Raises
    ------
    AlpsError
        When there are too few labels, or the model cannot be loaded or written; it is recorded before.

    """
    classifier = settings["classifier"]
    number = begin_training(project, classifier)
    try:
        if not can_train(project):
            raise AlpsError(f"A training needs {FEWEST_LABELS} labelled texts of two classes; label more first.")
        with project.database.snapshot() as read:  # a class may be renamed meanwhile
            numbers, texts, labels = _labelled(project, read, audit=False)
            classes, n_renamed = labels_of(read), len(ClassNames.of(read).renamed)
        trained = train_classifier(
            texts, labels, classes=classes, classifier=classifier, recipe=settings["recipe"],
            weights=weights_of(project, numbers), folds=FOLDS[classifier], model=settings["model"],
            seed=settings["seed"], cache_dir=settings["cache_dir"],
        )  # fmt: skip
        predictions = _predict(project, trained, number)
        random = None
        if classifier == "probe":
            with project.database.snapshot() as read:
                _, audited, answers = _labelled(project, read, audit=True)
            random = learning_curve_of_random_texts(audited, answers, trained.resources, settings["seed"])
            write_map(project, trained.resources)
        project.models_folder.mkdir(exist_ok=True)
        with atomic_folder(project.models_folder / f"{number:06d}-{classifier}") as folder:
            trained.save(folder / MODEL)
            predictions.save(folder)
            if trained.held_out is not None:
                (folder / HELD_OUT).mkdir()
                known, held_out = np.array(numbers, dtype=np.int64), trained.held_out.astype(np.float16)
                replace(predictions, numbers=known, probabilities=held_out).save(folder / HELD_OUT)
        end_training(
            project, number, n_labels=len(texts), scores=trained.facts.get("cross_validation", {}),
            classes=list(trained.labels), audit=_audit(project, predictions), against_random=random,
            n_renamed=n_renamed,
        )  # fmt: skip
    except BaseException as error:
        fail_training(project, str(error) or type(error).__name__, number)
        raise
    remove_old_models(project)
    return number


def _labelled(project: Project, read: Read, *, audit: bool) -> tuple[list[int], list[str], list[Any]]:
    """Numbers, texts and verdicts, of the audit or of all others; several labels of a text are a list."""
    wanted = "IS NOT NULL" if audit else "IS NULL"
    numbers = dict(read(f"SELECT id, number FROM texts WHERE state = 'labelled' AND audit {wanted} ORDER BY number"))
    verdicts = {name: labels for name, (_, labels) in project.verdicts(read).items() if name in numbers}
    labels = [list(labels) if project.setting("multi_label") else labels[0] for labels in verdicts.values()]
    return [numbers[name] for name in verdicts], [project.text(numbers[name]) for name in verdicts], labels


def _predict(project: Project, trained: TextClassifier, training: int) -> Predictions:
    rows = project.database.rows(
        "SELECT number, packed FROM texts WHERE number IN (SELECT number FROM texts WHERE copy_of IS NULL ORDER BY "
        "number IN (SELECT number FROM texts WHERE audit IS NOT NULL ORDER BY audit LIMIT ?) DESC, audit IS NOT NULL, "
        "number IN (SELECT text FROM picks) DESC, shuffled LIMIT ?) ORDER BY number", MOST_AUDITED, MOST_PREDICTED,
    )  # fmt: skip
    probabilities = trained.probabilities(Texts.of_strings([unpack(packed) for _, packed in rows]))
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    return Predictions(training, trained.labels, trained.multi_label, numbers, probabilities.astype(np.float16))


def _audit(project: Project, predictions: Predictions) -> dict[int, list[str]]:
    """What was predicted for the texts of the audit, the first ones in its order."""
    wanted = {
        number
        for (number,) in project.database.rows(
            "SELECT number FROM texts WHERE audit IS NOT NULL ORDER BY audit LIMIT ?", MOST_AUDITED
        )
    }
    pairs = zip(predictions.numbers.tolist(), predictions.labels(), strict=True)
    return {number: labels for number, labels in pairs if number in wanted}


def main(arguments: list[str]) -> int:
    """Train once; a mistake is one sentence on standard error."""
    if hasattr(os, "nice"):
        os.nice(_POLITENESS)
    project = Project(Path(arguments[0]))
    try:
        train_project(project, json.loads(arguments[1]))
    except AlpsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        project.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
