"""The order of the picks: each next one brings the pool closest to its nearest pick so far."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_limits

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import prefix_order as module
from alps.selectors.prefix_order import prefix_order


def features(matrix: object, copies: object = None) -> Features:
    matrix = np.asarray(matrix, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def ordered(some: Features, picks: list[int], candidates: object = None) -> list[int]:
    candidates = np.arange(some.n) if candidates is None else np.asarray(candidates)
    rows = np.array(picks, dtype=np.int64)
    return rows[prefix_order(some, candidates, rows, Stream(0, "order"))].tolist()


def plain_greedy(some: Features, picks: list[int]) -> list[int]:
    """The pick that leaves the least sum of distances, again and again; ties by row."""
    distances = np.linalg.norm(some.matrix[:, None].astype(float) - some.matrix[picks].astype(float), axis=2)
    distances = np.rint(distances * 2**20)
    order: list[int] = []
    while len(order) < len(picks):
        left = [i for i in range(len(picks)) if i not in order]
        sums = {i: float(some.copies @ distances[:, [*order, i]].min(axis=1)) for i in left}
        order.append(min(left, key=lambda i: (sums[i], picks[i])))
    return [picks[i] for i in order]


def test_a_line_of_points_by_hand() -> None:
    line = features([[0], [1], [2], [3], [4], [10], [20], [21]])
    # Sums of distances: to 0 it is 61, to 4 it is 49, to 10 it is 61, to 20 it is 101: 4 is first.
    # Then 0 saves 4 + 2, 10 saves 6 + 6 + 6, 20 saves 16 + 16: 20 is second.
    # Then 0 saves 6 and 10 saves 6, so the smaller row goes first.
    assert ordered(line, [0, 4, 5, 6]) == [4, 6, 0, 5]


def test_the_first_is_the_pick_nearest_to_the_pool_with_copies() -> None:
    line = [[0], [1], [2], [50]]
    assert ordered(features(line), [0, 1, 2, 3])[0] == 1
    assert ordered(features(line, [1, 1, 1, 100]), [0, 1, 2, 3])[0] == 3
    assert ordered(features(line, [1, 1, 5, 1]), [0, 1, 2, 3])[0] == 2


def test_the_prefixes_take_one_of_each_heap_first() -> None:
    heaps = features([[0], [1], [2], [100], [101], [102], [300], [301], [302]])
    assert {row // 3 for row in ordered(heaps, list(range(9)))[:3]} == {0, 1, 2}


def test_only_the_candidates_count() -> None:
    line = features([[0], [1], [2], [90], [91], [92]])
    assert ordered(line, [1, 4], candidates=[0, 1, 2, 4])[0] == 1
    assert ordered(line, [1, 4], candidates=[1, 3, 4, 5])[0] == 4


@settings(deadline=None, max_examples=200)
@given(arrays(np.float32, st.tuples(st.integers(1, 16), st.just(2)), elements=st.integers(0, 3).map(float)), st.data())
def test_the_lazy_greedy_order_is_the_plain_one(matrix: np.ndarray, data: st.DataObject) -> None:
    n = len(matrix)
    picks = data.draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True))
    copies = np.array(data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)))
    expected = plain_greedy(features(matrix, copies), picks)
    assert ordered(features(matrix, copies), picks) == expected
    assert ordered(Features(sp.csr_array(matrix), copies), picks) == expected


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(2, 200), st.data())
def test_the_lazy_greedy_order_is_the_plain_one_in_real_numbers(seed: int, n: int, data: st.DataObject) -> None:
    generator = np.random.default_rng(seed)
    some = features(generator.normal(size=(n, 3)) / 4, generator.integers(1, 4, n))
    picks = generator.permutation(n)[: data.draw(st.integers(1, min(n, 12)))].tolist()
    assert ordered(some, picks) == plain_greedy(some, picks)


@settings(deadline=None)
@given(st.permutations(range(10)))
def test_the_order_in_which_picks_are_passed_does_not_matter(picks: list[int]) -> None:
    some = features(np.random.default_rng(0).integers(0, 3, (40, 2)))
    found = ordered(some, picks)
    assert found == ordered(some, list(range(10)))
    assert sorted(found) == list(range(10))


def test_equal_picks_go_by_row() -> None:
    assert ordered(features(np.ones((6, 2))), [5, 2, 4]) == [2, 4, 5]
    assert ordered(features(np.zeros((3, 2))), [2, 1, 0]) == [0, 1, 2]


def test_mirror_images_are_equally_near_to_a_mirrored_pool_so_the_smaller_row_goes_first() -> None:
    """Equal sums, added up in another order: without whole steps the last bits decide."""
    for seed in range(5):
        generator = np.random.default_rng(seed)
        pick = generator.normal(size=(1, 6)).astype(np.float32)
        near = (pick + 1e-5 * generator.normal(size=(20_000, 6))).astype(np.float32)
        pool = np.concatenate([generator.permutation(near), -pick, pick, -generator.permutation(near)])
        assert ordered(features(pool), [20_001, 20_000]) == [20_000, 20_001]
        assert ordered(features(pool[::-1]), [20_001, 20_000]) == [20_000, 20_001]


def test_one_pick() -> None:
    assert ordered(features([[1], [2]]), [1]) == [1]


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_do_not_show(threads: int) -> None:
    generator = np.random.default_rng(0)
    some = features(generator.normal(size=(4000, 24)))
    picks = generator.permutation(4000)[:60].tolist()
    with threadpool_limits(threads):
        found = ordered(some, picks)
    assert found == plain_greedy(some, picks)


def test_a_large_pool_is_represented_by_a_random_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DISTANCES", 600)
    monkeypatch.setattr(module, "_MIN_SAMPLE", 20)
    generator = np.random.default_rng(0)
    heaps = np.concatenate([[0, 1000, 2000], 10 * generator.random(700), 2000 + 10 * generator.random(300)])
    some = features(heaps[:, None])
    looked_at = []
    greedy = module._greedy

    def watched(distances: np.ndarray, copies: np.ndarray) -> np.ndarray:
        looked_at.append(distances.shape)
        return greedy(distances, copies)

    monkeypatch.setattr(module, "_greedy", watched)
    found = ordered(some, [2, 1, 0])
    assert found == [0, 2, 1]  # 700 texts near 0, then 300 near 2000
    assert found == ordered(some, [0, 1, 2])
    assert looked_at == [(200, 3)] * 2  # 600 distances
    assert ordered(some, [5], candidates=np.arange(19)) == [5]
    assert looked_at[-1] == (19, 1)
