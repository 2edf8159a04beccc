"""What learning curves foretell, on texts whose curve is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from alps.analysis.foretelling import MOST_POINTS, changed_share, foretold_gain, saved_against_random, thinned

SIZES = [25 * i for i in range(1, 17)]


def accuracy(n: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Of a model that was trained on n labels."""
    return 0.9 - 2.0 * np.asarray(n, dtype=np.float64) ** -0.5


def right(n_texts: int, seed: int) -> npt.NDArray[np.bool_]:
    """Whether each model is right on each of some random texts: on the easy ones, of which there are more and more."""
    difficulty = np.random.default_rng(seed).uniform(size=n_texts)
    return difficulty < accuracy(SIZES)[:, None]


def test_a_series_is_thinned_evenly_and_keeps_its_ends() -> None:
    assert thinned([1, 2, 3]) == [1, 2, 3]
    found = thinned(range(100))
    assert (len(found), found[0], found[-1]) == (MOST_POINTS, 0, 99)
    assert {*np.diff(found)} == {3, 4}


def test_the_gain_is_half_of_the_law_and_half_of_what_the_last_labels_changed() -> None:
    truth = accuracy(500) - accuracy(400)
    gain = foretold_gain(SIZES, right(100_000, seed=0), 100, changed=0.04)
    assert gain.estimate == pytest.approx((truth + 0.05 * 0.04) / 2, abs=0.001)
    assert gain.high - gain.low == pytest.approx(2 * 0.035 * 0.04**0.5, rel=0.01)  # chance in the texts is small
    assert gain.n == 100_000


def test_models_that_change_their_mind_less_are_surer_of_the_gain() -> None:
    steady, unsteady = (foretold_gain(SIZES, right(100, seed=0), 100, changed) for changed in (0.01, 0.2))
    assert unsteady.low < steady.low < steady.estimate < unsteady.estimate < unsteady.high


def test_the_interval_of_a_gain_holds_for_what_chance_does_to_the_audit_and_the_models() -> None:
    generator = np.random.default_rng(0)
    inside, widths = [], []
    for seed in range(150):
        gain = foretold_gain(SIZES, right(60, seed), 100, changed=0.09)
        truth = accuracy(500) - accuracy(400) + generator.normal(scale=0.5 * 0.035 * 0.09**0.5)
        inside.append(gain.low <= truth <= gain.high)
        widths.append(gain.high - gain.low)
    assert 0.9 < np.mean(inside) <= 1.0
    assert np.mean(widths) < 0.05  # and it says something


def test_what_two_models_say_of_few_texts_is_never_the_same() -> None:
    assert changed_share([{"a"}, {"b"}], [{"a"}, {"b"}]) == 0.5
    assert changed_share([{"a"}, {"b"}, {"a"}, {"b"}], [{"b"}, {"b"}, {"a"}, {"a", "b"}]) == 0.75


def test_what_random_labels_would_have_cost() -> None:
    sizes = [10, 20, 40, 80]
    scores = [accuracy(np.array(sizes)).tolist()] * 40
    model = float(accuracy(400))
    saved = saved_against_random(sizes, scores, round(5000 * model), 5000, n_labels=150, most=10_000)
    assert saved.estimate == pytest.approx(400 - 150, abs=5)
    assert saved.low < 250 < (saved.high or 0)
    beyond = saved_against_random(sizes, scores, 5000, 5000, n_labels=150, most=10_000)
    assert (beyond.estimate, beyond.low, beyond.high) == (None, 10_000, None)
    nothing = saved_against_random(sizes, scores, round(5000 * model), 5000, n_labels=600, most=10_000)
    assert nothing.estimate == pytest.approx(-200, abs=5)
