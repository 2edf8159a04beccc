"""The strategies: a table of representation + selector, and what each needs."""

from alps.strategies.strategy import Strategy
from alps.strategies.table import find_strategy, strategies

__all__ = ["Strategy", "find_strategy", "strategies"]
