"""Uncertainty sampling on hand-made probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import top_k

NONE = np.empty(0, dtype=np.int64)
# Row 2 has the highest entropy, row 1 the smallest margin, row 3 the smallest largest probability but one.
PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.48, 0.48, 0.04], [0.5, 0.26, 0.24], [1.0, 0.0, 0.0]], np.float32)


def choose(score: str, k: int, candidates: np.ndarray | None = None) -> list[int]:
    features = Features(PROBABILITIES, np.ones(4, np.int64))
    rows = np.arange(4) if candidates is None else candidates
    return top_k.select(features, rows, NONE, k, Stream(0), score=score).rows.tolist()


@pytest.mark.parametrize(
    ("score", "order"),
    [("entropy", [2, 1, 0, 3]), ("least-confidence", [1, 2, 0, 3]), ("margin", [1, 2, 0, 3])],
)
def test_the_least_sure_first(score: str, order: list[int]) -> None:
    assert choose(score, 4) == order
    assert choose(score, 2) == order[:2]


def test_values() -> None:
    wide = PROBABILITIES.astype(np.float64)
    assert top_k.entropy(wide)[2] == pytest.approx(
        -(0.5 * np.log(0.5) + 0.26 * np.log(0.26) + 0.24 * np.log(0.24)), abs=1e-6
    )
    assert top_k.least_confidence(wide) == pytest.approx([0.1, 0.52, 0.5, 0.0], abs=1e-6)
    assert top_k.margin(wide) == pytest.approx([0.2, 1.0, 0.76, 0.0], abs=1e-6)


def test_ties_go_by_row_and_only_candidates_are_taken() -> None:
    features = Features(np.full((5, 2), 0.5, np.float32), np.ones(5, np.int64))
    picks = top_k.select(features, np.array([4, 1, 3]), NONE, 2, Stream(0))
    assert picks.rows.tolist() == [1, 3]
    assert choose("entropy", 2, np.array([0, 3])) == [0, 3]


def test_one_class_leaves_nothing_to_be_unsure_about() -> None:
    features = Features(np.ones((3, 1), np.float32), np.ones(3, np.int64))
    for score in top_k.SCORES:
        assert top_k.select(features, np.arange(3), NONE, 3, Stream(0), score=score).rows.tolist() == [0, 1, 2]


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(AlpsError, match="choose one of entropy, least-confidence, margin"):
        choose("doubt", 1)
