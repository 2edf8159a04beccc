"""What a pick stands for: its cluster; of a selector without clusters, the texts that no other pick is nearer to."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import scipy.sparse as sp

from alps.analysis.nearest_members import nearest_members
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.predicted import PredictedFeatures
from alps.selectors import k_center, kmeans, kmeans_plus_plus, patron, stratified, usl
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


def test_a_cluster_is_told_even_where_another_pick_is_nearer() -> None:
    # Clusters {0, 1, 2, 2} and {5, 9, 10}, and 14 in none; the picks are at 5 and at 0.
    picks = Picks(rows(4, 0), clusters=rows(0, 0, 0, 0, 1, 1, 1, -1))
    found = nearest_members(on_a_line(LINE, [1, 2, 1, 1, 1, 1, 1, 9]), np.arange(8), picks, 9)
    assert lists(found.nearest) == [[5, 6], [1, 2, 3]]
    assert found.sizes.tolist() == [3, 5]


def test_two_picks_of_one_cluster_both_stand_for_it() -> None:
    picks = Picks(rows(6, 0, 7), clusters=rows(0, 0, 0, 0, 0, 0, 0, 1))
    found = nearest_members(on_a_line(LINE), np.arange(8), picks, 2)
    assert lists(found.nearest) == [[5, 4], [1, 2], []]
    assert found.sizes.tolist() == [7, 7, 1]


# 2-means parts the first five texts from the last; clusters of equal size are the first three and the last three.
LOPSIDED = [0.0, 1.0, 2.0, 3.0, 4.0, 100.0]


@pytest.mark.parametrize("seed", range(8))
def test_a_pick_of_stratified_stands_for_its_cluster_of_equal_size(seed: int) -> None:
    some = on_a_line(LOPSIDED)
    picks = stratified.select(some, np.arange(6), rows(), 2, Stream(seed))
    found = nearest_members(some, np.arange(6), picks, 9)
    assert found.sizes.tolist() == [3, 3]
    clusters = [sorted([pick, *named]) for pick, named in zip(picks.rows.tolist(), lists(found.nearest), strict=True)]
    assert sorted(clusters) == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("seed", range(4))
def test_a_text_that_stratified_draws_with_certainty_stands_alone(seed: int) -> None:
    some = on_a_line([*LOPSIDED, 1.5, 1.5], [1, 1, 1, 1, 1, 1, 60, 1])
    candidates = np.arange(7)  # and not the last row
    picks = stratified.select(some, candidates, rows(), 3, Stream(seed))
    found = nearest_members(some, candidates, picks, 9)
    told = dict(zip(picks.rows.tolist(), zip(found.sizes.tolist(), lists(found.nearest), strict=True), strict=True))
    assert told.pop(6) == (60, [])
    assert sorted(sorted([pick, *named]) for pick, (_, named) in told.items()) == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("seed", range(8))
def test_a_systematic_sample_has_no_clusters_and_its_picks_stand_for_what_is_nearest(seed: int) -> None:
    """Its strata are of any size, and of one come several picks or none."""
    some = on_a_line(LOPSIDED)
    picks = stratified.select(some, np.arange(6), rows(), 2, Stream(seed), strata="free")
    assert picks.cluster_sizes is None
    found = nearest_members(some, np.arange(6), picks, 9)
    assert found.sizes.tolist() == [1 + len(named) for named in found.nearest]
    places = np.asarray(LOPSIDED)
    for pick, other, named in zip(picks.rows, picks.rows[::-1], found.nearest, strict=True):
        assert (abs(places[named] - places[pick]) <= abs(places[named] - places[other])).all()


# The clusters of 2-means are the first four texts and the last five. Of the first the pick is at 0.2 or nearer to 0, of
# the second at 10.1 or 10.2: nearer to 5.3 than that of its own cluster.
TWO_CLUSTERS = [0.0, 0.1, 0.2, 5.3, 10.0, 10.1, 10.2, 14.0, 14.5]


@pytest.mark.parametrize("name", ["usl", "patron", "patron-released", "kmeans"])
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_one_pick_of_each_cluster_stands_for_that_cluster(name: str, order: list[int]) -> None:
    line = on_a_line([*TWO_CLUSTERS, 40.0])
    some = PredictedFeatures(line.matrix, line.copies, probabilities=np.full((10, 2), 0.5, np.float32))
    candidates, labelled = np.arange(9), rows(9)
    if name == "usl":
        picks = usl.select(some, candidates, labelled, 2, Stream(0), neighbours=2)
    elif name == "kmeans":
        picks = kmeans.select(some, candidates, labelled, 2, Stream(0))
    else:
        form = "released" if name == "patron-released" else "paper"
        picks = patron.select(some, candidates, labelled, 2, Stream(0), form=form)
    picks = picks.reordered(np.asarray(order))
    found = nearest_members(some, candidates, picks, 9)
    told = {
        tuple(sorted([pick, *named])): size
        for pick, named, size in zip(picks.rows.tolist(), lists(found.nearest), found.sizes.tolist(), strict=True)
    }
    assert told == {(0, 1, 2, 3): 4, (4, 5, 6, 7, 8): 5}


def test_a_text_chosen_again_of_a_cluster_stands_for_itself() -> None:
    """k-means finds two clusters of two distinct points; the third pick is a twin of one that was chosen."""
    some = on_a_line([1, 1, 1, 9])
    picks = usl.select(some, np.arange(4), rows(), 3, Stream(0))
    found = nearest_members(some, np.arange(4), picks, 9)
    told = dict(zip(picks.rows.tolist(), lists(found.nearest), strict=True))
    assert told == {0: [2], 1: [], 3: []}


@pytest.mark.parametrize("selector", [k_center, kmeans_plus_plus])
def test_a_text_nearer_to_a_labelled_one_is_no_example(selector: ModuleType) -> None:
    some = on_a_line([0, 1, 2, 10, 11])
    candidates = np.arange(1, 5)
    picks = selector.select(some, candidates, rows(0), 1, Stream(0))
    found = nearest_members(some, candidates, picks, 9)
    assert found.sizes.tolist() == [2]
    assert sorted([*picks.rows.tolist(), *found.nearest[0].tolist()]) == [3, 4]


def test_of_equal_centres_the_one_that_has_the_texts_names_them_in_any_order() -> None:
    """Of eight twins, the first centre has all; three picks are the first three rows."""
    some = on_a_line([1] * 8)
    picks = kmeans.select(some, np.arange(8), rows(), 3, Stream(0))
    for moved in (picks, picks.reordered(np.asarray([2, 1, 0]))):
        found = nearest_members(some, np.arange(8), moved, 9)
        told = sorted(zip(found.sizes.tolist(), lists(found.nearest), strict=True))
        assert told == [(0, []), (0, []), (8, [3, 4, 5, 6, 7])]
