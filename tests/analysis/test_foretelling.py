"""What learning curves foretell, on texts whose curve is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from alps.analysis.foretelling import MOST_POINTS, foretold_gain, saved_against_random, thinned

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


def test_the_gain_of_many_texts_is_that_of_the_law() -> None:
    truth = accuracy(500) - accuracy(400)
    gain = foretold_gain(SIZES, right(100_000, seed=0), 100)
    assert gain.estimate == pytest.approx(truth, abs=0.001)
    assert gain.n == 100_000


def test_the_interval_of_a_gain_holds_for_what_chance_does_to_the_audit() -> None:
    truth = accuracy(500) - accuracy(400)
    gains = [foretold_gain(SIZES, right(60, seed), 100) for seed in range(150)]
    inside = np.mean([gain.low <= truth <= gain.high for gain in gains])
    assert 0.85 < inside <= 1.0
    assert np.mean([gain.high - gain.low for gain in gains]) < 0.05  # and it says something


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
