"""Greedy k-center on hand-made points."""

from __future__ import annotations

import numpy as np

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import k_center


def line(*points: float) -> Features:
    return Features(np.array(points, np.float32)[:, None], np.ones(len(points), np.int64))


def choose(features: Features, labelled: list[int], k: int, seed: int = 0) -> list[int]:
    candidates = np.setdiff1d(np.arange(features.n), labelled)
    return k_center.select(features, candidates, np.array(labelled, np.int64), k, Stream(seed)).rows.tolist()


def test_the_farthest_from_the_labelled_then_from_the_chosen() -> None:
    # 0 is labelled; 10 is farthest; then 4 (4 away from 0) before 7 (3 away from 10) and 1.
    assert choose(line(0, 1, 4, 7, 10), [0], 3) == [4, 2, 3]


def test_ties_go_by_row() -> None:
    assert choose(line(0, -5, 5), [0], 1) == [1]


def test_without_labels_the_first_is_any_text_and_the_second_the_farthest_from_it() -> None:
    firsts = set()
    for seed in range(40):
        first, second = choose(line(0, 1, 2, 10), [], 2, seed)
        firsts.add(first)
        assert second == (0 if first == 3 else 3)
    assert firsts == {0, 1, 2, 3}


def test_the_covering_radius_is_at_most_twice_the_best() -> None:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(12, 2)).astype(np.float32)
    features = Features(points, np.ones(12, np.int64))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    best = min(distances[:, [a, b, c]].min(axis=1).max() for a in range(12) for b in range(a) for c in range(b))
    for seed in range(12):
        assert distances[:, choose(features, [], 3, seed)].min(axis=1).max() <= 2 * best + 1e-6


def test_twins_are_taken_last_and_never_twice() -> None:
    assert sorted(choose(line(1, 1, 1, 2), [3], 3)) == [0, 1, 2]


def test_every_text_stands_for_the_texts_nearest_to_it() -> None:
    picks = k_center.select(line(0, 1, 9, 10), np.arange(4), np.empty(0, np.int64), 2, Stream(0))
    assert picks.cluster_sizes is not None
    assert picks.cluster_sizes.tolist() == [2, 2]
