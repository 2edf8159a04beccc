"""A cold strategy of ours as the query strategy of another library, which asks with rows of a pool that it keeps."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from alps.base.errors import AlpsError, AlpsWarning
from alps.pool.read import read_pool
from alps.selection import select
from alps.shards.cache import default_cache_folder
from alps.strategies import find_strategy

Rows = npt.NDArray[np.int64]


def check_cold(strategy: str) -> None:
    """
    Make sure that a strategy needs no classifier of ours.

    Raises
    ------
    AlpsError
        When it does, or there is none of that name.

    """
    if "classifier" in find_strategy(strategy).needs:
        raise AlpsError(f"The strategy {strategy} looks through a classifier of alps; choose a cold one, such as alps.")


def query_rows(
    texts: Sequence[str], candidates: Rows, labelled: Rows, n: int, strategy: str, options: Mapping[str, Any]
) -> Rows:
    """
    Choose n different rows.

    Parameters
    ----------
    texts
        All texts of the pool.
    candidates
        Rows that may be chosen.
    labelled
        Rows that are labelled, for strategies that keep away from them.
    n
        How many; at most as many as there are candidates.
    strategy
        Its name.
    options
        Of `alps.select`; what is computed is kept in the cache folder unless they say otherwise.

    Returns
    -------
    numpy.ndarray
        int64 (n,). A text is chosen once as long as there are others: exact copies, copies of labelled texts and blank
        texts fill up what is left, in the order of the candidates.

    """
    rows = np.concatenate([labelled, candidates])
    names = [str(row) for row in rows.tolist()]
    pool = read_pool(pa.table({"id": names, "text": [texts[row] for row in rows.tolist()]}), text_column="text")
    chosen = np.empty(0, dtype=np.int64)
    fresh = {*pool.ids.to_pylist()} - {*names[: len(labelled)]}
    asked = {texts[row] for row in labelled.tolist()}
    if any(texts[int(name)] not in asked for name in fresh):
        settings = {"cache_dir": default_cache_folder(), **options}
        exclude = pa.table({"id": names[: len(labelled)]}) if len(labelled) else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AlpsWarning)  # notes for people, each round anew
            selection = select(pool, n, strategy=strategy, exclude=exclude, **settings)
        chosen = rows[selection.indices]
    left = candidates[~np.isin(candidates, chosen)]
    return np.concatenate([chosen, left[: n - len(chosen)]])
