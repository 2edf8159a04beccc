"""Picks in another order."""

from __future__ import annotations

import numpy as np

from alps.selectors.picks import Picks


def test_everything_about_a_pick_moves_with_it() -> None:
    centres = np.array([[1, 0], [2, 0], [3, 0]], np.float32)
    picks = Picks(np.array([7, 8, 9]), np.array([1, 2, 3]), np.array([0.1, 0.2, 0.3], np.float32), centres)
    moved = picks.reordered(np.array([2, 0, 1]))
    assert moved.rows.tolist() == [9, 7, 8]
    assert moved.cluster_sizes.tolist() == [3, 1, 2]
    np.testing.assert_allclose(moved.distances, [0.3, 0.1, 0.2], rtol=1e-6)
    assert moved.centres[:, 0].tolist() == [3, 1, 2]


def test_what_is_not_known_stays_unknown() -> None:
    moved = Picks(np.array([7, 8])).reordered(np.array([1, 0]))
    assert moved.rows.tolist() == [8, 7]
    assert moved.cluster_sizes is None and moved.distances is None and moved.centres is None
