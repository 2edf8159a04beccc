"""Samples of a fixed size: the probability of every text is exactly what was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.selectors.fixed_size_samples import certain, pivotal_sample, systematic_sample

BOTH = pytest.mark.parametrize("sample", [pivotal_sample, systematic_sample])
Sample = Callable[..., np.ndarray]


@BOTH
def test_each_text_is_drawn_with_its_share_of_the_weight(sample: Sample) -> None:
    weights = np.array([1, 2, 3, 1, 1, 4, 2, 2])  # of 16; three draws
    generator = np.random.default_rng(0)
    n = 20_000
    counts = sum(np.bincount(sample(weights, 3, generator), minlength=8) for _ in range(n))
    expected = 3 * weights / 16
    spread = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(counts / n - expected) < 4.5 * spread).all()


@BOTH
@given(weights=st.lists(st.integers(1, 50), min_size=1, max_size=30), seed=st.integers(0, 99), data=st.data())
def test_k_different_places_in_ascending_order(
    sample: Sample, weights: list[int], seed: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(weights)))
    rest = np.array(weights)[~certain(np.array(weights), k)]
    k -= len(weights) - len(rest)
    drawn = sample(rest, k, np.random.default_rng(seed))
    assert len(drawn) == k
    assert (np.diff(drawn) > 0).all()
    assert not k or 0 <= drawn[0] <= drawn[-1] < len(rest)


@BOTH
def test_a_stretch_that_holds_half_the_weight_gives_half_the_draws(sample: Sample) -> None:
    weights = np.ones(100, dtype=np.int64)
    for seed in range(50):
        assert (sample(weights, 10, np.random.default_rng(seed)) < 50).sum() == 5


def test_a_text_with_more_than_a_kth_of_the_weight_is_certain() -> None:
    assert certain(np.array([6, 1, 1, 1, 1]), 2).tolist() == [True, False, False, False, False]
    # Without the first, the second holds two thirds of the rest, of which one is drawn: not certain.
    assert certain(np.array([90, 4, 1, 1]), 2).tolist() == [True, False, False, False]
    # Of the rest two are drawn, and half of it is a half: certain too.
    assert certain(np.array([90, 4, 1, 1]), 3).tolist() == [True, True, False, False]
    assert certain(np.array([5, 5, 5]), 3).all()
