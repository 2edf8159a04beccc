import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.base.streams import Stream, uniform_hash

N = 1_000_000
SEEDS = st.integers(0, 2**64 - 1)
FULL = 2**64 - 1


def mix(x: int) -> int:
    """The finaliser of SplitMix64, in whole numbers."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & FULL
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & FULL
    return x ^ (x >> 31)


def hash_in_whole_numbers(seed: int, lane: int, key: int, counter: int) -> float:
    golden = 0x9E3779B97F4A7C15
    state = mix((seed + golden * (lane + 1)) & FULL)
    state = mix(key ^ state)
    state = mix((state + golden * (counter + 1)) & FULL)
    return (state >> 11) / 2**53


def draws(seed: int = 0, lane: int = 0, first_key: int = 0) -> np.ndarray:
    """A million draws: a thousand positions of a thousand texts."""
    keys = np.arange(first_key, first_key + 1000, dtype=np.uint64)[:, None]
    return uniform_hash(seed, lane, keys, np.arange(1000)).ravel()


@given(SEEDS)
def test_the_same_seed_and_purpose_give_the_same_numbers(seed: int) -> None:
    first, second = (Stream(seed).child("kmeans").generator().random(4) for _ in range(2))
    assert first.tolist() == second.tolist()


@given(SEEDS, SEEDS)
def test_other_seeds_and_purposes_give_other_numbers(seed: int, other: int) -> None:
    streams = [Stream(seed), Stream(seed).child("a"), Stream(seed).child("b"), Stream(seed).child("a").child("b")]
    if other != seed:
        streams.append(Stream(other).child("a"))
    numbers = [tuple(stream.generator().random(3)) for stream in streams]
    assert len(set(numbers)) == len(streams)


def test_a_child_does_not_depend_on_what_was_drawn_before() -> None:
    stream = Stream(3)
    before = stream.child("a").integer()
    stream.generator().random(100)
    stream.child("b").generator().random(100)
    assert stream.child("a").integer() == before


@given(SEEDS)
def test_an_integer_fits_libraries(seed: int) -> None:
    assert 0 <= Stream(seed).integer() < 2**31


@pytest.mark.parametrize("seed", [-1, -(2**63), 2**64, 10**30])
def test_a_seed_out_of_range_is_refused_in_one_sentence(seed: int) -> None:
    with pytest.raises(AlpsError, match=rf"^The seed {seed} is not a whole number from 0 to [^\n]*\.$"):
        Stream(seed)


def test_streams_do_not_change_silently() -> None:
    assert Stream(0).child("kmeans").integer() == 2069141134
    assert uniform_hash(3, 0, np.array([0x0123456789ABCDEF], np.uint64), 7)[0] == 0.39753963940442494


@given(SEEDS, st.integers(0, 9), SEEDS, st.integers(0, 2**32))
def test_the_hash_is_the_published_one(seed: int, lane: int, key: int, counter: int) -> None:
    found = uniform_hash(seed, lane, np.array([key], dtype=np.uint64), counter)
    assert found.dtype == np.float64
    assert found.tolist() == [hash_in_whole_numbers(seed, lane, key, counter)]
    assert 0 <= found[0] < 1


def test_keys_and_counters_are_broadcast() -> None:
    keys = np.array([5, 9], dtype=np.uint64)
    table = uniform_hash(1, 0, keys[:, None], np.arange(3))
    assert table.shape == (2, 3)
    assert table[1, 2] == uniform_hash(1, 0, keys[1:], 2)[0]


@pytest.mark.parametrize("which", [{}, {"seed": 3}, {"lane": 1}, {"first_key": 2**63}])
def test_draws_look_uniform(which: dict[str, int]) -> None:
    numbers = draws(**which)
    assert abs(numbers.mean() - 1 / 2) < 5 * math.sqrt(1 / 12 / N)
    assert abs(numbers.var() - 1 / 12) < 5 * math.sqrt(1 / 180 / N)
    counts = np.bincount((numbers * 1000).astype(int), minlength=1000)
    chi_square = float((np.square(counts - N / 1000) / (N / 1000)).sum())
    assert abs(chi_square - 999) < 5 * math.sqrt(2 * 999)
    assert abs((numbers < 0.15).mean() - 0.15) < 5 * math.sqrt(0.15 * 0.85 / N)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize("other", [{"lane": 1}, {"lane": 2}, {"seed": 1}, {"seed": 2**40}, {"first_key": 1000}])
def test_lanes_seeds_and_texts_are_uncorrelated(other: dict[str, int]) -> None:
    assert abs(correlation(draws(), draws(**other))) < 5 / math.sqrt(N)


@pytest.mark.parametrize("lag", [1, 2, 1000])
def test_neighbouring_positions_and_texts_are_uncorrelated(lag: int) -> None:
    numbers = draws()
    assert abs(correlation(numbers[:-lag], numbers[lag:])) < 5 / math.sqrt(N)


def test_two_draws_fill_the_square() -> None:
    first, second = draws(), draws(lane=1)
    counts = np.bincount((first * 30).astype(int) * 30 + (second * 30).astype(int), minlength=900)
    chi_square = float((np.square(counts - N / 900) / (N / 900)).sum())
    assert abs(chi_square - 899) < 5 * math.sqrt(2 * 899)


def test_the_next_seed_and_the_next_lane_are_not_the_same_draw() -> None:
    keys = np.arange(5, dtype=np.uint64)
    table = {tuple(uniform_hash(seed, lane, keys, 0)) for seed in range(20) for lane in range(5)}
    assert len(table) == 100


def test_a_turn_gives_other_draws_and_stays_with_the_children() -> None:
    first = Stream(3).child("order")
    later = Stream(3).at(7).child("order")
    assert first.integer() != later.integer() != Stream(3).at(8).child("order").integer()
    assert later.steady() == first
