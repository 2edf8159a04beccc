"""
A bandit over strategies (Hsu & Lin, "Active Learning by Learning", AAAI 2015): it learns which of them to follow.

Every round each of N strategies names its batch B_i, and one is drawn: strategy i with probability

    p_i = (1 - N p_min) w_i / sum(w) + p_min,    p_min = sqrt(ln N / (N T)), at most 1 / N.

So a text x is queried with probability q(x), the sum of p_i over the strategies that name it. When the batch is
labelled and the classifier f trained, the reward is the importance-weighted accuracy, whose expectation does not depend
on which texts were preferred:

    r = 1 / (n T) sum over all texts queried so far of [f(x) = y] / q(x),

n being the texts of the pool and T the rounds. EXP4.P (Beygelzimer et al., AISTATS 2011) then raises the weights, every
strategy having advised the texts of its batch evenly:

    w_i <- w_i exp(p_min / 2 (y_i + v_i sqrt(ln(N / delta) / (N T)))),
    y_i = 1 / |B_i| sum over the queried x in B_i of r / q(x),    v_i = 1 / |B_i| sum over x in B_i of 1 / q(x).

With batches of one text this is the published algorithm, the strategies being counted as the arms of EXP4.P.

It learns slowly: r is a share of the whole pool, of which few texts are ever queried, and the step is p_min / 2. Of two
strategies with batches of 100 among 2,500 texts, one of which only names texts that are then predicted right and the
other only such that are not, the first has a probability of 0.501 after 10 rounds (mean of 200 runs).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.strategies import find_strategy
from alps.strategies.mixture import BANDIT

DELTA = 0.1  # what EXP4.P promises holds with probability 1 - delta


@dataclass
class Bandit:
    """
    What a bandit has learnt.

    Attributes
    ----------
    strategies
        The N strategies.
    rounds
        T.
    weights
        w, one for each strategy.
    chances
        Id -> q(x) of all texts queried so far.
    advice
        For each strategy, id -> q(x) of the batch that it named in a round of which the reward is not known yet.
    followed
        Which strategy's batch was queried then.

    """

    strategies: Sequence[str]
    rounds: int
    weights: list[float] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=dict)
    advice: list[dict[str, float]] = field(default_factory=list)
    followed: int = 0

    def __post_init__(self) -> None:
        self.weights = self.weights or [1.0] * len(self.strategies)

    @property
    def least(self) -> float:
        """The least probability of a strategy, p_min."""
        n = len(self.strategies)
        return min(math.sqrt(math.log(n) / (n * self.rounds)), 1 / n)

    def probabilities(self) -> list[float]:
        """The probability p of each strategy."""
        scale = (1 - len(self.weights) * self.least) / sum(self.weights)
        return [scale * weight + self.least for weight in self.weights]

    def follow(self, batches: Sequence[Collection[str]], stream: Stream) -> int:
        """
        Draw the strategy whose batch is queried.

        Parameters
        ----------
        batches
            The ids that each strategy names.
        stream
            Of this round.

        """
        p = self.probabilities()
        chances: dict[str, float] = {}
        for probability, batch in zip(p, batches, strict=True):
            for name in batch:
                chances[name] = chances.get(name, 0.0) + probability
        self.followed = int(stream.generator().choice(len(p), p=p))
        self.advice = [{name: chances[name] for name in batch} for batch in batches]
        self.chances |= self.advice[self.followed]
        return self.followed

    def learn(self, right: Collection[str], n: int) -> float:
        """
        Take in what came of the last batch.

        Parameters
        ----------
        right
            Ids of the labelled texts that the classifier, trained on them, predicts as they are labelled.
        n
            Texts in the pool.

        Returns
        -------
        float
            The reward r.

        """
        reward = sum(1 / self.chances[name] for name in right if name in self.chances) / (n * self.rounds)
        n_strategies, queried = len(self.strategies), self.advice[self.followed]
        width = math.sqrt(math.log(n_strategies / DELTA) / (n_strategies * self.rounds))
        for i, batch in enumerate(self.advice):
            gain = sum(reward / chance for name, chance in batch.items() if name in queried) / len(batch)
            variance = sum(1 / chance for chance in batch.values()) / len(batch)
            self.weights[i] *= math.exp(self.least / 2 * (gain + variance * width))
        self.weights = _scaled(self.weights)
        self.advice = []
        return reward


def strategies_of(bandit: str) -> list[str]:
    """
    The strategies of a bandit such as ``bandit:margin,badge,random``.

    Raises
    ------
    AlpsError
        When there are fewer than two, or one is unknown or there twice.

    >>> strategies_of("bandit:margin, random")
    ['margin', 'random']

    """
    names = [find_strategy(name.strip()).name for name in bandit.removeprefix(BANDIT).split(",")]
    if len(set(names)) < max(len(names), 2):
        raise AlpsError(f"The bandit {bandit!r} needs at least two different strategies; name each once.")
    return names


def is_bandit(strategy: str) -> bool:
    """Whether a name is that of a bandit."""
    return strategy.startswith(BANDIT)


def _scaled(weights: Sequence[float]) -> list[float]:
    """The same weights, of which only the ratios count, with the largest 1: they cannot overflow."""
    return [weight / max(weights) for weight in weights]
