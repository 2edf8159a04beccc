"""BatchBALD: the joint mutual information on hand-made predictions, exact and sampled."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.predicted import PredictedFeatures
from alps.selectors import batch_bald
from alps.selectors.batch_bald import Joint, select
from alps.selectors.top_k import bald


def features(samples: np.ndarray) -> PredictedFeatures:
    samples = np.asarray(samples, dtype=np.float32)
    n = len(samples)
    return PredictedFeatures(
        np.zeros((n, 1), np.float32), np.ones(n, np.int64), probabilities=samples.mean(axis=1), samples=samples
    )


def some_samples(n: int, draws: int, classes: int) -> np.ndarray:
    return np.random.default_rng(1).dirichlet(np.full(classes, 0.5), (n, draws)).astype(np.float32)


def joint_information(samples: np.ndarray) -> float:
    """I(y_1, ..., y_b; w) by its definition: every configuration of the labels, section 3.1 of the paper."""
    samples = samples.astype(np.float64)
    b, draws, classes = samples.shape
    joint, given = 0.0, 0.0
    for labels in product(range(classes), repeat=b):
        under_each = np.prod([samples[i, :, label] for i, label in enumerate(labels)], axis=0)  # (draws,)
        joint -= under_each.mean() * np.log(under_each.mean())
    for i in range(b):
        given -= (samples[i] * np.log(samples[i])).sum() / draws
    return joint - given


def greedy(samples: np.ndarray, k: int) -> list[int]:
    """Algorithm 1 of the paper, without any economy."""
    chosen: list[int] = []
    for _ in range(k):
        left = [row for row in range(len(samples)) if row not in chosen]
        chosen.append(max(left, key=lambda row: joint_information(samples[[*chosen, row]])))
    return chosen


def picked(samples: np.ndarray, k: int, seed: int = 0) -> list[int]:
    return select(features(samples), np.arange(len(samples)), np.arange(0), k, Stream(seed)).rows.tolist()


def test_the_first_text_is_the_highest_by_bald() -> None:
    samples = some_samples(30, 6, 3)
    assert picked(samples, 1) == [int(np.argmax(bald(features(samples))))]


def test_a_twin_of_a_chosen_text_tells_nothing_more() -> None:
    sure, other = [[1, 0], [1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]
    assert picked(np.array([sure, sure, other]), 2) == [0, 2]  # BALD alone would take 0 and 1
    scores = bald(features(np.array([sure, sure, other])))
    np.testing.assert_allclose(scores[:2], np.log(2), rtol=1e-6)
    assert scores[2] < scores[1]


def test_gains_add_up_to_the_joint_information_of_the_paper() -> None:
    samples = some_samples(4, 5, 3)
    joint, total = Joint(5, 3, Stream(0)), 0.0
    for sample in samples:
        total += joint.gains(sample[None])[0]
        joint.add(sample)
    assert joint.is_exact
    np.testing.assert_allclose(total, joint_information(samples), rtol=1e-6)


def test_the_picks_are_those_of_the_paper_s_algorithm() -> None:
    samples = some_samples(100, 5, 3)  # more than are looked at together, so that bounds decide
    assert picked(samples, 4) == greedy(samples, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 3), st.floats(0.1, 3))
def test_bounds_change_no_pick_while_all_configurations_are_looked_at(seed: int, classes: int, spread: float) -> None:
    samples = np.random.default_rng(seed).dirichlet(np.full(classes, spread), (90, 6)).astype(np.float32)
    joint, waiting, plain = Joint(6, classes, Stream(0)), np.argsort(-bald(features(samples)), kind="stable"), []
    for _ in range(6):
        best = int(np.argmax(np.rint(joint.gains(samples[waiting]) * 2**20)))
        joint.add(samples[waiting[best]])
        plain.append(int(waiting[best]))
        waiting = np.delete(waiting, best)
    assert joint.is_exact
    assert picked(samples, 6) == plain


def test_sampled_configurations_come_near_the_exact_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = some_samples(9, 6, 3)
    exact, sampled = Joint(6, 3, Stream(0)), Joint(6, 3, Stream(0))
    for sample in samples[:6]:
        exact.add(sample)
    monkeypatch.setattr(batch_bald, "MAX_CONFIGURATIONS", 81)
    monkeypatch.setattr(batch_bald, "MIN_SAMPLED", 2000)
    for sample in samples[:6]:
        sampled.add(sample)
    assert exact.is_exact and not sampled.is_exact
    np.testing.assert_allclose(sampled.gains(samples[6:]), exact.gains(samples[6:]), atol=0.01)


def test_when_everything_is_known_bald_orders_the_rest() -> None:
    certain = np.repeat(np.eye(2)[None, :1], 2, axis=1).repeat(5, axis=0)  # no draw disagrees with another
    assert picked(certain, 3) == [0, 1, 2]
    telling = np.array([[[1, 0], [0, 1]]] * 3)
    assert picked(np.concatenate([certain, telling]), 3) == [5, 6, 7]  # one tells all; the others by BALD


def test_only_candidates_are_chosen_and_many_texts_are_none_twice() -> None:
    samples = some_samples(60, 20, 4)
    candidates = np.arange(1, 60, 2)
    rows = select(features(samples), candidates, np.arange(0), 30, Stream(0)).rows
    assert sorted(rows.tolist()) == candidates.tolist()


def test_features_without_samples_are_refused() -> None:
    some = features(some_samples(3, 2, 2))
    without = PredictedFeatures(some.matrix, some.copies, probabilities=some.probabilities)
    with pytest.raises(AlpsError, match="needs samples"):
        select(without, np.arange(3), np.arange(0), 1, Stream(0))
