"""What a strategy looks at: the distinct texts of a pool, without those that are known where it needs none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.errors import AlpsError
from alps.pool.origin import within_sentence
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
    candidates, known
        Which of the m may be chosen, and which are known already: labelled, excluded or asked; int64.
    labelled
        Those of the known ones that have a label, int64.
    n_excluded
        How many rows of the pool were excluded, copies counted.

    """

    rows: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    candidates: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    labelled: npt.NDArray[np.int64]
    n_excluded: int


def look_at(pool: Pool, known: npt.NDArray[np.bool_], labelled: npt.NDArray[np.bool_], *, keep_known: bool) -> View:
    """
    The view of a pool.

    Parameters
    ----------
    pool
        All texts.
    known
        Which rows of the pool are labelled already or excluded, bool (n,), copies alike.
    labelled
        Which of them have a label, bool (n,), copies alike.
    keep_known
        Whether the known texts are looked at too; they are never candidates.

    Raises
    ------
    AlpsError
        When nothing is left to choose from.

    """
    distinct = pool.distinct()
    rows, copies = distinct.rows, distinct.copies
    is_known, has_label = known[rows], known[rows] & labelled[rows]
    if is_known.all():
        source = within_sentence(pool.source)
        raise AlpsError(f"Every text of {source} is excluded or was queried before; there is nothing left to choose.")
    n_excluded = int(known.sum())
    if not keep_known:
        kept = ~is_known
        rows, copies, is_known, has_label = rows[kept], copies[kept], is_known[kept], has_label[kept]
    return View(
        rows, copies, np.flatnonzero(~is_known), np.flatnonzero(is_known), np.flatnonzero(has_label), n_excluded
    )
