"""Uncertainty sampling on hand-made probabilities."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.predicted import PredictedFeatures
from alps.selectors import top_k

NONE = np.empty(0, dtype=np.int64)
# Row 2 has the highest entropy, row 1 the smallest margin, row 3 the smallest largest probability but one.
PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.48, 0.48, 0.04], [0.5, 0.26, 0.24], [1.0, 0.0, 0.0]], np.float32)


def features(probabilities: object, hidden: object = None, samples: object = None) -> PredictedFeatures:
    p = np.asarray(probabilities, np.float32)
    h = np.ones((len(p), 1), np.float32) if hidden is None else np.asarray(hidden, np.float32)
    draws = None if samples is None else np.asarray(samples, np.float32)
    return PredictedFeatures(h, np.ones(len(p), np.int64), probabilities=p, samples=draws)


def multi_label(probabilities: object, samples: object = None) -> PredictedFeatures:
    return replace(features(probabilities, samples=samples), multi_label=True)


def choose(score: str, k: int, candidates: np.ndarray | None = None) -> list[int]:
    rows = np.arange(4) if candidates is None else candidates
    return top_k.select(features(PROBABILITIES), rows, NONE, k, Stream(0), score=score).rows.tolist()


@pytest.mark.parametrize(
    ("score", "order"),
    [("entropy", [2, 1, 0, 3]), ("least-confidence", [1, 2, 0, 3]), ("margin", [1, 2, 0, 3])],
)
def test_the_least_sure_first(score: str, order: list[int]) -> None:
    assert choose(score, 4) == order
    assert choose(score, 2) == order[:2]


def test_values() -> None:
    some = features(PROBABILITIES)
    expected = -(0.5 * np.log(0.5) + 0.26 * np.log(0.26) + 0.24 * np.log(0.24))
    assert top_k.entropy(some)[2] == pytest.approx(expected, abs=1e-6)
    assert top_k.least_confidence(some) == pytest.approx([0.1, 0.52, 0.5, 0.0], abs=1e-6)
    assert top_k.margin(some) == pytest.approx([0.2, 1.0, 0.76, 0.0], abs=1e-6)


def test_bald_is_what_the_draws_disagree_about() -> None:
    """Draws that contradict each other: ln 2. Draws that agree on one half: unsure, but nothing to learn: 0."""
    samples = [[[1, 0], [0, 1]], [[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.9, 0.1]]]
    some = features([[0.5, 0.5]] * 3, samples=samples)
    assert top_k.bald(some) == pytest.approx([np.log(2), 0.0, 0.0], abs=1e-6)
    assert top_k.entropy(some) == pytest.approx([np.log(2)] * 3, abs=1e-6)
    with pytest.raises(AlpsError, match="needs samples"):
        top_k.bald(features(PROBABILITIES))


def test_egl_is_the_expected_length_of_the_last_layers_gradient() -> None:
    """For p = (0.8, 0.2) and |h| = 5: 5 (0.8 |p - e_1| + 0.2 |p - e_2|) = 5 (0.8 * 0.2 + 0.2 * 0.8) sqrt 2."""
    some = features([[0.8, 0.2], [1.0, 0.0]], hidden=[[3, 4], [30, 40]])
    assert top_k.egl(some) == pytest.approx([5 * 0.32 * 2**0.5, 0.0], abs=1e-5)


def test_egl_against_autograd() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(4, 3)
    hidden = torch.randn(4)
    p = layer(hidden).softmax(0).detach()
    expected = 0.0
    for y in range(3):
        layer.zero_grad()
        torch.nn.functional.cross_entropy(layer(hidden), torch.tensor(y)).backward()
        assert layer.weight.grad is not None
        expected += float(p[y] * layer.weight.grad.norm())
    assert top_k.egl(features(p[None].numpy(), hidden[None].numpy()))[0] == pytest.approx(expected, rel=1e-5)


def test_ties_go_by_row_and_only_candidates_are_taken() -> None:
    picks = top_k.select(features(np.full((5, 2), 0.5)), np.array([4, 1, 3]), NONE, 2, Stream(0))
    assert picks.rows.tolist() == [1, 3]
    assert choose("entropy", 2, np.array([0, 3])) == [0, 3]


@pytest.mark.parametrize("score", ["entropy", "least-confidence", "margin", "egl"])
def test_one_class_leaves_nothing_to_be_unsure_about(score: str) -> None:
    picks = top_k.select(features(np.ones((3, 1))), np.arange(3), NONE, 3, Stream(0), score=score)
    assert picks.rows.tolist() == [0, 1, 2]


def test_mistakes_are_told() -> None:
    with pytest.raises(AlpsError, match="choose one of entropy, least-confidence, margin, bald, egl"):
        choose("doubt", 1)
    with pytest.raises(AlpsError, match="looks at predictions"):
        top_k.select(Features(PROBABILITIES, np.ones(4, np.int64)), np.arange(4), NONE, 1, Stream(0))


def joint(p: list[float]) -> dict[tuple[int, ...], float]:
    """The probability of every set of labels, the classes being independent."""
    sets = product((0, 1), repeat=len(p))
    return {y: float(np.prod([q if on else 1 - q for q, on in zip(p, y, strict=True)])) for y in sets}


def test_several_labels_entropy_and_confidence_are_those_of_the_set() -> None:
    rows = [[0.9, 0.2, 0.5], [1.0, 0.0, 1.0]]
    some = multi_label(rows)
    probabilities = [[value for value in joint(p).values() if value] for p in rows]
    assert top_k.entropy(some) == pytest.approx([-sum(p * np.log(p) for p in row) for row in probabilities], abs=1e-6)
    assert top_k.least_confidence(some) == pytest.approx([1 - max(row) for row in probabilities], abs=1e-6)


def test_several_labels_margin_is_that_of_the_closest_class() -> None:
    assert top_k.margin(multi_label([[0.9, 0.4], [0.1, 1.0], [0.5, 0.0]])) == pytest.approx([0.8, 0.2, 1.0], abs=1e-6)


def test_several_labels_bald_adds_up_the_classes() -> None:
    """The draws contradict each other in the first class only: ln 2; in both: twice that; in none: 0."""
    samples = [[[1, 0.5], [0, 0.5]], [[1, 0], [0, 1]], [[0.9, 0.3], [0.9, 0.3]]]
    found = top_k.bald(multi_label(np.mean(samples, axis=1), samples))
    assert found == pytest.approx([np.log(2), 2 * np.log(2), 0.0], abs=1e-6)


def test_several_labels_have_no_egl() -> None:
    with pytest.raises(AlpsError, match="one label a text"):
        top_k.egl(multi_label([[0.5, 0.5]]))
