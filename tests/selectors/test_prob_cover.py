"""ProbCover: equal to the plain greedy choice, and the radius from its definition, on hand-made points."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import prob_cover

NONE = np.empty(0, dtype=np.int64)


def features(points: object, copies: object = None) -> Features:
    matrix = np.asarray(points, dtype=np.float32)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def choose(some: Features, k: int, radius: float | None, labelled: np.ndarray = NONE, seed: int = 0) -> list[int]:
    candidates = np.setdiff1d(np.arange(some.n), labelled)
    return prob_cover.select(some, candidates, labelled, k, Stream(seed), radius=radius).rows.tolist()


def plain_greedy(points: np.ndarray, weights: np.ndarray, labelled: list[int], k: int, radius: float) -> list[int]:
    """Degrees computed anew at every step, until all is covered."""
    near = np.linalg.norm(points[:, None] - points, axis=2) < radius
    covered = near[labelled].any(axis=0)
    covered[labelled] = True
    chosen: list[int] = []
    while len(chosen) < k and not covered.all():
        degrees = (near & ~covered) @ weights
        degrees[labelled] = -1
        chosen.append(int(np.argmax(degrees)))
        covered |= near[chosen[-1]]
    return chosen


@pytest.mark.parametrize("labelled", [[], [3, 8]])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_the_plain_greedy_choice(labelled: list[int], form: type) -> None:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(60, 2)).astype(np.float32)
    weights = generator.integers(1, 4, 60)
    expected = plain_greedy(points, weights, labelled, 9, 0.7)
    assert len(expected) == 9  # not all is covered yet
    assert choose(Features(form(points), weights), 9, 0.7, np.array(labelled, np.int64)) == expected


def test_the_middle_of_the_larger_cloud_then_of_the_smaller() -> None:
    """Row 2 covers all five within 2.5. In the cloud of four rows 6 and 7 do, and 5 and 8 do not."""
    line = [0.0, 1.0, 2.0, 3.0, 4.0, 100.0, 101.0, 102.0, 103.0]
    assert choose(features(line), 1, 2.5) == [2]
    assert choose(features(line), 2, 2.5) == [2, 6]


def test_a_text_at_the_radius_is_not_covered() -> None:
    """At radius 1 every text covers itself only and ties go by row; a little more, and the middle one covers all."""
    assert choose(features([0.0, 1.0, 2.0]), 1, 1.0) == [0]
    assert choose(features([0.0, 1.0, 2.0]), 1, 1.01) == [1]


def test_copies_weigh_as_often_as_they_occur() -> None:
    assert choose(features([0.0, 0.5, 50.0], [1, 1, 3]), 2, 1.0) == [2, 0]


def test_what_is_labelled_covers_its_ball_beforehand() -> None:
    line = features([0.0, 0.1, 0.2, 0.3, 50.0, 50.1])
    assert choose(line, 1, 1.0) == [0]
    assert choose(line, 1, 1.0, np.array([3])) == [4]


def test_when_all_is_covered_the_farthest_comes_next_and_none_twice() -> None:
    """Row 1 covers all. The farthest from it is row 4, then row 0 (2 away from 1), then 3 (1 away) and 2."""
    line = features([0.0, 2.0, 2.5, 3.5, 4.5])
    assert choose(line, 5, 3.0) == [1, 4, 0, 3, 2]


def test_twins_and_isolated_texts_are_never_chosen_twice() -> None:
    assert choose(features(np.arange(8) * 10), 8, 1.0) == list(range(8))
    assert sorted(choose(features(np.ones((5, 2))), 5, 1.0)) == list(range(5))
    assert sorted(choose(features(np.ones((5, 2))), 5, None)) == list(range(5))


def test_everything_labelled_covers_everything() -> None:
    """Nothing is left to cover from the start: the farthest from what is labelled."""
    assert choose(features([0.0, 0.5, 0.9, 0.2]), 2, 1.0, np.array([0])) == [2, 1]


def test_every_text_can_be_chosen_the_last_ones_too() -> None:
    """520 isolated texts, then a cloud of ten: the released code never chooses one after the 500th."""
    points = np.concatenate([np.arange(520) * 10.0, 9000 + np.arange(10) / 10])
    assert choose(features(points), 2, 0.55)[0] == 524  # all but the last of the cloud; 525 all but the first


def a_cloud_and_one_afar() -> Features:
    """Nineteen texts at 0, ..., 18 and one at 100; two-means cuts between them."""
    return features([*range(19), 100])


def test_the_radius_is_the_largest_with_95_percent_pure_balls() -> None:
    """
    The balls of 100 and 18 are pure up to 82, that of 17 up to 83, and so on.

    Of twenty balls nineteen have to be pure, so no more than one of the first two may be left out: 82. With twenty
    more copies of the text at 0, which has a pure ball, 38 of forty have to be, and both may be: 83.
    """
    some, copies = a_cloud_and_one_afar(), np.ones(20, np.int64)
    assert prob_cover.pure_radius(some, 2, Stream(0)) == pytest.approx(82.0)
    copies[0] = 21
    assert prob_cover.pure_radius(Features(some.matrix, copies), 2, Stream(0)) == pytest.approx(83.0)


def test_the_nearest_text_of_another_class_lies_outside_of_the_ball() -> None:
    """Two clouds of two, 7 apart: at the radius 7 every text covers its twin, and none the other cloud."""
    some = features([[0.0, 0.0], [0.0, 0.0], [7.0, 0.0], [7.0, 0.0]])
    assert prob_cover.pure_radius(some, 2, Stream(0)) == 7.0
    assert prob_cover.select(some, np.arange(4), NONE, 2, Stream(0), n_classes=2).rows.tolist() == [0, 2]
    root = features([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    graph = prob_cover._graph(root, np.arange(4), prob_cover.pure_radius(root, 2, Stream(0)))
    assert graph.nnz == 8  # though the square of the root of 2 is more than 2


def test_the_radius_against_its_definition() -> None:
    generator = np.random.default_rng(1)
    points = np.concatenate([generator.normal(0, 1, (60, 2)), generator.normal(5, 1, (41, 2))]).astype(np.float32)
    some = features(points)
    radius = prob_cover.pure_radius(some, 2, Stream(0))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    label = (points.sum(axis=1) > 5).astype(int)  # what two-means finds

    def share_of_pure_balls(delta: float) -> float:
        return float(np.mean([len(set(label[row < delta])) == 1 for row in distances]))

    assert share_of_pure_balls(radius - 1e-4) >= 0.95 > share_of_pure_balls(radius + 1e-4)


def test_the_radius_does_not_change_from_round_to_round(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    plain = prob_cover.pure_radius
    monkeypatch.setattr(prob_cover, "pure_radius", lambda *given: found.append(plain(*given)) or found[-1])
    some = features(np.random.default_rng(2).normal(size=(80, 3)))
    for labelled in (NONE, np.array([5, 70]), np.array([70, 5, 0, 33])):
        choose(some, 3, None, labelled, seed=4)
    assert found[0] == found[1] == found[2] > 0


def test_one_cluster_is_one_ball() -> None:
    some = features([0.0, 1.0, 5.0])
    assert prob_cover.pure_radius(some, 1, Stream(0)) == np.inf
    picks = prob_cover.select(some, np.arange(3), NONE, 2, Stream(0), n_classes=1)
    assert picks.rows.tolist() == [0, 2]  # all is covered by the first


def test_a_sample_of_the_balls_gives_nearly_the_same_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    some = features(np.random.default_rng(3).normal(size=(900, 2)))
    every = prob_cover.pure_radius(some, 3, Stream(0))
    monkeypatch.setattr(prob_cover, "MAX_BALLS", 600)
    sampled = [prob_cover.pure_radius(some, 3, Stream(seed)) for seed in (0, 0, 1)]
    assert sampled[0] == sampled[1]
    assert sampled[0] == pytest.approx(every, rel=0.5)


def clouds_of_60_and_40() -> Features:
    return features(np.concatenate([np.zeros(60), np.full(40, 100.0)]) + np.arange(100) / 1000)


@pytest.mark.parametrize(("limit", "value"), [("MAX_COVERED", 50), ("MAX_EDGES", 2500)])
def test_a_large_pool_or_graph_is_covered_through_a_sample(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The full graph has 60^2 + 40^2 edges."""
    monkeypatch.setattr(prob_cover, limit, value)
    some = clouds_of_60_and_40()
    for seed in range(5):
        first, second = choose(some, 2, 5.0, seed=seed)
        assert first < 60 <= second
    assert choose(some, 2, 5.0, seed=1) == choose(some, 2, 5.0, seed=1)


