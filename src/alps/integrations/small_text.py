"""Cold strategies as query strategies of small-text (`PoolBasedActiveLearner`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError, require
from alps.integrations.cold_queries import Rows, check_cold, query_rows
from alps.strategies import DEFAULT_STRATEGY


class SmallTextStrategy:
    """
    A query strategy of small-text.

    Parameters
    ----------
    strategy
        The name of a cold strategy.
    texts
        The texts of the whole data set; those in the data set when None, which then holds texts.
    options
        Of `alps.select`, such as `seed` and `model`.

    Raises
    ------
    AlpsError
        When the strategy is not cold.

    """

    def __init__(self, strategy: str = DEFAULT_STRATEGY, texts: Sequence[str] | None = None, **options: Any) -> None:
        check_cold(strategy)
        self.strategy, self.texts, self.options = strategy, texts, options

    def query(
        self,
        clf: Any,
        dataset: Any,
        indices_unlabeled: npt.NDArray[Any],
        indices_labeled: npt.NDArray[Any],
        y: Any,
        n: int = 10,
    ) -> Rows:
        """
        Choose n of the unlabelled rows.

        Parameters
        ----------
        clf, y
            Not looked at.
        dataset
            The data set of the learner.
        indices_unlabeled, indices_labeled
            Rows of it; ignored rows are in neither.
        n
            How many.

        Raises
        ------
        EmptyPoolException, PoolExhaustedException
            Of small-text, when there are no unlabelled rows, or fewer than n.
        AlpsError
            When the data set holds no texts and none were given.

        """
        errors = require("small_text.query_strategies.exceptions", "peers")
        if len(indices_unlabeled) == 0:
            raise errors.EmptyPoolException("No unlabeled indices available. Cannot query an empty pool.")
        if n > len(indices_unlabeled):
            raise errors.PoolExhaustedException(f"Pool exhausted: {len(indices_unlabeled)} available / {n} requested.")
        texts: Any = dataset.x if self.texts is None else self.texts
        if not isinstance(texts, Sequence | np.ndarray) or len(texts) != len(dataset) or not isinstance(texts[0], str):
            raise AlpsError(
                "The data set holds no texts; give SmallTextStrategy the texts of its rows, in their order."
            )
        candidates, labelled = (np.asarray(rows, dtype=np.int64) for rows in (indices_unlabeled, indices_labeled))
        return query_rows([*texts], candidates, labelled, n, self.strategy, self.options)

    def __str__(self) -> str:
        return f"SmallTextStrategy({self.strategy})"
