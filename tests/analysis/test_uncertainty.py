"""Equation 4 by hand, and the check that the classifier is trained, which the published numbers do not pass."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from alps.analysis.uncertainty import check_trained, uncertainties, uncertainty
from alps.base.errors import AlpsError
from alps.models.entropy import predictive_entropy


def test_the_mean_entropy_of_what_is_labelled() -> None:
    probabilities = [[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]]
    assert uncertainty(probabilities, [0, 1]) == pytest.approx(np.log(2) / 2)
    assert uncertainties(probabilities, [[0], [1]]) == pytest.approx([np.log(2), np.log(2) / 2])
    assert uncertainties(probabilities, [[0], [1]], cumulative=False) == pytest.approx([np.log(2), 0.0])


def test_a_uniform_row_has_the_entropy_ln_c() -> None:
    assert predictive_entropy(np.full((1, 4), 0.25)) == pytest.approx([np.log(4)])


def test_an_untrained_classifier_is_refused() -> None:
    gold = np.arange(100) % 4
    with pytest.raises(AlpsError, match=r"next to ln 4 = 1\.386"):
        check_trained(np.full((100, 4), 0.25), gold)
    always_the_first = np.tile([0.97, 0.01, 0.01, 0.01], (100, 1))
    with pytest.raises(AlpsError, match=r"right on 25\.0% of 100 texts"):
        check_trained(always_the_first, gold)


def test_a_trained_classifier_passes() -> None:
    gold = np.arange(100) % 4
    check_trained(np.eye(4)[gold] * 0.8 + 0.05, gold)


def test_nothing_labelled_has_no_uncertainty() -> None:
    with pytest.raises(AlpsError, match="Nothing is labelled"):
        uncertainty([[0.5, 0.5]], [])


def test_the_published_values_are_those_of_an_untrained_classifier(data_folder: Path) -> None:
    file = data_folder.parent / "research" / "alps_paper_analysis.csv"
    if not file.is_file():
        pytest.skip("the published analysis is not there")
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for task, n_classes in (("agnews", 4), ("pubmed", 5)):
        published = np.asarray([float(row["uncertainty"]) for row in rows if row["task"] == task])
        assert len(published) > 50
        assert np.all(published > 0.95 * np.log(n_classes))
        assert np.all(published <= np.log(n_classes))
