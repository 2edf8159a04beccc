"""Scores, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from alps.simulation.evaluate import score


def test_scores_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    true = np.array(list("abcd"), dtype=object)[generator.integers(3, size=200)]
    predicted = np.array(list("abcd"), dtype=object)[generator.integers(4, size=200)]
    found = score(true, predicted, ["a", "b", "c", "d", "never"])
    assert found.overall["micro_f1"] == pytest.approx(f1_score(true, predicted, average="micro"))
    assert found.overall["macro_f1"] == pytest.approx(f1_score(true, predicted, average="macro"))
    theirs = precision_recall_fscore_support(true, predicted, labels=["b"], zero_division=0)
    ours = found.per_class["b"]
    assert [ours["precision"], ours["recall"], ours["f1"], ours["support"]] == pytest.approx(
        [float(values[0]) for values in theirs]
    )
    assert "never" not in found.per_class
