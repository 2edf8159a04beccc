"""Many dimensions in two: principal components against what is known, and t-SNE as far as it promises anything."""

from __future__ import annotations

import numpy as np
import pytest

from alps.analysis.projection import check_projection, project
from alps.base.errors import AlpsError
from alps.base.streams import Stream

STREAM = Stream(3)


def pca(points: object, fitted: object = None) -> tuple[np.ndarray, tuple[float, float]]:
    matrix = np.asarray(points, dtype=np.float32)
    chosen = np.ones(len(matrix), bool) if fitted is None else np.asarray(fitted, dtype=bool)
    found = project(matrix, chosen, "pca", STREAM)
    assert found.name == "pca" and found.explained is not None
    assert found.points.shape == (len(matrix), 2) and found.points.dtype == np.float64
    return found.points, found.explained


def test_points_on_a_line_lie_on_the_first_axis() -> None:
    points, explained = pca([[0, 0, 0], [3, 0, 4], [6, 0, 8]])
    np.testing.assert_allclose(points, [[-5, 0], [0, 0], [5, 0]], atol=1e-6)
    assert explained == pytest.approx((1.0, 0.0))


def test_the_axes_are_those_of_the_greatest_variance_in_order() -> None:
    # Variances 2 * 9, 2 * 4 and 2 * 1 along the third, first and second dimension.
    points, explained = pca([[2, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 3], [0, 0, -3]])
    np.testing.assert_allclose(points, [[0, 2], [0, -2], [0, 0], [0, 0], [3, 0], [-3, 0]], atol=1e-6)
    assert explained == pytest.approx((18 / 28, 8 / 28))


def test_distances_in_a_plane_are_kept() -> None:
    generator = np.random.default_rng(1)
    flat = generator.normal(size=(30, 2)) * (4, 1)
    turned = flat @ np.linalg.qr(generator.normal(size=(7, 7)))[0][:2] + 100
    points, explained = pca(turned)
    expected = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(points[:, None] - points[None], axis=2), expected, atol=1e-4)
    assert sum(explained) == pytest.approx(1.0)


def test_the_largest_entry_of_an_axis_is_positive_so_that_the_map_is_never_mirrored() -> None:
    points, _ = pca([[0, 0], [-3, 1], [-6, 2]])
    assert points[:, 0].tolist() == sorted(points[:, 0].tolist(), reverse=True)
    upside_down, _ = pca([[-6, 2], [-3, 1], [0, 0]])
    np.testing.assert_allclose(upside_down[::-1], points, atol=1e-6)


def test_axes_and_middle_come_from_the_fitted_rows_alone() -> None:
    # The fitted rows vary along the first dimension; the outlier varies along the second and is only laid over them.
    points, explained = pca([[-1, 0], [1, 0], [0, 100]], [True, True, False])
    np.testing.assert_allclose(np.abs(points), [[1, 0], [1, 0], [0, 100]], atol=1e-6)
    assert explained == pytest.approx((1.0, 0.0))


@pytest.mark.parametrize("matrix", [[[1, 2, 3]], [[1, 2, 3]] * 4, np.zeros((6, 5))])
def test_texts_that_are_all_alike_lie_on_one_point(matrix: object) -> None:
    points, explained = pca(matrix)
    assert np.abs(points).max() < 1e-6
    assert explained == (0.0, 0.0)


def test_one_dimension_leaves_the_second_axis_empty() -> None:
    points, explained = pca([[1], [2], [6]])
    np.testing.assert_allclose(points, [[-2, 0], [-1, 0], [3, 0]], atol=1e-6)
    assert explained == pytest.approx((1.0, 0.0))


def clusters() -> np.ndarray:
    """Three groups of twelve, far apart in ten dimensions."""
    generator = np.random.default_rng(2)
    middles = np.eye(10)[:3] * 50
    return (np.repeat(middles, 12, axis=0) + generator.normal(size=(36, 10))).astype(np.float32)


def test_tsne_keeps_groups_together_and_does_not_name_axes() -> None:
    found = project(clusters(), np.ones(36, bool), "tsne", STREAM)
    assert (found.name, found.explained, found.points.shape) == ("tsne", None, (36, 2))
    squares = ((found.points[:, None] - found.points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    assert (squares.argmin(axis=1) // 12 == np.arange(36) // 12).all()


def test_tsne_is_decided_by_the_stream() -> None:
    first, again, other = (
        project(clusters(), np.ones(36, bool), "tsne", stream).points for stream in (STREAM, Stream(3), Stream(4))
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("n", [5, 6, 40])
def test_tsne_of_texts_that_are_all_alike_is_finite(n: int) -> None:
    found = project(np.ones((n, 4), np.float32), np.ones(n, bool), "tsne", STREAM)
    assert found.points.shape == (n, 2)
    assert np.isfinite(found.points).all()


@pytest.mark.parametrize("n", [1, 4])
def test_few_rows_fall_back_to_principal_components(n: int) -> None:
    matrix = np.eye(4, dtype=np.float32)[:n]
    found = project(matrix, np.ones(n, bool), "tsne", STREAM)
    assert found.name == "pca" and found.explained is not None


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(AlpsError, match="'umap' is unknown; choose one of pca, tsne"):
        check_projection("umap")
    with pytest.raises(AlpsError, match="'PCA' is unknown"):
        project(np.zeros((2, 2), np.float32), np.ones(2, bool), "PCA", STREAM)
