"""Cold strategies as callables of modAL's shape: ``strategy(classifier, X, n_instances=1) -> rows``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from alps.base.errors import AlpsError
from alps.integrations.cold_queries import Rows, check_cold, query_rows
from alps.strategies import DEFAULT_STRATEGY


def modal_strategy(strategy: str = DEFAULT_STRATEGY, **options: Any) -> Callable[..., Rows]:
    """
    A query strategy for modAL's `ActiveLearner`.

    Parameters
    ----------
    strategy
        The name of a cold strategy.
    options
        Of `alps.select`, such as `seed` and `model`.

    Returns
    -------
    Callable
        From a learner, the texts X of the pool (n,) or (n, 1) and `n_instances` to rows of X, int64 (n_instances,). A
        learner's `X_training`, where it holds texts, is what is labelled already.

    Raises
    ------
    AlpsError
        When the strategy is not cold; when it is called, where X holds no texts.

    """
    check_cold(strategy)

    def query(classifier: Any, X: Any, n_instances: int = 1, **other: Any) -> Rows:  # noqa: N803 - the library's name
        pool, known = _texts(X), _texts(getattr(classifier, "X_training", None))
        if not pool or not isinstance(pool[0], str):
            raise AlpsError("X holds no texts; give the learner a pool of texts, and a pipeline that takes them.")
        known = known if known and isinstance(known[0], str) else []
        rows, labelled = np.arange(len(pool)), np.arange(len(pool), len(pool) + len(known))
        return query_rows([*pool, *known], rows, labelled, min(n_instances, len(pool)), strategy, options)

    return query


def _texts(given: Any) -> list[Any]:
    if given is None or len(given) == 0 or (hasattr(given, "shape") and given.shape[1:] not in ((), (1,))):
        return []
    return [*np.asarray(given, dtype=object).reshape(len(given), -1)[:, 0]]
