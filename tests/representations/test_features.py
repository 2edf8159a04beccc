"""Features: distances that are right and do not depend on company, dense and CSR alike."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alps.representations.features import Features


def features(matrix: object, copies: object = None) -> Features:
    matrix = sp.csr_array(matrix) if sp.issparse(matrix) else np.asarray(matrix, dtype=np.float32)
    n = matrix.shape[0]
    return Features(matrix, np.ones(n, np.int64) if copies is None else np.asarray(copies))


POINTS = np.array([[3, 4], [0, 0], [1, 0]], np.float32)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_norms_and_distances_by_hand(form: type) -> None:
    some = Features(form(POINTS), np.array([1, 1, 1]))
    assert some.n == 3
    assert some.squared_norms().tolist() == [25, 0, 1]
    found = some.squared_distances(np.array([[0, 0], [3, 0]], np.float32))
    assert found.tolist() == [[25, 16], [0, 9], [1, 4]]
    assert found.dtype == np.float32
    assert some.dense(np.array([2, 0])).tolist() == [[1, 0], [3, 4]]


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_take_keeps_what_belongs_together(form: type) -> None:
    some = Features(form(POINTS), np.array([5, 6, 7]), {"zero": np.array([False, True, False])})
    part = some.take(np.array([1, 0]))
    assert part.dense(np.arange(2)).tolist() == [[0, 0], [3, 4]]
    assert part.copies.tolist() == [6, 5]
    assert part.facts["zero"].tolist() == [True, False]
    assert some.n == 3


@settings(deadline=None)
@given(
    arrays(np.float32, (7, 3), elements=st.floats(-8, 8, width=32)),
    arrays(np.float32, (2, 3), elements=st.floats(-8, 8, width=32)),
)
def test_distances_agree_with_differences(matrix: np.ndarray, points: np.ndarray) -> None:
    plain = np.square(matrix.astype(np.float64)[:, None] - points.astype(np.float64)).sum(axis=2)
    for form in (matrix, sp.csr_array(matrix)):
        found = Features(form, np.ones(7, np.int64)).squared_distances(points)
        np.testing.assert_allclose(found, plain, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
@pytest.mark.parametrize("d", [2, 35, 128, 340, 384])
def test_equal_rows_are_equally_far_wherever_they_stand(form: type, d: int) -> None:
    generator = np.random.default_rng(d)
    base = generator.normal(size=(7, d)).astype(np.float32)
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    which = generator.integers(0, 7, 300)
    some = Features(form(base[which]), np.ones(300, np.int64))
    squares = some.squared_distances(base)
    assert squares.tolist() == squares[[np.argmax(which == i) for i in range(7)]][which].tolist()
    assert not squares[np.arange(300), which].any()  # 0 from themselves
    for start, stop in ((0, 1), (5, 12), (250, 287)):
        part = some.take(np.arange(start, stop))
        assert part.squared_distances(base).tolist() == squares[start:stop].tolist()
        assert part.squared_distances(base[3:4]).tolist() == squares[start:stop, 3:4].tolist()


def test_what_is_near_is_not_rounded_to_nothing() -> None:
    row = np.array([[0.6, 0.8]], np.float32)
    near = row + np.array([[1e-4, 0]], np.float32)
    exact = float(np.square(near.astype(np.float64) - row).sum())
    assert features(near).squared_distances(row)[0, 0] == pytest.approx(exact, rel=0.01)
