"""
What some options take, for completion, help and early errors.

The modules that decide are slow to import, so the names stand here once more; a test compares them.
"""

from __future__ import annotations

from typing import Literal

Presets = Literal["default", "paper", "released"]
Poolings = Literal["auto", "cls", "mean", "pooler"]
Types = Literal["auto", "float32", "bfloat16", "float16"]
Maps = Literal["pca", "tsne"]
Classifiers = Literal["probe", "finetune"]
Recipes = Literal["stable", "many", "paper"]


def strategy_names() -> list[str]:
    """The names of the strategies, other packages' included."""
    from alps.strategies import strategies

    return list(strategies())


def format_names() -> list[str]:
    """The names of the formats that are read."""
    from alps.pool.formats import FORMATS

    return [row.name for row in FORMATS]


def exchange_names() -> list[str]:
    """The names of the formats of other tools."""
    from alps.integrations.formats import EXCHANGE_FORMATS

    return [row.name for row in EXCHANGE_FORMATS]


def devices() -> list[str]:
    """Common names of devices; more may be accepted, such as ``cuda:1``."""
    return ["auto", "cpu", "cuda", "mps", "xpu"]
