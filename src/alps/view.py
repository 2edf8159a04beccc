"""What a strategy looks at: the distinct texts of a pool, without those that are labelled where it needs none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.pool.pool import Pool


@dataclass(frozen=True)
class View:
    """
    The m distinct texts that are looked at, ordered by id.

    Attributes
    ----------
    rows
        Their rows in the pool, int64 (m,).
    copies
        How many texts of the pool each stands for, int64 (m,).
    candidates, labelled
        Which of the m may be chosen, and which are labelled already, int64.
    n_excluded
        How many rows of the pool were excluded, copies counted.

    """

    rows: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    candidates: npt.NDArray[np.int64]
    labelled: npt.NDArray[np.int64]
    n_excluded: int


def look_at(pool: Pool, labelled: npt.NDArray[np.bool_], *, keep_labelled: bool) -> View:
    """
    The view of a pool.

    Parameters
    ----------
    pool
        All texts.
    labelled
        Which rows of the pool are labelled already or excluded, bool (n,), copies alike.
    keep_labelled
        Whether the labelled texts are looked at too; they are never candidates.

    Raises
    ------
    AlpsError
        When nothing is left to choose from.

    """
    distinct = pool.distinct()
    rows, copies = distinct.rows, distinct.copies
    known = labelled[rows]
    if known.all():
        raise AlpsError(f"Every text of {pool.source} is excluded; there is nothing left to choose.")
    if not keep_labelled:
        rows, copies, known = rows[~known], copies[~known], known[~known]
    return View(rows, copies, np.flatnonzero(~known), np.flatnonzero(known), int(labelled.sum()))
