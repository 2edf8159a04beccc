"""Clusters whose silhouette and dependence on the position are in view."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from alps.analysis.cluster_quality import cluster_quality
from alps.base.errors import AlpsError
from alps.base.streams import Stream

STREAM = Stream(3)


def test_two_points_far_apart_have_a_silhouette_of_one() -> None:
    matrix = np.asarray([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    found = cluster_quality(matrix, np.asarray([0, 0, 1, 1]), STREAM)
    assert (found.n, found.n_measured, found.k, found.metric) == (4, 4, 2, "euclidean")
    assert found.silhouette == pytest.approx(1.0)
    assert found.follows_position == pytest.approx(1.0)
    assert found.zero_rows == 0.0


def test_by_hand_on_a_line() -> None:
    # 0 and 1 against 4: for 0, (4 - 1) / 4; for 1, (3 - 1) / 3; one alone counts 0.
    found = cluster_quality(np.asarray([[0.0], [1.0], [4.0]], np.float32), np.asarray([0, 0, 1]), STREAM)
    assert found.silhouette == pytest.approx((3 / 4 + 2 / 3) / 3)
    assert found.zero_rows == pytest.approx(1 / 3)


def test_clusters_that_have_nothing_to_do_with_the_position() -> None:
    draw = np.random.default_rng(0)
    matrix = np.eye(10, dtype=np.float32)[draw.integers(10, size=2000)]
    found = cluster_quality(matrix, draw.integers(10, size=2000), STREAM)
    assert found.follows_position == pytest.approx(0.0, abs=0.02)


def test_sparse_and_dense_agree() -> None:
    matrix = np.random.default_rng(0).random((60, 8)).astype(np.float32) * (np.arange(60) % 3 > 0)[:, None]
    clusters = np.arange(60) % 4
    dense, sparse = (cluster_quality(some, clusters, STREAM) for some in (matrix, sp.csr_array(matrix)))
    assert sparse.silhouette == pytest.approx(dense.silhouette, abs=1e-5)
    assert sparse.follows_position == dense.follows_position
    assert sparse.zero_rows == dense.zero_rows == pytest.approx(1 / 3)


def test_zero_rows_only_have_no_position() -> None:
    assert cluster_quality(np.zeros((4, 2), np.float32), np.asarray([0, 0, 1, 1]), STREAM).follows_position is None


def test_many_rows_are_measured_on_some() -> None:
    matrix = np.eye(2, dtype=np.float32)[np.arange(50) % 2]
    found = cluster_quality(matrix, np.arange(50) % 2, STREAM, most_rows=20)
    assert (found.n, found.n_measured) == (50, 20)
    assert found.silhouette == pytest.approx(1.0)


@pytest.mark.parametrize("clusters", [[0, 0, 0], [0, 1, 2]])
def test_what_has_no_silhouette_is_refused(clusters: list[int]) -> None:
    with pytest.raises(AlpsError, match="no silhouette"):
        cluster_quality(np.eye(3, dtype=np.float32), np.asarray(clusters), STREAM)
