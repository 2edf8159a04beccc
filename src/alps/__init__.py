"""
Active learning for text classification that starts with no labels.

>>> import alps
>>> selection = alps.select(["rain in Rome", "sun in Rome", "a goal in extra time"], k=2)
>>> len(selection.ids)
2
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alps.base.errors import AlpsError, AlpsWarning
    from alps.classifiers.text_classifier import TextClassifier, train_classifier
    from alps.learning.learner import Learner
    from alps.learning.plan import Plan
    from alps.models.loading import load_encoder, load_masked_language_model
    from alps.pool.pool import Pool
    from alps.pool.read import read_pool
    from alps.selection import Selection, embed, select

_HOMES = {
    "AlpsError": "alps.base.errors",
    "AlpsWarning": "alps.base.errors",
    "Learner": "alps.learning.learner",
    "Plan": "alps.learning.plan",
    "Pool": "alps.pool.pool",
    "Selection": "alps.selection",
    "TextClassifier": "alps.classifiers.text_classifier",
    "embed": "alps.selection",
    "load_encoder": "alps.models.loading",
    "load_masked_language_model": "alps.models.loading",
    "read_pool": "alps.pool.read",
    "select": "alps.selection",
    "train_classifier": "alps.classifiers.text_classifier",
}

__all__ = [
    "AlpsError",
    "AlpsWarning",
    "Learner",
    "Plan",
    "Pool",
    "Selection",
    "TextClassifier",
    "embed",
    "load_encoder",
    "load_masked_language_model",
    "read_pool",
    "select",
    "train_classifier",
]


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: `import alps` itself loads nothing heavy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'alps' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
