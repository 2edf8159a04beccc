"""The experiments draw with the library's own selectors."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.selectors import kmeans, stratified
from alps.selectors.equal_size_clusters import equal_size_clusters

FEATURES = Features(np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32), np.ones(200, dtype=np.int64))
EVERYTHING, NOTHING = np.arange(200), np.empty(0, dtype=np.int64)
STREAM, K = Stream(3, "encoder"), 16


@pytest.fixture
def cold_start(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[1] / "experiments"), *sys.path])
    return import_module("cold_start")


def test_equal_random_is_stratified(cold_start: ModuleType) -> None:
    groups = equal_size_clusters(FEATURES, K, STREAM.child("strata"))
    arms = {name: picks for name, picks, _ in cold_start.equal_arms(FEATURES, groups, K, STREAM)}
    expected = stratified.select(FEATURES, EVERYTHING, NOTHING, K, STREAM).rows
    assert sorted(arms["equal random none"]) == sorted(expected)
    assert all(len(np.unique(picks)) == K for picks in arms.values())


def test_free_nearest_is_k_means_and_its_weights_are_the_sizes(cold_start: ModuleType) -> None:
    arms = {name: (picks, weights) for name, picks, weights in cold_start.free_arms(FEATURES, K, STREAM)}
    expected = kmeans.select(FEATURES, EVERYTHING, NOTHING, K, STREAM.child("kmeans"))
    picks, weights = arms["free nearest full"]
    assert np.array_equal(picks, expected.rows)
    assert np.array_equal(weights, expected.cluster_sizes)
    assert arms["free nearest none"][1] is None
    assert np.allclose(arms["free nearest sqrt"][1] ** 2, weights)
    assert sum(arms["free random full"][1]) == 200


def test_core_is_the_nearer_half(cold_start: ModuleType) -> None:
    line = Features(np.array([[0.0], [3.0], [1.0], [2.0], [9.0]], dtype=np.float32), np.ones(5, dtype=np.int64))
    assert cold_start.core(line, np.array([1, 2, 3, 4]), np.array([0.5], dtype=np.float32)).tolist() == [2, 3]
