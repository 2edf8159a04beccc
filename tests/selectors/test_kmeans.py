"""k-means and the nearest text of each centre (paper 4.2)."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans
from alps.selectors.kmeans import PRESETS, assign, fit_centres, select
from alps.selectors.picks import Picks

# Three heaps; the text nearest to the mean of each is 1, 4 and 8.
HEAPS = [[0, 0], [1, 1], [2, 2], [20, 0], [21, 0], [22.5, 0], [0, 40], [0, 42], [0, 43], [0, 46]]
NOTHING = np.empty(0, dtype=np.int64)


def features(matrix: object, copies: object = None) -> Features:
    matrix = np.asarray(matrix, dtype=np.float32)
    return Features(matrix, np.ones(len(matrix), np.int64) if copies is None else np.asarray(copies))


def pick(some: Features, k: int, seed: int = 0, **options: str) -> Picks:
    return select(some, np.arange(some.n), NOTHING, k, Stream(seed, "kmeans"), **options)


def unit_rows(n: int, d: int, seed: int = 0) -> np.ndarray:
    matrix = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def ragged_rows(n: int, seed: int = 0) -> np.ndarray:
    """Like surprisal embeddings: sparse, positive, norm 1, some rows zero."""
    generator = np.random.default_rng(seed)
    matrix = (generator.exponential(3.0, (n, 30)) * (generator.random((n, 30)) < 0.1)).astype(np.float32)
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, norms, out=np.zeros_like(matrix), where=norms > 0)


@pytest.mark.parametrize("preset", PRESETS)
def test_heaps_give_their_middle_texts(preset: str) -> None:
    picks = pick(features(HEAPS), 3, preset=preset)
    by_row = np.argsort(picks.rows)
    assert picks.rows[by_row].tolist() == [1, 4, 8]
    assert picks.cluster_sizes[by_row].tolist() == [3, 3, 4]
    means = [[1, 1], [63.5 / 3, 0], [0, 171 / 4]]
    expected = [np.linalg.norm(np.subtract(HEAPS[row], mean)) for row, mean in zip([1, 4, 8], means, strict=True)]
    np.testing.assert_allclose(picks.distances[by_row], expected, atol=1e-5)


def test_candidates_are_the_only_rows_that_are_clustered_and_chosen() -> None:
    candidates = np.array([0, 1, 2, 6, 7, 8])
    picks = select(features(HEAPS), candidates, NOTHING, 2, Stream(0))
    assert sorted(picks.rows.tolist()) == [1, 7]
    assert picks.cluster_sizes.tolist() == [3, 3]


def test_what_is_labelled_does_not_matter_as_published() -> None:
    some = features(HEAPS)
    free = pick(some, 3)
    given_labels = select(some, np.arange(10), np.array([1, 4]), 3, Stream(0, "kmeans"))
    assert given_labels.rows.tolist() == free.rows.tolist()


def test_one_pick_is_the_text_nearest_to_the_mean() -> None:
    picks = pick(features([[0], [1], [2], [9]]), 1)
    assert picks.rows.tolist() == [2]  # the mean is 3
    assert picks.distances.tolist() == [1.0]
    assert picks.cluster_sizes.tolist() == [4]


def test_as_many_picks_as_texts_are_all_texts() -> None:
    picks = pick(features(unit_rows(9, 4)), 9)
    assert sorted(picks.rows.tolist()) == list(range(9))
    assert picks.cluster_sizes.tolist() == [1] * 9
    np.testing.assert_allclose(picks.distances, 0, atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 1.0], ids=["all zero", "all equal"])
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_equal_rows_give_the_first_ids(value: float, k: int, form: type) -> None:
    some = Features(form(np.full((5, 3), value, np.float32)), np.ones(5, np.int64))
    picks = pick(some, k)
    assert sorted(picks.rows.tolist()) == list(range(k))
    assert picks.distances.tolist() == [0.0] * k
    assert picks.cluster_sizes.sum() == 5


def test_fewer_distinct_rows_than_picks() -> None:
    some = features([[1, 0], [0, 1]] * 4)
    picks = pick(some, 5)
    assert len(set(picks.rows.tolist())) == 5
    assert {0, 1} <= set(picks.rows.tolist())  # the first of each kind
    assert picks.cluster_sizes.sum() == 8


def test_one_zero_row_among_the_picks() -> None:
    matrix = ragged_rows(200)
    zero = ~matrix.any(axis=1)
    assert zero.sum() >= 5
    picks = pick(Features(sp.csr_array(matrix), np.ones(200, np.int64)), 40)
    assert zero[picks.rows].sum() == 1
    everything = pick(Features(sp.csr_array(matrix), np.ones(200, np.int64)), 200 - int(zero.sum()) + 3)
    assert zero[everything.rows].sum() == 3


def test_a_text_with_copies_moves_the_centre() -> None:
    line = [[0.0], [1.0], [4.0]]
    assert pick(features(line), 1).rows.tolist() == [1]  # mean 1.67
    heavy = pick(features(line, [1, 1, 100]), 1)
    assert heavy.rows.tolist() == [2]
    np.testing.assert_allclose(heavy.distances, [4 - 401 / 102], atol=1e-5)
    assert heavy.cluster_sizes.tolist() == [102]


def test_copies_are_the_same_as_repeated_rows() -> None:
    copies = np.array([1, 5, 1, 2, 7, 1, 1, 4, 1, 1])
    weighted = pick(features(HEAPS, copies), 3)
    repeated = pick(features(np.repeat(HEAPS, copies, axis=0)), 3)
    original = np.repeat(np.arange(10), copies)
    by_row, by_text = np.argsort(weighted.rows), np.argsort(original[repeated.rows])
    assert weighted.rows[by_row].tolist() == original[repeated.rows][by_text].tolist() == [1, 4, 7]
    assert weighted.cluster_sizes[by_row].tolist() == repeated.cluster_sizes[by_text].tolist() == [7, 10, 7]
    np.testing.assert_allclose(weighted.distances[by_row], repeated.distances[by_text], atol=1e-4)


def test_ties_go_to_the_smaller_row() -> None:
    assert pick(features([[1, 1], [-1, 1], [1, -1], [-1, -1]]), 1).rows.tolist() == [0]


@settings(deadline=None, max_examples=50)
@given(arrays(np.float32, st.tuples(st.integers(1, 25), st.just(3)), elements=st.integers(0, 2).map(float)), st.data())
def test_k_distinct_rows_and_sizes_that_add_up(matrix: np.ndarray, data: st.DataObject) -> None:
    n = len(matrix)
    k = data.draw(st.integers(1, n))
    copies = np.array(data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)))
    for form in (matrix, sp.csr_array(matrix)):
        picks = pick(Features(form, copies), k, seed=data.draw(st.integers(0, 9)))
        assert len(set(picks.rows.tolist())) == k
        assert picks.cluster_sizes.sum() == copies.sum()
        assert picks.distances.dtype == np.float32 and np.isfinite(picks.distances).all()


def test_distances_and_sizes_belong_to_the_centres_of_the_fit() -> None:
    some = Features(sp.csr_array(ragged_rows(300)), np.random.default_rng(1).integers(1, 4, 300))
    picks = pick(some, 20)
    centres = fit_centres(some, 20, Stream(0, "kmeans"))
    every = np.linalg.norm(ragged_rows(300)[:, None] - centres, axis=2)
    np.testing.assert_allclose(picks.distances, every[picks.rows, np.arange(20)], atol=1e-5)
    sizes = np.bincount(every.argmin(axis=1), weights=some.copies, minlength=20)
    assert picks.cluster_sizes.tolist() == sizes.tolist()
    assert assign(some, centres).tolist() == every.argmin(axis=1).tolist()


def test_dense_and_csr_give_the_same_picks() -> None:
    matrix = np.vstack([heap + 0.1 * unit_rows(12, 16, seed=i) for i, heap in enumerate(3 * unit_rows(8, 16, seed=99))])
    dense, sparse = (pick(Features(form, np.ones(96, np.int64)), 8) for form in (matrix, sp.csr_array(matrix)))
    assert sorted(dense.rows.tolist()) == sorted(sparse.rows.tolist())
    assert sorted(dense.cluster_sizes.tolist()) == sorted(sparse.cluster_sizes.tolist()) == [12] * 8


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array], ids=["dense", "csr"])
def test_one_and_two_threads_and_a_second_run_give_the_same_bytes(form: type) -> None:
    some = Features(form(ragged_rows(3000)), np.ones(3000, np.int64))
    found = []
    for threads in (1, 2, 2):
        with threadpool_limits(threads):
            picks = pick(some, 30)
        found.append((picks.rows.tobytes(), picks.distances.tobytes(), picks.cluster_sizes.tobytes()))
    assert found[0] == found[1] == found[2]
    assert pick(some, 30, seed=1).rows.tolist() != np.frombuffer(found[0][0], np.int64).tolist()


def test_presets_are_those_of_the_paper_and_of_the_released_code() -> None:
    assert PRESETS["paper"] == {"n_init": 1, "max_iter": 10, "tol": 0.0}
    assert PRESETS["released"] == {"n_init": 10, "max_iter": 300, "tol": 1e-4}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_centres_are_those_of_scikit_learn_with_the_settings_of_the_preset(preset: str) -> None:
    matrix = sp.csr_array(ragged_rows(400))
    copies = np.random.default_rng(1).integers(1, 4, 400)
    seed = int(Stream(5, "kmeans").generator().integers(2**31))
    with threadpool_limits(1):
        theirs = KMeans(12, random_state=seed, **PRESETS[preset]).fit(matrix, sample_weight=copies)
    ours = fit_centres(Features(matrix, copies), 12, Stream(5, "kmeans"), preset)
    assert ours.tobytes() == theirs.cluster_centers_.tobytes()
    assert ours.dtype == np.float32


def test_more_starts_are_no_worse() -> None:
    some = Features(sp.csr_array(ragged_rows(600)), np.ones(600, np.int64))

    def inertia(preset: str) -> float:
        centres = fit_centres(some, 25, Stream(0), preset)
        return float(some.squared_distances(centres).min(axis=1).sum())

    assert inertia("released") < inertia("paper")


def test_an_unknown_preset_is_an_error() -> None:
    with pytest.raises(AlpsError, match="preset 'fast' is unknown; choose one of default, paper, released"):
        pick(features(HEAPS), 3, preset="fast")


def test_a_huge_pool_is_fitted_on_a_sample_but_assigned_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmeans, "FIT_ROWS", 60)
    heaps = np.vstack([centre + 0.01 * unit_rows(100, 8, seed=i) for i, centre in enumerate(10 * unit_rows(3, 8))])
    picks = pick(features(heaps), 3)
    assert picks.cluster_sizes.tolist() == [100] * 3
    assert sorted(picks.rows // 100) == [0, 1, 2]
    assert pick(features(heaps), 3).rows.tolist() == picks.rows.tolist()


def test_nothing_that_was_passed_is_changed() -> None:
    matrix, copies = ragged_rows(50), np.arange(1, 51)
    some, candidates = Features(matrix.copy(), copies.copy()), np.arange(0, 50, 2)
    select(some, candidates, NOTHING, 5, Stream(0))
    assert some.matrix.tobytes() == matrix.tobytes()
    assert some.copies.tolist() == copies.tolist()
    assert candidates.tolist() == list(range(0, 50, 2))