def test_the_graph_is_as_large_as_allowed_whatever_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows 0, 1, 2 have three edges each, row 3 has one: with at most 7 edges 0, 1 and 3 go in, but not 2 before 3."""
    some = features([0.0, 1.0, 2.0, 50.0])
    order = np.array([0, 1, 3, 2])
    whole = prob_cover._graph(some, order, 5.0)
    assert whole.toarray().astype(int).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 0]]
    monkeypatch.setattr(prob_cover, "MAX_EDGES", 7)
    for at_once in (1, 2, 256):
        monkeypatch.setattr(prob_cover, "_POINTS_AT_ONCE", at_once)
        assert (prob_cover._graph(some, order, 5.0) != whole[:3]).nnz == 0
    monkeypatch.setattr(prob_cover, "MAX_EDGES", 2)
    assert prob_cover._graph(some, order, 5.0).toarray().astype(int).tolist() == [[1, 1, 1, 0]]


def test_mistakes_are_told() -> None:
    with pytest.raises(AlpsError, match=r"radius of ProbCover is 0\.0; give a distance greater than 0"):
        choose(a_cloud_and_one_afar(), 1, 0.0)
    with pytest.raises(AlpsError, match="radius of ProbCover is nan"):
        choose(a_cloud_and_one_afar(), 1, float("nan"))
    with pytest.raises(AlpsError, match="n_classes is 0; give the number of classes"):
        prob_cover.select(a_cloud_and_one_afar(), np.arange(20), NONE, 1, Stream(0), n_classes=0)
