"""CAL on hand-made points: neighbours among the labelled only, and the right way round of the divergence."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.predicted import PredictedFeatures
from alps.selectors import cal


def features(points: list[float], p: list[float]) -> PredictedFeatures:
    """Texts on a line, and the probability of the first of two classes."""
    probabilities = np.array([[value, 1 - value] for value in p], np.float32)
    matrix = np.array(points, np.float32)[:, None]
    return PredictedFeatures(matrix, np.ones(len(points), np.int64), probabilities=probabilities)


# Rows 0 to 2 are unlabelled; 3 and 4 are labelled, at 0 and at 10.
SOME = features([0.1, 0.2, 9.9, 0.0, 10.0], [0.9, 0.5, 0.5, 0.9, 0.5])
CANDIDATES, LABELLED = np.arange(3), np.array([3, 4])


def test_a_text_predicted_otherwise_than_its_labelled_neighbour_comes_first() -> None:
    """Row 0 agrees with 3, row 2 with 4; row 1 lies beside 3 and disagrees with it."""
    picks = cal.select(SOME, CANDIDATES, LABELLED, 3, Stream(0), neighbours=1)
    assert picks.rows.tolist() == [1, 0, 2]


def test_the_score_is_the_divergence_of_the_text_from_its_neighbours() -> None:
    scores = cal.contrast(SOME.take(CANDIDATES), SOME.take(LABELLED), 1)
    assert scores == pytest.approx([0.0, 0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5), 0.0], abs=1e-6)


def test_with_more_neighbours_than_labelled_texts_it_is_the_mean_over_all() -> None:
    apart = 0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1)  # neighbour 4, text 0
    together = 0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5)  # neighbour 3, texts 1 and 2
    scores = cal.contrast(SOME.take(CANDIDATES), SOME.take(LABELLED), 10)
    assert scores == pytest.approx([apart / 2, together / 2, together / 2], abs=1e-6)


def test_a_certain_prediction_gives_a_finite_score() -> None:
    scores = cal.contrast(features([0.0], [1.0]), features([0.0], [0.5]), 1)
    assert np.isfinite(scores).all() and scores[0] > 10


def test_without_labelled_texts_it_is_refused() -> None:
    with pytest.raises(AlpsError, match="label some first"):
        cal.select(SOME, CANDIDATES, np.empty(0, np.int64), 1, Stream(0))


def test_several_labels_divergence_is_that_of_the_sets() -> None:
    """Of two independent classes: the divergence over the four sets of labels."""
    text, neighbour = np.array([[0.7, 0.4]]), np.array([[0.9, 0.2]])
    some, other = (
        PredictedFeatures(np.zeros((1, 1), np.float32), np.ones(1, np.int64), probabilities=p.astype(np.float32),
                          multi_label=True)
        for p in (text, neighbour)
    )  # fmt: skip

    def sets(p: np.ndarray) -> np.ndarray:
        return np.outer([p[0, 0], 1 - p[0, 0]], [p[0, 1], 1 - p[0, 1]])

    expected = (sets(neighbour) * np.log(sets(neighbour) / sets(text))).sum()
    assert cal.contrast(some, other, 1) == pytest.approx([expected], abs=1e-6)
