"""
Mixtures: several strategies that share a batch, such as ``alps,random`` or ``margin:3,random:1``.

A part that is drawn at random keeps a share of the labels fair, whatever the other parts prefer.
"""

from __future__ import annotations

from collections.abc import Sequence

from alps.base.errors import AlpsError
from alps.strategies.strategy import Strategy
from alps.strategies.table import find_strategy

BANDIT = "bandit:"  # how the name of a bandit over strategies begins; see `alps.learning.bandit`


def parts_of(strategy: str) -> list[tuple[str, float]]:
    """
    The strategies of a mixture and their shares; a plain name is a mixture of one.

    Raises
    ------
    AlpsError
        When a part is unknown or twice there, a share is not a positive number, or it is a bandit.

    >>> parts_of("margin:3,random")
    [('margin', 0.75), ('random', 0.25)]

    """
    if strategy.startswith(BANDIT):
        raise AlpsError(
            "A bandit learns from the answers of several rounds; make it the warm strategy of a Learner, and name one "
            "of its strategies or a mixture here."
        )
    parts = [part.strip().partition(":") for part in strategy.split(",")]
    names = [find_strategy(name.strip()).name for name, _, _ in parts]
    if len(set(names)) < len(names):
        raise AlpsError(f"The mixture {strategy!r} names a strategy twice; name each once, with a share.")
    weights = [_share(strategy, written) if colon else 1.0 for _, colon, written in parts]
    return [(name, weight / sum(weights)) for name, weight in zip(names, weights, strict=True)]


def rows_of(strategy: str) -> list[Strategy]:
    """The rows of the table that a mixture names, or the strategies that a bandit chooses among."""
    if strategy.startswith(BANDIT):
        return [find_strategy(name.strip()) for name in strategy.removeprefix(BANDIT).split(",")]
    return [find_strategy(name) for name, _ in parts_of(strategy)]


def needs_of(strategy: str) -> frozenset[str]:
    """Everything that the parts of a mixture or the strategies of a bandit need."""
    return frozenset().union(*(row.needs for row in rows_of(strategy)))


def is_chosen_at_once(strategy: str) -> bool:
    """Whether a part of a mixture chooses the texts of all rounds at once; the other parts then do so too."""
    return any(find_strategy(name).schedule == "all at once" for name, _ in parts_of(strategy))


def divide(k: int, shares: Sequence[float]) -> list[int]:
    """
    Whole numbers that add up to k, by the largest remainders, earlier parts first.

    >>> divide(10, [0.5, 0.25, 0.25])
    [5, 3, 2]

    """
    exact = [k * share for share in shares]
    whole = [int(each) for each in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: k - sum(whole)]:
        whole[i] += 1
    return whole


def _share(strategy: str, written: str) -> float:
    try:
        share = float(written)
    except ValueError:
        share = 0.0
    if not 0.0 < share < float("inf"):
        raise AlpsError(f"The share {written!r} in the mixture {strategy!r} is not a positive number; correct it.")
    return share
