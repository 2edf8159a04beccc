"""TypiClust on hand-made points."""

from __future__ import annotations

import numpy as np
import pytest

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import typiclust


def features(points: object) -> Features:
    matrix = np.asarray(points, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64))


def test_typicality_is_the_inverse_of_the_mean_distance_to_half_of_the_others() -> None:
    # Five points: two neighbours each. For 0: 1 and 2 -> 1 / 1.5. For 10: 4 and 2 -> 1 / 7.
    found = typiclust.typicality(features([[0], [1], [2], [4], [10]]))
    assert found == pytest.approx([1 / 1.5, 1 / 1.0, 1 / 1.5, 1 / 2.5, 1 / 7.0])


def test_at_most_twenty_neighbours_count() -> None:
    found = typiclust.typicality(features(np.arange(60)[:, None]))
    assert found[0] == pytest.approx(1 / 10.5)  # the mean of 1 to 20
    assert found[30] == pytest.approx(1 / 5.5)


def test_a_text_alone_and_twins() -> None:
    assert typiclust.typicality(features([[3.0]])).tolist() == [0.0]
    assert np.isinf(typiclust.typicality(features([[1.0], [1.0]]))).all()


def three_clouds() -> Features:
    """31, 21 and 11 points: the first of each lies at distance 1 from its others, which lie 1.4 from each other."""
    clouds = []
    for i, n in enumerate((31, 21, 11)):
        cloud = np.zeros((n, 31))
        cloud[np.arange(1, n), np.arange(1, n)] = 1.0
        cloud[:, 0] = 100 * i
        clouds.append(cloud)
    return features(np.concatenate(clouds))


def test_the_middle_of_each_cloud_the_largest_first() -> None:
    some = three_clouds()
    picks = typiclust.select(some, np.arange(some.n), np.empty(0, np.int64), 3, Stream(0))
    assert picks.rows.tolist() == [0, 31, 52]


def test_clusters_without_labelled_texts_go_first() -> None:
    some = three_clouds()
    labelled = np.array([4])  # in the largest cloud
    candidates = np.setdiff1d(np.arange(some.n), labelled)
    chosen = typiclust.select(some, candidates, labelled, 2, Stream(0)).rows
    assert chosen.tolist() == [31, 52]


def test_a_pool_can_be_chosen_whole() -> None:
    some = three_clouds()
    chosen = typiclust.select(some, np.arange(some.n), np.empty(0, np.int64), some.n, Stream(0)).rows
    assert sorted(chosen.tolist()) == list(range(some.n))


def test_small_clusters_come_last() -> None:
    """Two outliers far away make a cluster of their own; both large clouds go on giving."""
    points = np.concatenate([np.linspace(0, 1, 20), np.linspace(50, 51, 20), [500, 500.1]])[:, None]
    some = features(points)
    chosen = typiclust.select(some, np.arange(some.n), np.empty(0, np.int64), 3, Stream(0)).rows
    assert sorted([(chosen < 20).sum(), ((chosen >= 20) & (chosen < 40)).sum()]) == [1, 2]
