"""USL: equal to the plain formula, and what it does on hand-made points."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import usl

NONE = np.empty(0, dtype=np.int64)


def features(points: object, copies: object = None) -> Features:
    matrix = np.asarray(points, dtype=np.float32)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def three_clouds() -> np.ndarray:
    """Twenty points around each of (0, 0), (8, 0) and (0, 8)."""
    middle = np.repeat([[0, 0], [8, 0], [0, 8]], 20, axis=0)
    return (middle + np.random.default_rng(0).normal(size=(60, 2))).astype(np.float32)


def plain(points: np.ndarray, cluster: np.ndarray, labelled: list[int], neighbours: int) -> list[int]:
    """The method, distances among all points; cluster -1 stands for what is labelled."""
    distances = np.linalg.norm(points[:, None] - points, axis=2).astype(np.float64)
    mean = np.array([np.sort(np.delete(line, i))[:neighbours].mean() for i, line in enumerate(distances)])
    regulariser = np.zeros(len(points))
    chosen: list[int] = []
    for _ in range(10):
        if chosen:
            now = np.zeros(len(points))
            for i in range(len(points)):
                for q in [*chosen, *labelled]:
                    if cluster[q] != cluster[i] and q != i:
                        now[i] += 1 / distances[i, q]  # |z - q|^(-2 alpha), alpha = 1/2
            regulariser = 0.9 * regulariser + 0.1 * now
        value = 1 / mean - 0.5 * regulariser
        members = [np.flatnonzero(cluster == j) for j in range(cluster.max() + 1)]
        chosen = [int(rows[np.argmax(value[rows])]) for rows in members]
    return chosen


@pytest.mark.parametrize("labelled", [[], [3, 47, 21]])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_the_plain_formula(labelled: list[int], form: type) -> None:
    points = three_clouds()
    cluster = np.repeat([0, 1, 2], 20)
    cluster[labelled] = -1
    candidates = np.setdiff1d(np.arange(60), labelled)
    some = Features(form(points), np.ones(60, np.int64))
    picks = usl.select(some, candidates, np.array(labelled, np.int64), 3, Stream(0), neighbours=7)
    assert sorted(picks.rows.tolist()) == plain(points, cluster, labelled, 7)
    for neighbours in (1, 20, 59):
        found = usl.select(some, candidates, np.array(labelled, np.int64), 3, Stream(0), neighbours=neighbours)
        assert sorted(found.rows.tolist()) == plain(points, cluster, labelled, neighbours)


def test_density_is_the_inverse_of_the_mean_distance_to_the_nearest_others() -> None:
    """Two neighbours each. For 0: 1 and 2 -> 1 / 1.5; for 10: 4 and 2 away from 4 -> 6 and 8 -> 1 / 7."""
    found = usl.density(features([0.0, 1.0, 2.0, 4.0, 10.0]), 2, Stream(0))
    assert found == pytest.approx([1 / 1.5, 1 / 1.0, 1 / 1.5, 1 / 2.5, 1 / 7.0])


def test_all_other_texts_are_near_where_there_are_few() -> None:
    found = usl.density(features([0.0, 1.0, 3.0]), 400, Stream(0))
    assert found == pytest.approx([1 / 2, 1 / 1.5, 1 / 2.5])
    assert usl.density(features([3.0]), 400, Stream(0)).tolist() == [0.0]
    assert usl.density(features([1.0, 1.0]), 400, Stream(0)) == pytest.approx([1e6, 1e6])


def test_density_in_blocks_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    some = features(three_clouds())
    whole = usl.density(some, 5, Stream(0))
    monkeypatch.setattr(usl, "rows_for", lambda n: 7)
    np.testing.assert_array_equal(usl.density(some, 5, Stream(0)), whole)


def test_a_large_pool_is_compared_with_a_sample_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 points on a line, 100 are sampled: for 40 neighbours, the 20 nearest sampled others."""
    points = np.arange(200.0)
    monkeypatch.setattr(usl, "MAX_COMPARED", 100)
    sampled = np.sort(Stream(5).generator().choice(200, 100, replace=False))
    expected = [1 / np.sort(np.abs(np.delete(sampled, np.flatnonzero(sampled == i)) - i))[:20].mean() for i in points]
    assert usl.density(features(points), 40, Stream(5)) == pytest.approx(expected)


