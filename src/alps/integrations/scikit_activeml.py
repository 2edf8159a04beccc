"""Cold strategies as query strategies of scikit-activeml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from alps.base.errors import AlpsError, require
from alps.integrations.cold_queries import Rows, check_cold, query_rows
from alps.strategies import DEFAULT_STRATEGY


class ScikitActivemlStrategy(BaseEstimator):  # type: ignore[misc]
    """
    A query strategy of scikit-activeml.

    Parameters
    ----------
    strategy
        The name of a cold strategy.
    texts
        The texts of the rows of X, in their order; X itself when None, which then holds texts.
    missing_label
        What stands in y for no label.
    random_state
        The seed.
    options
        Further options of `alps.select`.

    """

    def __init__(
        self,
        strategy: str = DEFAULT_STRATEGY,
        texts: Sequence[str] | None = None,
        missing_label: Any = np.nan,
        random_state: int = 0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.strategy = strategy
        self.texts = texts
        self.missing_label = missing_label
        self.random_state = random_state
        self.options = options

    def query(
        self,
        X: Any,  # noqa: N803 - the library's name
        y: Any,
        candidates: npt.NDArray[np.int64] | None = None,
        batch_size: int = 1,
        return_utilities: bool = False,
    ) -> Rows | tuple[Rows, npt.NDArray[np.float64]]:
        """
        Choose rows of X.

        Parameters
        ----------
        X
            (n, ...) all samples.
        y
            (n,) labels, with `missing_label` where there is none.
        candidates
            Rows that may be chosen; the unlabelled ones when None.
        batch_size
            How many; all candidates where there are fewer.
        return_utilities
            Whether to return utilities too: that of a pick is one more than that of the next, that of any other
            candidate 0, that of all else, and of a pick once it is chosen, NaN.

        Returns
        -------
        numpy.ndarray, or numpy.ndarray and numpy.ndarray
            int64 (batch_size,), and float64 (batch_size, n).

        Raises
        ------
        AlpsError
            When the strategy is not cold, there are no texts, or candidates are no rows.

        """
        check_cold(self.strategy)
        unlabelled = require("skactiveml.utils", "peers").is_unlabeled(y, missing_label=self.missing_label)
        labelled = np.flatnonzero(~unlabelled)
        rows = np.flatnonzero(unlabelled) if candidates is None else np.asarray(candidates)
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise AlpsError("The candidates are samples, not rows of X; give rows, so that their texts are known.")
        texts: Sequence[str]
        texts = [*np.asarray(X, dtype=object).reshape(len(X), -1)[:, 0]] if self.texts is None else self.texts
        if len(texts) != len(y) or not isinstance(texts[0], str):
            raise AlpsError("X holds no texts; give ScikitActivemlStrategy the texts of its rows, in their order.")
        n = min(batch_size, len(rows))
        rows = rows.astype(np.int64)
        labelled = labelled[~np.isin(labelled, rows)]
        options = {"seed": self.random_state, **(self.options or {})}
        chosen = query_rows(texts, rows, labelled, n, self.strategy, options)
        return (chosen, _utilities(chosen, rows, len(y))) if return_utilities else chosen


def _utilities(chosen: Rows, candidates: Rows, n: int) -> npt.NDArray[np.float64]:
    utilities = np.full((len(chosen), n), np.nan)
    utilities[:, candidates] = 0.0
    for rank, row in enumerate(chosen.tolist()):
        utilities[: rank + 1, row] = len(chosen) - rank
        utilities[rank + 1 :, row] = np.nan
    return utilities
