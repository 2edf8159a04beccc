"""Stratified: every text equally likely, class counts steadier than Random's, whatever the clusters."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import stratified
from alps.selectors.equal_size_clusters import equal_size_clusters

NONE = np.empty(0, dtype=np.int64)
BOTH = pytest.mark.parametrize("strata", stratified.STRATA)
N, K = 120, 12


def two_clouds() -> Features:
    """The first third of the rows lies far from the others."""
    matrix = np.random.default_rng(0).normal(size=(N, 4))
    matrix[: N // 3, 0] += 20
    return Features(matrix.astype(np.float32), np.ones(N, np.int64))


def draws(features: Features, n: int, **options: str) -> np.ndarray:
    """How often each row was drawn in each of n batches, (n, rows)."""
    rows = np.arange(features.n)
    batches = (stratified.select(features, rows, NONE, K, Stream(seed), **options).rows for seed in range(n))
    return np.stack([np.bincount(batch, minlength=features.n) for batch in batches])


@BOTH
def test_every_text_is_drawn_with_probability_k_of_n(strata: str) -> None:
    n = 600
    shares = draws(two_clouds(), n, strata=strata).mean(axis=0)
    p = K / N
    assert (np.abs(shares - p) < 5 * np.sqrt(p * (1 - p) / n)).all()


@BOTH
def test_a_cloud_gets_its_exact_share_of_every_batch(strata: str) -> None:
    of_cloud = draws(two_clouds(), 100, strata=strata)[:, : N // 3].sum(axis=1)
    assert (of_cloud == K // 3).all()


@BOTH
def test_a_class_that_follows_the_clusters_in_part_varies_less_than_at_random(strata: str) -> None:
    generator = np.random.default_rng(1)
    inside = np.arange(N) < N // 3
    positive = np.where(inside, generator.random(N) < 0.9, generator.random(N) < 0.2)
    p = positive.mean()
    random_variance = K * p * (1 - p) * (N - K) / (N - 1)
    counts = draws(two_clouds(), 400, strata=strata) @ positive
    assert abs(counts.mean() - K * p) < 4 * np.sqrt(random_variance / 400)
    assert counts.var() < 0.8 * random_variance


def test_a_class_that_has_nothing_to_do_with_the_clusters_varies_as_at_random() -> None:
    """The control: shuffled clusters must equal Random, or something leaks."""
    positive = np.random.default_rng(2).permutation(N) < N // 2
    counts = draws(two_clouds(), 800) @ positive
    random_variance = K * 0.25 * (N - K) / (N - 1)
    assert abs(counts.mean() - K / 2) < 4 * np.sqrt(random_variance / 800)
    assert counts.var() == pytest.approx(random_variance, rel=0.2)


@BOTH
def test_copies_count_as_often_as_they_occur(strata: str) -> None:
    copies = np.ones(N, np.int64)
    copies[[3, 70]] = 5
    features = Features(two_clouds().matrix, copies)
    shares = draws(features, 600, strata=strata).mean(axis=0)
    p = 5 * K / copies.sum()
    assert np.abs(shares[[3, 70]] - p).max() < 5 * np.sqrt(p * (1 - p) / 600)


@BOTH
def test_a_text_that_is_most_of_the_pool_is_always_drawn_once(strata: str) -> None:
    copies = np.ones(N, np.int64)
    copies[7] = 1000
    picks = stratified.select(
        Features(two_clouds().matrix, copies), np.arange(N), NONE, K, Stream(0), strata=strata
    ).rows
    assert 7 in picks
    assert len(np.unique(picks)) == K


def test_the_first_pick_is_of_each_cloud_as_often_as_the_cloud_is_large() -> None:
    first = [stratified.select(two_clouds(), np.arange(N), NONE, K, Stream(seed)).rows[0] for seed in range(400)]
    share = np.mean(np.array(first) < N // 3)
    assert abs(share - 1 / 3) < 4 * np.sqrt(2 / 9 / 400)


def test_what_is_known_of_the_cluster_of_each_pick() -> None:
    copies = np.ones(13, np.int64)
    copies[12] = 60  # always drawn
    matrix = np.array([[0.0, 0], [2, 0], [0, 2], [2, 2]] * 3 + [[50, 50]], dtype=np.float32)
    matrix[4:8] += 10
    matrix[8:12] += 20
    picks = stratified.select(Features(matrix, copies), np.arange(13), NONE, 4, Stream(0))
    assert picks.cluster_sizes is not None and picks.distances is not None
    sizes = dict(zip(picks.rows.tolist(), picks.cluster_sizes.tolist(), strict=True))
    assert sizes.pop(12) == 60
    assert sorted(row // 4 for row in sizes) == [0, 1, 2]
    assert set(sizes.values()) == {4}
    assert picks.distances == pytest.approx(np.where(picks.rows == 12, 0.0, np.sqrt(2)))


def test_every_prefix_spreads_over_the_clusters() -> None:
    for seed in range(20):
        of_cloud = stratified.select(two_clouds(), np.arange(N), NONE, K, Stream(seed)).rows < N // 3
        assert of_cloud[: K // 2].sum() == K // 6  # a third of every prefix, where that is whole
        assert of_cloud[: K // 4].sum() == K // 12


@pytest.mark.parametrize("n", [1, 2, 7, 12])
def test_every_place_is_as_likely_in_every_prefix_of_the_order(n: int) -> None:
    generator = np.random.default_rng(0)
    n_draws = 4000
    rank = np.argsort([stratified._spread_order(n, generator) for _ in range(n_draws)], axis=1)
    for size in range(1, n + 1):
        p = size / n
        assert (np.abs((rank < size).mean(axis=0) - p) <= 5 * np.sqrt(p * (1 - p) / n_draws)).all()


def test_equal_size_clusters_hold_every_row_once_and_are_equal() -> None:
    clusters = equal_size_clusters(two_clouds(), K, Stream(0))
    assert sorted(np.concatenate(clusters).tolist()) == list(range(N))
    assert [len(cluster) for cluster in clusters] == [N // K] * K
    in_cloud = [np.mean(cluster < N // 3) for cluster in clusters]
    assert set(in_cloud) == {0.0, 1.0}  # no cluster mixes the clouds


def test_equal_size_clusters_of_a_pool_that_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alps.selectors.equal_size_clusters._FIT_ROWS", 30)
    monkeypatch.setattr("alps.selectors.equal_size_clusters._ROWS_AT_ONCE", 7)
    clusters = equal_size_clusters(two_clouds(), K, Stream(0))
    assert sorted(np.concatenate(clusters).tolist()) == list(range(N))
    assert [len(cluster) for cluster in clusters] == [N // K] * K
    assert {np.mean(cluster < N // 3) for cluster in clusters} == {0.0, 1.0}


def test_equal_size_clusters_of_sparse_and_of_equal_rows() -> None:
    sparse = Features(sp.csr_array(two_clouds().matrix), np.ones(N, np.int64))
    assert {len(cluster) for cluster in equal_size_clusters(sparse, 7, Stream(0))} == {17, 18}
    equal = Features(np.zeros((9, 2), np.float32), np.ones(9, np.int64))
    assert sorted(len(cluster) for cluster in equal_size_clusters(equal, 3, Stream(0))) == [3, 3, 3]


def test_unknown_strata_are_refused() -> None:
    with pytest.raises(AlpsError, match="strata 'round' are unknown"):
        stratified.select(two_clouds(), np.arange(N), NONE, K, Stream(0), strata="round")
