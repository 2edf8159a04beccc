"""The distinct nearest texts: equal to the plain greedy choice, however the rows are cut into blocks."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alps.representations.features import Features
from alps.selectors.nearest import blocks, nearest_candidates, nearest_distinct


def features(matrix: object) -> Features:
    matrix = np.asarray(matrix, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64))


def centres(points: object) -> np.ndarray:
    return np.asarray(points, dtype=np.float32)


def plain_greedy(some: Features, points: np.ndarray) -> list[int]:
    """Of all free centres and free rows the closest pair, again and again; ties by row, then by centre."""
    squares = some.squared_distances(points)
    zero = some.squared_norms() == 0
    n, k = squares.shape
    zeros_left = max(1, k - int((~zero).sum()))
    chosen: dict[int, int] = {}
    while len(chosen) < k:
        pairs = [
            (squares[row, j], row, j)
            for row in range(n)
            for j in range(k)
            if j not in chosen and row not in chosen.values() and not (zero[row] and zeros_left == 0)
        ]
        _, row, j = min(pairs)
        chosen[j] = row
        zeros_left -= int(zero[row])
    return [chosen[j] for j in range(k)]


small_integers = st.integers(-2, 2).map(float)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_equals_the_plain_greedy_choice_for_any_blocks(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 14), label="n")
    k = data.draw(st.integers(1, n), label="k")
    matrix = data.draw(arrays(np.float32, (n, 2), elements=small_integers), label="matrix")
    points = data.draw(arrays(np.float32, (k, 2), elements=small_integers), label="centres")
    n_candidates = data.draw(st.sampled_from([1, 2, 3, 16]), label="n_candidates")
    rows_at_once = data.draw(st.sampled_from([1, 3, -(-n // 7), n, 100]), label="rows_at_once")
    form = data.draw(st.sampled_from([np.asarray, sp.csr_array]), label="form")
    some = Features(form(matrix), np.ones(n, np.int64))
    rows, distances = nearest_distinct(some, points, n_candidates=n_candidates, rows_at_once=rows_at_once)
    assert rows.tolist() == plain_greedy(some, points)
    np.testing.assert_allclose(distances, np.linalg.norm(matrix[rows] - points, axis=1), atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**32),
    st.integers(2, 60),
    st.sampled_from([1, 2, 16]),
    st.integers(1, 61),
    st.sampled_from([3, 130]),
)
def test_real_numbers_with_copies_do_not_depend_on_the_blocks(
    seed: int, n: int, n_candidates: int, rows_at_once: int, d: int
) -> None:
    generator = np.random.default_rng(seed)
    base = generator.normal(size=(1 + n // 3, d)).astype(np.float32)
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    some = features(base[generator.integers(0, len(base), n)])
    points = base[generator.integers(0, len(base), 1 + n // 2)]
    rows, distances = nearest_distinct(some, points, n_candidates=n_candidates, rows_at_once=rows_at_once)
    assert rows.tolist() == plain_greedy(some, points)
    whole, whole_distances = nearest_distinct(some, points)
    assert rows.tolist() == whole.tolist()
    assert distances.tolist() == whole_distances.tolist()


def test_the_nearest_of_each_centre_when_there_is_no_quarrel() -> None:
    rows, distances = nearest_distinct(features([[0], [1], [10], [12]]), centres([[11.5], [0.25]]))
    assert rows.tolist() == [3, 0]
    assert distances.tolist() == [0.5, 0.25]


def test_two_centres_that_share_a_nearest_text_take_it_nearest_first() -> None:
    # Both centres are nearest to the text at 5; the second is nearer, so the first takes its next nearest, 3.
    rows, distances = nearest_distinct(features([[3], [5], [9]]), centres([[4.25], [5.5]]))
    assert rows.tolist() == [0, 1]
    assert distances.tolist() == [1.25, 0.5]


def test_a_text_taken_from_one_centre_can_push_it_to_a_text_that_another_wanted() -> None:
    # 0.4 takes the text at 0; 0.5 must go on to the text at 1.5 (distance 1), nearer to it than 2.6 (distance 1.1).
    rows, _ = nearest_distinct(features([[0], [1.5], [9]]), centres([[0.4], [0.5], [2.6]]), n_candidates=1)
    assert rows.tolist() == [0, 1, 2]


def test_ties_go_to_the_smaller_row_that_is_to_the_smaller_id() -> None:
    rows, _ = nearest_distinct(features([[9, 9], [0, 1], [1, 0], [0, -1]]), centres([[0, 0]]))
    assert rows.tolist() == [1]


def test_equal_centres_take_the_next_texts_in_turn() -> None:
    rows, _ = nearest_distinct(features([[1], [1], [2], [1]]), centres([[1], [1], [1]]), n_candidates=1)
    assert sorted(rows.tolist()) == [0, 1, 3]


def test_at_most_one_zero_row_while_other_texts_are_free() -> None:
    some = features([[0, 0], [0, 0], [0, 0], [0, 5], [5, 0]])
    rows, _ = nearest_distinct(some, centres([[0, 0], [0.1, 0], [0, 0.1]]))
    assert rows.tolist() == [0, 4, 3]


def test_zero_rows_fill_up_when_nothing_else_is_left() -> None:
    some = features([[0, 0], [0, 0], [0, 0], [0, 5]])
    rows, _ = nearest_distinct(some, centres([[0, 0], [0.1, 0], [0, 0.1]]))
    assert sorted(rows.tolist()) == [0, 1, 3]
    rows, _ = nearest_distinct(features(np.zeros((4, 2))), centres(np.zeros((3, 2))))
    assert rows.tolist() == [0, 1, 2]


def test_a_zero_row_is_not_taken_when_it_is_not_near() -> None:
    some = features([[0, 0], [4, 4], [5, 4]])
    assert nearest_distinct(some, centres([[4, 4], [5, 4]]))[0].tolist() == [1, 2]


@pytest.mark.parametrize("rows_at_once", [1, 2, 5, 9])
def test_blocks_are_the_rows_in_order(rows_at_once: int) -> None:
    some = features(np.arange(5)[:, None])
    parts = list(blocks(some, rows_at_once))
    assert np.concatenate([part.matrix for part in parts]).ravel().tolist() == [0, 1, 2, 3, 4]
    assert max(part.n for part in parts) == min(rows_at_once, 5)


def test_candidates_are_in_order_and_ties_at_the_border_go_by_row() -> None:
    some = features([[3], [1], [2], [1], [0], [1]])
    for rows_at_once in (1, 2, 4, 100):
        squares, rows = nearest_candidates(some, centres([[0]]), 3, rows_at_once)
        assert rows.tolist() == [[4, 1, 3]]
        assert squares.tolist() == [[0, 1, 1]]
    assert nearest_candidates(some, centres([[0]]), 99, 2)[1].tolist() == [[4, 1, 3, 5, 2, 0]]
