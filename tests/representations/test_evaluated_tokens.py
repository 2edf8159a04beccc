"""Which tokens are evaluated: the share, and that nothing but (seed, text, position) decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.streams import uniform_hash
from alps.representations import evaluated_tokens
from alps.representations.evaluated_tokens import draw_evaluated_tokens, mask_tokens

KEYS = np.random.default_rng(0).integers(0, 2**64, 3000, dtype=np.uint64)
LENGTHS = np.random.default_rng(1).integers(0, 60, 3000)


def drawn(seed: int, fraction: float, keys: np.ndarray, n_tokens: np.ndarray, first: int = 1) -> dict[int, list[int]]:
    found = draw_evaluated_tokens(seed, fraction, keys, n_tokens, first)
    return {int(key): found.positions[found.rows == row].tolist() for row, key in enumerate(keys)}


@pytest.mark.parametrize("fraction", [0.1, 0.15, 0.2, 0.5])
def test_the_share_is_the_fraction(fraction: float) -> None:
    n = LENGTHS.sum()
    share = len(draw_evaluated_tokens(0, fraction, KEYS, LENGTHS, 1).rows) / n
    assert abs(share - fraction) < 4 * np.sqrt(fraction * (1 - fraction) / n)


def test_every_position_is_equally_likely() -> None:
    positions = draw_evaluated_tokens(5, 0.15, KEYS, np.full(3000, 40), 1).positions
    counts = np.bincount(positions, minlength=41)[1:]
    assert len(counts) == 40
    assert np.sum((counts - 450) ** 2 / (450 * 0.85)) < 73  # chi-square of 40 degrees: 0.999 quantile


def test_all_tokens_are_evaluated_at_fraction_one_and_special_tokens_never() -> None:
    found = draw_evaluated_tokens(0, 1.0, KEYS[:4], np.array([3, 0, 1, 2]), first=2)
    assert found.rows.tolist() == [0, 0, 0, 2, 3, 3]
    assert found.positions.tolist() == [2, 3, 4, 2, 2, 3]


def test_no_texts_and_no_tokens() -> None:
    assert draw_evaluated_tokens(0, 0.5, KEYS[:0], LENGTHS[:0], 1).rows.tolist() == []
    assert draw_evaluated_tokens(0, 1.0, KEYS[:3], np.zeros(3, int), 1).positions.tolist() == []


def test_a_larger_fraction_evaluates_the_same_tokens_and_more() -> None:
    small, middle, large = (drawn(7, fraction, KEYS[:200], LENGTHS[:200]) for fraction in (0.1, 0.15, 0.4))
    for key in small:
        assert set(small[key]) <= set(middle[key]) <= set(large[key])
    assert sum(map(len, small.values())) < sum(map(len, middle.values())) < sum(map(len, large.values()))


def test_a_longer_text_with_the_same_key_begins_with_the_same_draws() -> None:
    short = draw_evaluated_tokens(7, 0.3, KEYS[:1], np.array([20]), 1).positions
    long = draw_evaluated_tokens(7, 0.3, KEYS[:1], np.array([126]), 1).positions
    assert long[long <= 20].tolist() == short.tolist()


@settings(deadline=None)
@given(order=st.permutations(range(12)), seed=st.integers(0, 2**32), fraction=st.floats(0.05, 1.0))
def test_the_order_and_the_company_of_the_texts_do_not_matter(order: list[int], seed: int, fraction: float) -> None:
    keys, lengths = KEYS[:12], np.array([5, 40, 0, 9, 30, 1, 2, 77, 13, 8, 8, 21])
    together = drawn(seed, fraction, keys, lengths)
    assert drawn(seed, fraction, keys[order], lengths[order]) == together
    for row in order[:2]:
        assert drawn(seed, fraction, keys[[row]], lengths[[row]]) == {int(keys[row]): together[int(keys[row])]}


def test_the_windows_in_which_texts_are_drawn_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draw_evaluated_tokens(1, 0.15, KEYS, LENGTHS, 1)
    monkeypatch.setattr(evaluated_tokens, "_TEXTS_AT_ONCE", 7)
    cut = draw_evaluated_tokens(1, 0.15, KEYS, LENGTHS, 1)
    assert cut.rows.tolist() == whole.rows.tolist()
    assert cut.positions.tolist() == whole.positions.tolist()


def test_seeds_draw_independently() -> None:
    first, second = (draw_evaluated_tokens(seed, 0.15, KEYS, LENGTHS, 1) for seed in (3, 43))
    codes = [set(zip(found.rows.tolist(), found.positions.tolist(), strict=True)) for found in (first, second)]
    both = len(codes[0] & codes[1]) / LENGTHS.sum()
    assert 0.018 < both < 0.027  # 0.15 squared is 0.0225


def test_the_draw_is_this_one_for_ever() -> None:
    """A change here changes every user's picks and everything that masked runs have stored."""
    found = draw_evaluated_tokens(102, 0.15, np.array([1, 2**63 + 5], np.uint64), np.array([40, 40]), 1)
    expected = [
        (row, position)
        for row, key in enumerate([1, 2**63 + 5])
        for position in range(1, 41)
        if plain_hash(102, 0, key, position) < 0.15
    ]
    assert list(zip(found.rows.tolist(), found.positions.tolist(), strict=True)) == expected
    assert len(expected) > 5


def plain_hash(seed: int, lane: int, key: int, counter: int) -> float:
    """The counter-based hash in Python's own integers."""
    golden, ones = 0x9E3779B97F4A7C15, 2**64 - 1

    def mix(x: int) -> int:
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & ones
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB & ones
        return x ^ (x >> 31)

    state = mix((seed + golden * (lane + 1)) & ones)
    state = mix(key ^ state)
    state = mix((state + golden * (counter + 1)) & ones)
    return (state >> 11) / 2**53


def test_masking_is_eighty_ten_ten() -> None:
    found = draw_evaluated_tokens(0, 1.0, KEYS, np.full(3000, 10), 1)
    tokens = np.full(len(found.rows), 7)
    shown = mask_tokens(0, KEYS[found.rows], found.positions, tokens, mask_id=3, n_vocabulary=10_000)
    n = len(shown)
    masked, kept = np.mean(shown == 3), np.mean(shown == 7)
    others = shown[(shown != 3) & (shown != 7)]
    assert abs(masked - 0.8) < 4 * np.sqrt(0.16 / n)
    assert abs(kept - 0.1) < 4 * np.sqrt(0.09 / n)
    assert others.min() >= 0 and others.max() < 10_000
    assert len(np.unique(others)) > 0.8 * 10_000 * (1 - np.exp(-len(others) / 10_000))  # spread over all of them


def test_masking_and_evaluating_are_drawn_apart() -> None:
    keys = np.repeat(KEYS, 10)
    positions = np.tile(np.arange(10), len(KEYS))
    lanes = [uniform_hash(0, lane, keys, positions) for lane in range(3)]
    correlations = np.corrcoef(lanes)
    assert np.abs(correlations[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(len(keys))
