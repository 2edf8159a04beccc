"""Two strategies on the same blocks: a test, an effect size, and what a design can show at best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata, wilcoxon

LEVEL = 0.05
_EXACT = 100
_DECIMALS = 12  # of a score between 0 and 1


def without_noise(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """
    Scores or differences without what rounding left: those that it alone tells apart are equal, or 0.

    >>> without_noise([0.1 + 0.2 - 0.3, 0.5]).tolist()
    [0.0, 0.5]
    """
    rounded: npt.NDArray[np.float64] = np.asarray(values, dtype=np.float64).round(_DECIMALS)
    return rounded


def signed_rank_p(differences: npt.ArrayLike) -> float:
    """
    The two-sided p of Wilcoxon's signed-rank test; blocks without a difference say nothing and are left out.

    Exact for up to 100 differences, ties included (mid-ranks, every assignment of signs), where SciPy has the normal
    approximation only; SciPy's for more.

    Examples
    --------
    >>> signed_rank_p([0.01, 0.02, 0.03, 0.04, 0.05])
    0.0625

    """
    values = without_noise(differences)
    values = values[values != 0.0]
    if len(values) > _EXACT:
        return float(wilcoxon(values).pvalue)
    doubled = np.rint(2.0 * rankdata(np.abs(values))).astype(np.int64)  # of mid-ranks: whole numbers
    chances = np.ones(1)  # of every sum of the ranks above 0
    for rank in doubled.tolist():
        none = np.zeros(rank)
        chances = 0.5 * (np.concatenate([chances, none]) + np.concatenate([none, chances]))
    total = int(doubled[values > 0.0].sum())
    return min(1.0, 2.0 * float(min(chances[: total + 1].sum(), chances[total:].sum())))


def smallest_p(n_blocks: int, n_tests: int = 1) -> float:
    """
    The smallest p that n blocks can give after Holm's correction for so many tests: all differences of one sign.

    Examples
    --------
    >>> smallest_p(5), smallest_p(6), smallest_p(6, n_tests=3)
    (0.0625, 0.03125, 0.09375)

    """
    return min(1.0, n_tests * 2.0 ** (1 - n_blocks)) if n_blocks else 1.0


def blocks_to_be_able(n_tests: int = 1, level: float = LEVEL) -> int:
    """
    The fewest blocks with which a signed-rank test, corrected for so many tests, can go below a level.

    Examples
    --------
    >>> blocks_to_be_able(), blocks_to_be_able(n_tests=15)
    (6, 10)

    """
    n = 1
    while smallest_p(n, n_tests) >= level:
        n += 1
    return n


def holm(p_values: Sequence[float]) -> list[float]:
    """
    Holm's step-down correction (Scand. J. Statist. 1979): the chance of any false finding stays below the level.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]

    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in corrected]


def rank_biserial(differences: npt.ArrayLike) -> float:
    """
    The matched-pairs rank-biserial correlation (Kerby 2014): 1 where all differences are above 0, -1 where all below.

    Examples
    --------
    >>> rank_biserial([1.0, 2.0, -3.0])
    0.0

    """
    values = without_noise(differences)
    values = values[values != 0.0]
    if not len(values):
        return 0.0
    ranks = rankdata(np.abs(values))
    return float(np.sum(ranks * np.sign(values)) / np.sum(ranks))