def test_picks_are_pushed_away_from_each_other() -> None:
    """Two clusters of two texts of equal density: by row the inner ones would be taken, but the outer ones are."""
    line = features([-5.0, -8.0, 5.0, 8.0])
    assert sorted(usl.select(line, np.arange(4), NONE, 2, Stream(0), neighbours=1).rows.tolist()) == [1, 3]


def test_a_much_denser_text_is_taken_all_the_same() -> None:
    """The inner texts have a twin nearly; half of 1 / |z - q| is too little to outweigh that."""
    line = features([-5.0, -8.0, 5.0, 8.0, -5.1, 5.1])
    chosen = usl.select(line, np.arange(6), NONE, 2, Stream(0), neighbours=1).rows
    assert sorted(chosen.tolist()) == [4, 5]  # of the nearly twins, those farther from the others


@pytest.mark.parametrize(("labelled", "expected"), [([], 0), ([2], 1), ([3], 0), ([2, 3], 0)])
def test_labelled_texts_repel(labelled: list[int], expected: int) -> None:
    """
    One cluster of the texts at 0 and 10, by row the first; -1 and 11 may be labelled.

    With -1 labelled, 0 is denser (1 / 5.5 against 1 / 10.5), but -1 repels it more: 1 / 1 against 1 / 11, times
    1/2 (1 - 0.9^9) = 0.31.
    """
    line = features([0.0, 10.0, -1.0, 11.0])
    picks = usl.select(line, np.array([0, 1]), np.array(labelled, np.int64), 1, Stream(0))
    assert picks.rows.tolist() == [expected]


def test_a_copy_of_a_labelled_text_comes_last() -> None:
    line = features([0.0, 5.0, 0.0])
    picks = usl.select(line, np.array([0, 1]), np.array([2]), 1, Stream(0))
    assert picks.rows.tolist() == [1]


def test_one_of_each_cluster_with_its_size() -> None:
    copies = np.ones(60, np.int64)
    copies[25] = 5
    picks = usl.select(features(three_clouds(), copies), np.arange(60), NONE, 3, Stream(1))
    assert picks.cluster_sizes is not None
    found = {int(row) // 20: int(size) for row, size in zip(picks.rows, picks.cluster_sizes, strict=True)}
    assert found == {0: 20, 1: 24, 2: 20}


def test_empty_clusters_are_made_up_for_among_the_texts_left() -> None:
    """Three distinct points, the first three times: three clusters of five; a fourth and fifth text are twins."""
    some = features([1.0, 1.0, 1.0, 2.0, 9.0], [2, 1, 1, 1, 1])
    picks = usl.select(some, np.arange(5), NONE, 5, Stream(0))
    assert sorted(picks.rows[:3].tolist()) == [0, 3, 4]
    assert sorted(picks.rows[3:].tolist()) == [1, 2]
    assert picks.cluster_sizes is not None
    assert dict(zip(picks.rows.tolist(), picks.cluster_sizes.tolist(), strict=True)) == {0: 2, 1: 1, 2: 1, 3: 1, 4: 1}
    four = usl.select(some, np.arange(5), NONE, 4, Stream(0))
    assert four.cluster_sizes is not None
    assert dict(zip(four.rows.tolist(), four.cluster_sizes.tolist(), strict=True)) == {0: 3, 1: 1, 3: 1, 4: 1}


def test_a_pool_can_be_chosen_whole_and_ties_go_by_row() -> None:
    same = features(np.ones((4, 3)))
    assert usl.select(same, np.array([3, 1, 2]), NONE, 3, Stream(0)).rows.tolist() == [1, 2, 3]
    some = features(three_clouds())
    assert sorted(usl.select(some, np.arange(60), NONE, 60, Stream(0)).rows.tolist()) == list(range(60))


def test_points_in_parts_give_the_same_repulsion(monkeypatch: pytest.MonkeyPatch) -> None:
    some = features(three_clouds())
    whole = usl.select(some, np.arange(60), np.empty(0, np.int64), 20, Stream(0)).rows
    monkeypatch.setattr(usl, "_POINTS_AT_ONCE", 3)
    monkeypatch.setattr(usl, "rows_for", lambda n: 11)
    np.testing.assert_array_equal(usl.select(some, np.arange(60), NONE, 20, Stream(0)).rows, whole)
