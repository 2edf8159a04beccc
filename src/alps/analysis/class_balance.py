"""The classes of the picks beside those of the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from alps.base.errors import AlpsError


@dataclass(frozen=True)
class ClassBalance:
    """
    How far the picks have the classes of the pool.

    Attributes
    ----------
    n_picks
        Picks that were counted.
    picked, pool
        Class -> share among the picks, and in the pool; for every class of the pool.
    n_seen
        Classes with at least one pick, of ``len(pool)``.
    evenness
        Entropy of the picked shares divided by ln C: 1 where all classes are picked equally often, 0 where one only.
    distance
        Total variation distance of the two: the share of the picks that would have to have another class to match.
    imbalance
        The largest picked share divided by the smallest; infinite where a class has no pick.

    """

    n_picks: int
    picked: dict[str, float]
    pool: dict[str, float]
    n_seen: int
    evenness: float
    distance: float
    imbalance: float


def class_balance(picked: Sequence[str], pool: Sequence[str]) -> ClassBalance:
    """
    Compare the labels of the picks with those of the pool.

    Raises
    ------
    AlpsError
        When there are no picks, or one has a class that the pool has not.

    Examples
    --------
    >>> found = class_balance(["sport", "sport", "sport", "trade"], ["sport", "trade"])
    >>> found.picked, found.distance, found.imbalance
    ({'sport': 0.75, 'trade': 0.25}, 0.25, 3.0)

    """
    ours, all_of_them = Counter(picked), Counter(pool)
    if not ours:
        raise AlpsError("There are no picks whose classes could be counted; give at least one.")
    if unknown := sorted(ours.keys() - all_of_them.keys()):
        raise AlpsError(f"The pool has no class {unknown[0]!r}, which a pick has; give the pool they were picked from.")
    names = sorted(all_of_them)
    shares = np.asarray([ours[name] for name in names]) / len(picked)
    expected = np.asarray([all_of_them[name] for name in names]) / len(pool)
    return ClassBalance(
        n_picks=len(picked),
        picked=dict(zip(names, shares.tolist(), strict=True)),
        pool=dict(zip(names, expected.tolist(), strict=True)),
        n_seen=len(ours),
        evenness=float(entr(shares).sum() / np.log(len(names))) if len(names) > 1 else 1.0,
        distance=float(np.abs(shares - expected).sum() / 2),
        imbalance=float(shares.max() / shares.min()) if shares.min() > 0 else float("inf"),
    )
