"""The exact product: as good as float32's, and the same whatever the order of adding."""

from __future__ import annotations

import numpy as np
import pytest

from alps.models.exact_product import exact_product


@pytest.mark.parametrize("width", [1, 3, 384, 1024, 4096])
def test_it_is_the_product_up_to_the_last_bits_of_float32(width: int) -> None:
    generator = np.random.default_rng(width)
    rows, columns = (generator.normal(size=(n, width)).astype(np.float32) for n in (600, 5))
    rows[3] *= 1e-20
    rows[5] = 0.0
    columns[2] *= 1e10
    expected = rows.astype(np.float64) @ columns.astype(np.float64).T
    size = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(columns, axis=1)
    found = exact_product(rows, columns)
    assert (np.abs(found - expected) <= 3e-6 * size).all()
    assert not found[5].any()


def test_the_order_of_the_entries_does_not_matter() -> None:
    generator = np.random.default_rng(0)
    rows, columns = (generator.normal(size=(n, 768)).astype(np.float32) for n in (700, 20))
    order = generator.permutation(768)
    found = exact_product(rows, columns)
    np.testing.assert_array_equal(exact_product(rows[:, order], columns[:, order]), found)


def test_nothing_of_nothing() -> None:
    assert exact_product(np.empty((0, 4), np.float32), np.ones((3, 4), np.float32)).shape == (0, 3)
