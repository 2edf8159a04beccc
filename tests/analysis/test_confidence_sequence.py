"""Intervals that hold at all times: by hand, and by simulation with a look after every draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.analysis.confidence_sequence import confidence_sequence
from alps.base.errors import AlpsError


def test_one_success_by_hand() -> None:
    # B(2, 1) = 1/2, so M = 1 / (2 p), and M <= 20 where p >= 1/40.
    found = confidence_sequence(1, 1)
    assert found.low == pytest.approx(1 / 40, abs=1e-9)
    assert found.high == 1.0


def test_one_of_two_by_hand() -> None:
    # B(2, 2) = 1/6; 1 / (6 p (1 - p)) <= 20 where p (1 - p) >= 1/120.
    half_width = np.sqrt(1 / 4 - 1 / 120)
    found = confidence_sequence(1, 2)
    assert (found.low, found.high) == pytest.approx((0.5 - half_width, 0.5 + half_width), abs=1e-9)


@given(st.integers(0, 300), st.integers(1, 300))
def test_the_estimate_lies_inside_and_mirrors(successes: int, n: int) -> None:
    successes = min(successes, n)
    found, mirrored = confidence_sequence(successes, n), confidence_sequence(n - successes, n)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0
    assert found.low == pytest.approx(1.0 - mirrored.high, abs=1e-9)


@given(st.integers(0, 100))
def test_more_confidence_is_wider(successes: int) -> None:
    narrow, wide = (confidence_sequence(successes, 100, confidence=c) for c in (0.8, 0.99))
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 0.97])
def test_it_covers_although_one_looks_after_every_draw(p: float) -> None:
    n, runs = 400, 400
    drawn = np.random.default_rng(3).random((runs, n)) < p
    bounds = [[confidence_sequence(s, t) for s in range(t + 1)] for t in range(0, n + 1, 20)]
    missed = 0
    for run in drawn.cumsum(axis=1):
        looks = [bounds[t // 20][run[t - 1]] for t in range(20, n + 1, 20)]
        missed += any(not look.low <= p <= look.high for look in looks)
    assert missed / runs <= 0.05


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(AlpsError, match="3 of 2 is not a share"):
        confidence_sequence(3, 2)
    with pytest.raises(AlpsError, match="not between 0 and 1"):
        confidence_sequence(1, 2, confidence=95)
