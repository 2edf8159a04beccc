"""Picks in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alps.selectors.picks import Picks


def test_everything_about_a_pick_moves_with_it() -> None:
    centres = np.array([[1, 0], [2, 0], [3, 0]], np.float32)
    picks = Picks(np.array([7, 8, 9]), np.array([1, 2, 3]), np.array([0.1, 0.2, 0.3], np.float32), centres)
    picks = replace(picks, clusters=np.array([0, 0, 1, 1, 2, 2, -1, 2, 0, 1]))
    moved = picks.reordered(np.array([2, 0, 1]))
    assert moved.clusters.tolist() == picks.clusters.tolist()  # of every row: there is nothing to move
    assert moved.rows.tolist() == [9, 7, 8]
    assert moved.cluster_sizes.tolist() == [3, 1, 2]
    np.testing.assert_allclose(moved.distances, [0.3, 0.1, 0.2], rtol=1e-6)
    assert moved.centres[:, 0].tolist() == [3, 1, 2]


def test_what_is_not_known_stays_unknown() -> None:
    moved = Picks(np.array([7, 8])).reordered(np.array([1, 0]))
    assert moved.rows.tolist() == [8, 7]
    assert moved.cluster_sizes is None and moved.distances is None and moved.centres is None
    assert moved.clusters is None


def test_rows_of_the_candidates_become_rows_of_the_features() -> None:
    candidates = np.array([1, 3, 4])
    picks = Picks(np.array([2, 0]), np.array([2, 1]), clusters=np.array([5, 0, 0])).among(candidates, 6)
    assert picks.rows.tolist() == [4, 1]
    assert picks.cluster_sizes.tolist() == [2, 1]
    assert picks.clusters.tolist() == [-1, 5, -1, 0, 0, -1]
    assert Picks(np.array([0])).among(candidates, 6).clusters is None
