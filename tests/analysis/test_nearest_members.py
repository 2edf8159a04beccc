"""What a pick stands for: the texts that no other pick, or no other centre, is nearer to."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from alps.analysis.nearest_members import nearest_members
from alps.representations.features import Features
from alps.selectors.picks import Picks

# Eight texts on a line; rows 2 and 3 are twins.
LINE = [0, 1, 2, 2, 5, 9, 10, 14]


def on_a_line(places: list[float], copies: list[int] | None = None, form: type = np.ndarray) -> Features:
    matrix = np.asarray(places, dtype=np.float32)[:, None]
    some = sp.csr_array(matrix) if form is sp.csr_array else matrix
    return Features(some, np.ones(len(places), np.int64) if copies is None else np.asarray(copies, np.int64))


def rows(*numbers: int) -> np.ndarray:
    return np.asarray(numbers, dtype=np.int64)


def lists(found: list[np.ndarray]) -> list[list[int]]:
    return [some.tolist() for some in found]


@pytest.mark.parametrize("form", [np.ndarray, sp.csr_array])
def test_every_text_goes_to_the_nearest_pick_and_the_nearest_are_named_first(form: type) -> None:
    found = nearest_members(on_a_line(LINE, form=form), np.arange(8), Picks(rows(6, 1)), 3)
    # To the pick at 10: 9, 14 and itself; to the pick at 1: 0, 2, 2, 5 and itself.
    assert found.sizes.tolist() == [3, 5]
    assert found.sizes.dtype == np.int64
    assert lists(found.nearest) == [[5, 7], [0, 2, 3]]


def test_a_tie_between_two_picks_goes_to_the_one_of_higher_rank() -> None:
    found = nearest_members(on_a_line([0, 5, 10]), np.arange(3), Picks(rows(2, 0)), 3)
    assert found.sizes.tolist() == [2, 1]
    assert lists(found.nearest) == [[1], []]


def test_copies_count_as_often_as_they_occur() -> None:
    found = nearest_members(on_a_line([0, 1, 8, 9], [1, 5, 2, 3]), np.arange(4), Picks(rows(0, 3)), 9)
    assert found.sizes.tolist() == [6, 5]
    assert lists(found.nearest) == [[1], [2]]


def test_of_twins_each_stands_for_itself() -> None:
    found = nearest_members(on_a_line([2, 2, 3]), np.arange(3), Picks(rows(1, 0)), 3)
    assert found.sizes.tolist() == [2, 1]
    assert lists(found.nearest) == [[2], []]


def test_only_candidates_are_counted_and_named() -> None:
    found = nearest_members(on_a_line(LINE), rows(0, 3, 6, 7), Picks(rows(3, 6)), 9)
    assert found.sizes.tolist() == [2, 2]
    assert lists(found.nearest) == [[0], [7]]


def test_with_centres_a_text_belongs_to_the_nearest_centre() -> None:
    # 5 is nearer to the pick at 2 than to that at 9, but nearer to the centre at 7.5 than to that at 1.
    centres = np.asarray([[1], [7.5]], dtype=np.float32)
    picks = Picks(rows(3, 5), cluster_sizes=np.asarray([4, 4]), centres=centres)
    found = nearest_members(on_a_line(LINE), np.arange(8), picks, 9)
    assert found.sizes.tolist() == [4, 4]
    # Of the cluster, those nearest to the pick, not to the centre: from 9 on 10, 5, 14.
    assert lists(found.nearest) == [[2, 1, 0], [6, 4, 7]]


def test_sizes_that_the_selector_knows_are_kept() -> None:
    picks = Picks(rows(1, 6), cluster_sizes=np.asarray([70, 30]))
    assert nearest_members(on_a_line(LINE), np.arange(8), picks, 1).sizes.tolist() == [70, 30]


def test_no_other_pick_is_named_as_what_one_stands_for() -> None:
    # Both picks lie in the cluster of the second centre.
    picks = Picks(rows(4, 5), np.asarray([1, 7]), centres=np.asarray([[-50], [6]], dtype=np.float32))
    found = nearest_members(on_a_line(LINE), np.arange(8), picks, 9)
    assert lists(found.nearest) == [[], [6, 7, 2, 3, 1, 0]]


def test_one_text_stands_for_itself() -> None:
    found = nearest_members(on_a_line([3]), np.arange(1), Picks(rows(0)), 3)
    assert found.sizes.tolist() == [1]
    assert lists(found.nearest) == [[]]
    assert found.nearest[0].dtype == np.int64


def test_every_copy_of_the_pool_is_counted_once() -> None:
    generator = np.random.default_rng(0)
    copies = generator.integers(1, 5, 500)
    some = Features(generator.normal(size=(500, 8)).astype(np.float32), copies)
    chosen = generator.choice(500, 40, replace=False)
    found = nearest_members(some, np.arange(500), Picks(chosen), 500)
    assert found.sizes.sum() == copies.sum()
    named = np.concatenate(found.nearest)
    assert sorted(named.tolist()) == sorted(set(range(500)) - set(chosen.tolist()))
