"""
What the strategy of a cell means: which one chooses the first batch, which one the others, and from when on.

Beside a strategy, a mixture and a bandit it may be a cold one and a warm one, as `alps label` has them:
``alps-then-margin`` begins with ALPS and goes on with margin when every class has 3 labelled texts, and
``alps-then5-margin`` when it has 5.
"""

from __future__ import annotations

import re

from alps.learning.bandit import is_bandit, strategies_of
from alps.learning.plan import TEXTS_PER_CLASS, Plan
from alps.simulation.results import Round
from alps.strategies import Strategy, strategies
from alps.strategies.mixture import is_chosen_at_once, rows_of

_THEN = re.compile(r"(?P<cold>.+?)-then(?P<texts>[0-9]*)-(?P<warm>.+)")


def plan_of(strategy: str, *, budget: int, seed: int) -> Plan:
    """
    The plan of a learner that goes through a cell.

    Parameters
    ----------
    strategy
        The strategy of a cell.
    budget
        Texts that will be queried, k * T.
    seed
        Of the cell.

    Raises
    ------
    AlpsError
        When a strategy is not there, or cannot stand where it stands.

    >>> plan = plan_of("badge", budget=100, seed=0)
    >>> plan.cold, plan.warm, plan.texts_per_class
    ('random', 'badge', 0)
    >>> plan = plan_of("alps-then5-margin:3,random", budget=100, seed=0)
    >>> plan.cold, plan.warm, plan.texts_per_class
    ('alps', 'margin:3,random', 5)

    """
    cold, warm, texts = _parts(strategy)
    if warm is not None:
        return Plan(cold, warm, texts_per_class=texts, budget=budget, seed=seed)
    first = first_strategy(strategy)
    return Plan(first, None if first == strategy else strategy, texts_per_class=0, budget=budget, seed=seed)


def first_strategy(strategy: str) -> str:
    """
    The strategy that chooses the first batch: its own, or another where it needs labels.

    >>> first_strategy("alps"), first_strategy("badge"), first_strategy("ft-bert-km"), first_strategy("margin,alps")
    ('alps', 'random', 'bert-km', 'random')
    >>> first_strategy("bandit:alps,margin"), first_strategy("alps-then-margin")
    ('random', 'alps')
    """
    cold, _, _ = _parts(strategy)
    first = next((row.first_batch for row in rows_of(cold) if "classifier" in row.needs), None)
    return first or ("random" if is_bandit(cold) else cold)


def rows_in(strategy: str) -> list[Strategy]:
    """Every row of the table of strategies that the strategy of a cell names."""
    cold, warm, _ = _parts(strategy)
    for name in (cold, warm):
        if name is not None and is_bandit(name):
            strategies_of(name)
    return rows_of(cold) + ([] if warm is None else rows_of(warm))


def chose_itself(strategy: str, finished: Round) -> bool:
    """
    Whether the strategy of a cell chose a round, not another that chooses its first batch.

    A round of a bandit is recorded under the strategy that it followed, with what the bandit had learnt. Results that
    do not say who chose do not count.

    >>> first, second = Round(1, 9, [], [], {}, strategy="random"), Round(2, 18, [], [], {}, strategy="badge")
    >>> chose_itself("badge", first), chose_itself("badge", second), chose_itself("random-then-badge", first)
    (False, True, True)
    """
    cold, warm, _ = _parts(strategy)
    return finished.bandit is not None or finished.strategy in (cold, warm)


def looks_at_surprisal(strategy: str) -> bool:
    """Whether the share of tokens that is evaluated can change the picks of a cell."""
    return any(row.representation in ("surprisal", "joined") for row in rows_in(strategy))


def depends_on_rounds(strategy: str) -> bool:
    """Whether the picks of a round depend on how many are to come, so that no round can be added."""
    cold, warm, _ = _parts(strategy)
    named = [name for name in (cold, warm) if name is not None]
    return any(is_bandit(name) or is_chosen_at_once(name) for name in named)


def _parts(strategy: str) -> tuple[str, str | None, int]:
    """The cold strategy, the warm one where the name says so, and how many texts each class has before it chooses."""
    found = None if strategy in strategies() else _THEN.fullmatch(strategy)
    if found is None:
        return strategy, None, 0
    return found["cold"], found["warm"], int(found["texts"] or TEXTS_PER_CLASS)
