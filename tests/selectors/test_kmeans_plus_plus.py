"""k-means++ sampling: by squared distance to what is labelled or drawn already (paper A.3)."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors.kmeans_plus_plus import select
from alps.selectors.picks import Picks

NOTHING = np.empty(0, dtype=np.int64)
LINE = [[0.0], [1.0], [3.0], [7.0]]
N_SEEDS = 2000


def features(matrix: object, copies: object = None) -> Features:
    matrix = np.asarray(matrix, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def pick(some: Features, k: int, seed: int, candidates: object = None, labelled: object = NOTHING) -> Picks:
    candidates = np.arange(some.n) if candidates is None else np.asarray(candidates)
    return select(some, candidates, np.asarray(labelled), k, Stream(seed, "kmeans_plus_plus"))


def assert_drawn(rows: list[int], probabilities: list[float]) -> None:
    """Chi-square at 0.0001, and nothing that has probability 0."""
    counts = np.bincount(rows, minlength=len(probabilities))
    expected = len(rows) * np.array(probabilities) / np.sum(probabilities)
    assert not counts[expected == 0].any()
    assert chisquare(counts[expected > 0], expected[expected > 0]).pvalue > 1e-4


def test_the_first_is_drawn_uniformly_over_texts_by_copies() -> None:
    some = features(LINE, [1, 5, 2, 2])
    assert_drawn([pick(some, 1, seed).rows[0] for seed in range(N_SEEDS)], [1, 5, 2, 2])


def test_the_next_is_drawn_by_squared_distance_to_what_is_drawn() -> None:
    some = features(LINE)
    seconds: dict[int, list[int]] = {row: [] for row in range(4)}
    thirds = []
    for seed in range(N_SEEDS):
        first, second, third = pick(some, 3, seed).rows
        seconds[first].append(second)
        if {first, second} == {0, 3}:
            thirds.append(third)
    assert_drawn(seconds[0], [0, 1, 9, 49])
    assert_drawn(seconds[1], [1, 0, 4, 36])
    assert_drawn(seconds[2], [9, 4, 0, 16])
    assert_drawn(seconds[3], [49, 36, 16, 0])
    assert_drawn(thirds, [0, 1, 9, 0])  # 3 is at distance 3 of 0 and 4 of 7


def test_copies_multiply_the_squared_distance() -> None:
    some = features(LINE, [1, 10, 3, 1])
    drawn = [pick(some, 1, seed, candidates=[1, 2, 3], labelled=[0]).rows[0] for seed in range(N_SEEDS)]
    assert_drawn(drawn, [0, 10 * 1, 3 * 9, 49])


def test_the_first_is_drawn_by_distance_to_the_nearest_labelled_text() -> None:
    some = features([*LINE, [8.0]])
    drawn = [pick(some, 1, seed, candidates=[1, 2, 3], labelled=[0, 4]).rows[0] for seed in range(N_SEEDS)]
    assert_drawn(drawn, [0, 1, 9, 1])


def test_a_twin_of_a_labelled_text_comes_last() -> None:
    some = features([[0.6, 0.8], [0.6, 0.8], [1, 0], [0, 1], [0.6, 0.8]])
    for seed in range(50):
        rows = pick(some, 4, seed, candidates=[1, 2, 3, 4], labelled=[0]).rows
        assert set(rows[:2].tolist()) == {2, 3}
        assert set(rows[2:].tolist()) == {1, 4}


def test_many_labelled_texts_are_all_looked_at() -> None:
    some = features(np.arange(700)[:, None])
    labelled = np.delete(np.arange(700), [3, 350, 699])
    drawn = [pick(some, 1, seed, candidates=[3, 350, 699], labelled=labelled).rows[0] for seed in range(300)]
    assert 70 < np.sum(np.array(drawn) == 350) < 130  # all three are at distance 1


@pytest.mark.parametrize("value", [0.0, 1.0], ids=["all zero", "all equal"])
def test_equal_rows_are_drawn_by_copies(value: float) -> None:
    some = features(np.full((4, 2), value), [1, 1, 1, 7])
    rows = np.array([pick(some, 2, seed).rows for seed in range(N_SEEDS)])
    assert_drawn(rows[:, 0].tolist(), [1, 1, 1, 7])
    assert_drawn(rows[rows[:, 0] == 3, 1].tolist(), [1, 1, 1, 0])
    assert_drawn(rows[rows[:, 0] == 0, 1].tolist(), [0, 1, 1, 7])


@pytest.mark.parametrize("d", [2, 130])
def test_twins_are_drawn_only_when_nothing_else_is_left(d: int) -> None:
    base = np.random.default_rng(d).normal(size=(6, d)).astype(np.float32)
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    some = features(np.tile(base, (5, 1)))
    for seed in range(40):
        rows = pick(some, 9, seed).rows
        assert sorted((rows[:6] % 6).tolist()) == list(range(6))
        assert len(set(rows.tolist())) == 9


def test_of_twins_those_that_are_not_zero_come_first() -> None:
    some = features([[0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [1, 0]])
    for seed in range(50):
        rows = pick(some, 6, seed).rows
        assert {bool(row < 3) for row in rows[:2]} == {True, False}
        assert (rows[2:] >= 3).tolist() == [True, True, False, False]


def test_cluster_sizes_count_the_texts_that_each_draw_stands_for() -> None:
    some = features([[0], [0.1], [0.2], [100], [100.1], [200]], [1, 2, 3, 4, 5, 6])
    for seed in range(20):
        picks = pick(some, 3, seed)
        sizes = dict(zip((picks.rows // 3 + (picks.rows == 5)).tolist(), picks.cluster_sizes.tolist(), strict=True))
        assert sizes == {0: 6, 1: 9, 2: 6}
    assert picks.distances is None


def test_texts_nearer_to_a_labelled_one_are_nobody_s() -> None:
    picks = pick(features([[0], [1], [2], [10], [11]]), 1, 0, candidates=[1, 2, 3, 4], labelled=[0])
    assert picks.rows[0] in (3, 4)
    assert picks.cluster_sizes.tolist() == [2]


@settings(deadline=None, max_examples=60)
@given(arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.integers(0, 2).map(float)), st.data())
def test_k_distinct_candidates_always(matrix: np.ndarray, data: st.DataObject) -> None:
    n = len(matrix)
    candidates = data.draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True).map(sorted))
    labelled = [row for row in range(n) if row not in candidates]
    k = data.draw(st.integers(1, len(candidates)))
    seed = data.draw(st.integers(0, 99))
    copies = np.array(data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)))
    found = [
        pick(Features(form(matrix), copies), k, seed, candidates, np.array(labelled, dtype=np.int64))
        for form in (np.asarray, sp.csr_array)
    ]
    rows = found[0].rows.tolist()
    assert len(set(rows)) == k and set(rows) <= set(candidates)
    assert found[1].rows.tolist() == rows
    assert found[1].cluster_sizes.tolist() == found[0].cluster_sizes.tolist()
    if not labelled:
        assert found[0].cluster_sizes.sum() == copies.sum()


def test_all_texts_are_drawn_when_as_many_are_asked_for() -> None:
    assert sorted(pick(features(LINE), 4, 0).rows.tolist()) == [0, 1, 2, 3]


def test_equal_seeds_draw_equally_and_others_do_not() -> None:
    some = features(np.random.default_rng(0).normal(size=(500, 6)))
    first, again, other = (pick(some, 20, seed).rows.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
