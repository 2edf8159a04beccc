"""The strategies: a table of representation + selector, and what each needs."""

from alps.strategies.strategy import Strategy
from alps.strategies.table import DEFAULT_STRATEGY, find_strategy, strategies

__all__ = ["DEFAULT_STRATEGY", "Strategy", "find_strategy", "strategies"]
