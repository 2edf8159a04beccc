"""Temperature scaling, against temperatures that are known."""

from __future__ import annotations

import numpy as np
import pytest

from alps.models.calibration import temperature
from alps.models.linear_head import MULTI_LABEL, SINGLE_LABEL


def answers(share: float, n: int) -> np.ndarray:
    """The first class is right for a share of n texts."""
    first = np.arange(n) < share * n
    return np.stack([first, ~first], axis=1)


def test_the_temperature_makes_confidence_what_is_right_as_often() -> None:
    # The classifier says log-odds 4, that is 98 %; 80 % are right: log-odds ln 4.
    found = temperature(np.array([[4.0, 0.0]] * 1000), answers(0.8, 1000), SINGLE_LABEL)
    assert 4.0 / found == pytest.approx(np.log(4.0), rel=0.01)


def test_each_class_for_itself_where_there_may_be_several() -> None:
    logits = np.array([[4.0, -4.0]] * 1000)
    found = temperature(logits, answers(0.8, 1000), MULTI_LABEL)
    assert 4.0 / found == pytest.approx(np.log(4.0), rel=0.01)


def test_timid_predictions_are_made_surer() -> None:
    assert temperature(np.array([[0.1, 0.0]] * 1000), answers(0.8, 1000), SINGLE_LABEL) < 0.1


def test_a_few_right_answers_do_not_make_it_certain() -> None:
    logits, right = np.array([[1.0, 0.0]] * 20), answers(1.0, 20)
    found = 1.0 / (1.0 + np.exp(-1.0 / temperature(logits, right, SINGLE_LABEL)))
    assert 0.9 < found < 0.999
