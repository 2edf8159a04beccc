"""The bandit: its probabilities, reward and weights by formula, what it learns, and its place in the learner."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.learning.bandit import DELTA, Bandit, strategies_of
from alps.learning.learner import Learner
from alps.learning.loop import active_learning
from alps.learning.plan import Plan
from alps.selection import Selection, select

TEXTS = [f"{verb} in {place}" for verb in ("rain", "sun", "a goal", "rates rise") for place in ("Rome", "Oslo", "Lima")]
PLAN = Plan(cold="random", warm="bandit:margin,badge,random", texts_per_class=1, budget=12)


def gold(batch: Selection) -> dict[str, str]:
    return {name: text.split()[0] for name, text in zip(batch.ids, batch.texts, strict=True)}


def test_probabilities_are_those_of_exp4p() -> None:
    bandit = Bandit(["margin", "random"], rounds=50, weights=[3.0, 1.0])
    least = math.sqrt(math.log(2) / 100)
    np.testing.assert_allclose(bandit.probabilities(), [(1 - 2 * least) * 0.75 + least, (1 - 2 * least) * 0.25 + least])
    assert Bandit(["margin", "random"], rounds=1, weights=[9.0, 1.0]).probabilities() == [0.5, 0.5]  # all exploration


def test_a_text_is_queried_as_likely_as_the_strategies_that_name_it() -> None:
    bandit = Bandit(["margin", "badge", "random"], rounds=100)
    bandit.follow([["a", "b"], ["b", "c"], ["b", "d"]], Stream(0))
    third = pytest.approx(1 / 3)
    assert bandit.advice == [
        {"a": third, "b": pytest.approx(1)}, {"b": pytest.approx(1), "c": third}, {"b": pytest.approx(1), "d": third}
    ]  # fmt: skip
    assert bandit.chances == bandit.advice[bandit.followed]


def test_reward_and_weights_are_those_of_the_paper() -> None:
    bandit = Bandit(["margin", "random"], rounds=8, chances={"z": 0.25})
    bandit.follow([["a", "b"], ["b", "c"]], Stream(1))
    bandit.followed = 0
    bandit.chances = {"z": 0.25, **bandit.advice[0]}
    least = bandit.least
    reward = bandit.learn(["z", "a", "unqueried"], n=20)  # b is predicted otherwise than labelled
    assert reward == pytest.approx((1 / 0.25 + 1 / 0.5) / (20 * 8))
    width = math.sqrt(math.log(2 / DELTA) / (2 * 8))
    variance = (1 / 0.5 + 1 / 1.0) / 2  # of either batch: one text of its own, one of both
    gains = [(reward / 0.5 + reward / 1.0) / 2, (reward / 1.0) / 2]
    raw = [math.exp(least / 2 * (gain + variance * width)) for gain in gains]
    assert bandit.weights == pytest.approx([1.0, raw[1] / raw[0]])
    assert bandit.advice == []


def test_the_reward_is_the_accuracy_on_average_whatever_is_preferred() -> None:
    """Two strategies halve the pool, one of them preferred; over many draws r T is the accuracy 3 / 4."""
    rewards = []
    for seed in range(4000):
        bandit = Bandit(["margin", "random"], rounds=10, weights=[3.0, 1.0])
        bandit.follow([["a", "b"], ["c", "d"]], Stream(seed))
        rewards.append(bandit.learn(["a", "b", "c"], n=4) * 10)
    assert np.mean(rewards) == pytest.approx(0.75, abs=0.03)


def test_the_better_strategy_is_followed_more_and_more() -> None:
    """One-text batches: what the first strategy names is learnt, what the second names is not."""
    bandit = Bandit(["margin", "random"], rounds=400)
    right: list[str] = []
    for t in range(400):
        followed = bandit.follow([[f"good {t}"], [f"bad {t}"]], Stream(0, f"{t}"))
        right = [f"good {t}"] if followed == 0 else []
        bandit.learn(right, n=1 / 400)  # r is then 1 / q or 0
        bandit.chances.clear()
    assert bandit.probabilities()[0] > 0.9


def test_a_bandit_is_refused_where_it_cannot_learn() -> None:
    with pytest.raises(AlpsError, match="make it the warm strategy of a Learner"):
        select(TEXTS, 3, strategy="bandit:margin,random")
    with pytest.raises(AlpsError, match="needs labels to learn from"):
        Plan(cold="bandit:alps,random")
    with pytest.raises(AlpsError, match="give the plan a budget"):
        Plan(warm="bandit:margin,random")
    for bandit in ("bandit:margin", "bandit:margin,margin"):
        with pytest.raises(AlpsError, match="at least two different strategies"):
            strategies_of(bandit)
    with pytest.raises(AlpsError, match="no strategy 'magic'"):
        Plan(warm="bandit:margin,magic", budget=3)


def test_in_the_loop_it_follows_one_of_its_strategies_and_learns(checkpoints: dict[str, Path]) -> None:
    learner = Learner(TEXTS, PLAN, model=str(checkpoints["bert"]))
    rounds = list(active_learning(learner, gold, 3, 4))
    assert sorted(text for one in rounds for text in one.batch.texts) == sorted(TEXTS)
    followed = [one.batch.summary["strategy"] for one in rounds]
    assert followed[0] == "random"
    assert set(followed[1:]) <= {"margin", "badge", "random"}
    assert learner.bandit is not None and learner.bandit.rounds == 4
    assert set(learner.bandit.chances) <= {name for one in rounds[1:] for name in one.batch.ids}


def test_all_its_strategies_and_its_reward_look_through_one_classifier(checkpoints: dict[str, Path]) -> None:
    learner = Learner(TEXTS, PLAN, model=str(checkpoints["bert"]))
    for _ in range(2):
        learner.teach(gold(learner.query(3)))
    batch = learner.query(3)  # the reward of the second batch is known by now
    assert batch.summary["strategy"] in learner.bandit.strategies
    assert batch.summary["classifiers_trained"] == 1


def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(tmp_path: Path, checkpoints: dict[str, Path]) -> None:
    learner = Learner(TEXTS, PLAN, model=str(checkpoints["bert"]))
    for _ in range(2):
        learner.teach(gold(learner.query(3)))
    learner.save(tmp_path / "run")
    loaded = Learner.load(tmp_path / "run", model=str(checkpoints["bert"]))
    assert loaded.query(3).ids == learner.query(3).ids
    assert loaded.bandit == learner.bandit
