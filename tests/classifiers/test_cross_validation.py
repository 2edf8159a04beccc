"""Cross-validation: what is held out is not seen, copies stay together, and the scores are of all texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import alps
from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.classifiers.cross_validation import cross_validate, f1_scores
from alps.classifiers.labelled import Labelled
from alps.pool.texts import Texts
from alps.representations.resources import Resources

NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
SPORT = [f"the striker scored {number} goals" for number in NUMBERS]
MONEY = [f"shares of the bank fell {number} per cent" for number in NUMBERS]


def labelled(texts: list[str], answers: list, rows: list[int] | None = None) -> Labelled:
    return Labelled.of(Texts.of_strings(texts), answers, rows=None if rows is None else np.array(rows))


def scores(examples: Labelled, folds: int = 5) -> dict:
    return cross_validate("probe", "stable", examples, Resources(), Stream(1), folds=folds).scores


def test_classes_that_are_far_apart_are_told_apart() -> None:
    found = scores(labelled(SPORT + MONEY, ["sport"] * 10 + ["money"] * 10))
    assert found == {"micro_f1": 1.0, "macro_f1": 1.0, "n_texts": 20, "folds": 5}


def test_a_class_that_nobody_was_given_does_not_lower_the_score() -> None:
    answers = ["sport"] * 10 + ["money"] * 10
    examples = Labelled.of(Texts.of_strings(SPORT + MONEY), answers, classes=["money", "nobody", "sport"])
    assert scores(examples)["macro_f1"] == 1.0


def test_labels_without_meaning_cannot_be_learned() -> None:
    answers = [["a", "b"][i % 2] for i in range(20)]
    assert scores(labelled(SPORT + MONEY, answers))["micro_f1"] <= 0.8


def test_copies_are_held_out_together() -> None:
    # Were a copy left in the training part, a memorised label would be told right; a nonsense label shows it.
    texts = ["alpha beta", "gamma delta"]
    examples = labelled(texts, ["x", "x", "x", "y", "y", "y"], rows=[0, 0, 0, 1, 1, 1])
    assert scores(examples, folds=2)["micro_f1"] == 0.0


def test_several_labels_a_text() -> None:
    answers = [["sport"]] * 10 + [["money", "news"]] * 10
    assert scores(labelled(SPORT + MONEY, answers))["micro_f1"] > 0.9


def test_texts_without_the_only_label_are_no_hits() -> None:
    # scikit-learn's F1 of one column of indicators counts the texts that have no label.
    rare = scores(labelled(SPORT + MONEY, [["urgent"] if i in (3, 14) else [] for i in range(20)]))
    assert (rare["micro_f1"], rare["macro_f1"]) == (0.0, 0.0)
    frequent = scores(labelled(SPORT + MONEY, [["sport"]] * 10 + [[]] * 10))
    assert (frequent["micro_f1"], frequent["macro_f1"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("true", "predicted", "micro", "macro"),
    [
        ([[1], [1], [0], [0]], [[1], [0], [1], [0]], 1 / 2, 1 / 2),
        ([[1, 0], [1, 0], [1, 1]], [[1, 0], [1, 0], [0, 0]], 4 / 6, (4 / 5 + 0) / 2),
        ([[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [1, 0, 0]], 1 / 2, (2 / 3 + 0) / 2),  # the third class never occurs
        ([[0], [0]], [[0], [0]], 0.0, 0.0),
    ],
)
def test_f1_is_of_what_was_said_and_what_is_true(true: list, predicted: list, micro: float, macro: float) -> None:
    found = f1_scores(np.array(true, dtype=bool), np.array(predicted, dtype=bool))
    assert found == pytest.approx({"micro_f1": micro, "macro_f1": macro})


def test_more_folds_than_texts_are_refused() -> None:
    with pytest.raises(AlpsError, match="name between 2 and 2 folds"):
        scores(labelled(["one", "two"], ["a", "b"]), folds=3)


def test_the_scores_are_kept_with_the_classifier(tmp_path: Path) -> None:
    trained = alps.train_classifier(SPORT + MONEY, ["sport"] * 10 + ["money"] * 10, folds=5)
    trained.save(tmp_path / "model")
    assert alps.TextClassifier.load(tmp_path / "model").facts["cross_validation"]["micro_f1"] == 1.0


def test_probabilities_are_of_classifiers_that_had_not_seen_the_text() -> None:
    examples = labelled(SPORT + MONEY, ["sport"] * 9 + ["money"] * 11)  # the last one about sport is called money
    found = cross_validate("probe", "stable", examples, Resources(), Stream(1), folds=5)
    assert found.probabilities.shape == (20, 2)
    assert found.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert found.probabilities[9, examples.labels.index("sport")] > 0.5


def test_classes_may_all_be_smaller_than_the_number_of_folds() -> None:
    found = scores(labelled(SPORT[:3] + MONEY[:3] + ["rain in Rome", "sun in Oslo"], [*"aaabbbcc"]), folds=5)
    assert (found["n_texts"], found["folds"]) == (8, 5)
