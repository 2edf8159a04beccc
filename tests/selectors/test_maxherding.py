"""MaxHerding: equal to the plain greedy choice, and to the formula on hand-made points."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import maxherding

NONE = np.empty(0, dtype=np.int64)


def features(points: object, copies: object = None) -> Features:
    matrix = np.asarray(points, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def plain_greedy(points: np.ndarray, weights: np.ndarray, labelled: list[int], k: int, width: float) -> list[int]:
    """Coverage computed anew for every candidate at every step."""
    kernel = np.exp(-np.sum((points[:, None] - points) ** 2, axis=2) / width**2)
    free = [row for row in range(len(points)) if row not in labelled]
    chosen: list[int] = []
    while len(chosen) < k:
        open_ = [row for row in free if row not in chosen]
        coverage = [float(weights[free] @ kernel[free][:, [*labelled, *chosen, row]].max(axis=1)) for row in open_]
        chosen.append(open_[int(np.argmax(np.round(coverage, 5)))])
    return chosen


@pytest.mark.parametrize("labelled", [[], [3, 8]])
def test_the_plain_greedy_choice(labelled: list[int]) -> None:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(30, 3)).astype(np.float32)
    weights = generator.integers(1, 4, 30)
    candidates = np.setdiff1d(np.arange(30), labelled)
    chosen = maxherding.select(
        features(points, weights), candidates, np.array(labelled, np.int64), 8, Stream(0), bandwidth=1.5
    ).rows
    assert chosen.tolist() == plain_greedy(points, weights, labelled, 8, 1.5)


def test_the_middle_of_the_larger_cloud_then_of_the_smaller() -> None:
    points = [[0.0], [1.0], [2.0], [100.0], [101.0]]
    chosen = maxherding.select(features(points), np.arange(5), NONE, 2, Stream(0), bandwidth=2.0).rows
    assert chosen[0] == 1
    assert chosen[1] in (3, 4)


def test_copies_draw_the_choice() -> None:
    chosen = maxherding.select(features([[0.0], [50.0]], [1, 2]), np.arange(2), NONE, 1, Stream(0), bandwidth=1.0)
    assert chosen.rows.tolist() == [1]


def test_the_bandwidth_is_the_authors_whatever_is_labelled_and_however_many_are_asked_for() -> None:
    points = np.random.default_rng(1).normal(size=(120, 8)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labelled, candidates = np.arange(20), np.arange(20, 120)
    five, ten = (maxherding.select(features(points), candidates, labelled, k, Stream(0)).rows.tolist() for k in (5, 10))
    assert ten == plain_greedy(points, np.ones(120), labelled.tolist(), 10, 1.0)
    assert ten[:5] == five


def test_a_large_pool_is_covered_through_a_sample_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maxherding, "MAX_COVERED", 40)
    points = np.concatenate([np.zeros(60), np.full(40, 100.0)])[:, None] + np.arange(100)[:, None] / 1000
    chosen = maxherding.select(features(points), np.arange(100), NONE, 2, Stream(0), bandwidth=5.0).rows
    assert (chosen[0] < 60) and (chosen[1] >= 60)


def test_one_text_and_all_texts() -> None:
    one = maxherding.select(features([[1.0]]), np.arange(1), NONE, 1, Stream(0)).rows
    assert one.tolist() == [0]
    same = maxherding.select(features(np.ones((4, 2))), np.arange(4), NONE, 4, Stream(0)).rows
    assert sorted(same.tolist()) == [0, 1, 2, 3]
