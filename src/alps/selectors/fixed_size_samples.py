"""
Random samples of a fixed size with given inclusion probabilities, from texts in an order.

Both samples spread over the order: of any stretch whose probabilities add up to m, about m texts are drawn. Where the
order follows clusters that makes the sample proportional to them, and the expected number of every class is what
plain random sampling would give.

Probabilities are counted in whole numbers, `weights / unit`, so that they are exact and the sample has exactly k
texts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


def certain(weights: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.bool_]:
    """
    Which texts must be in every sample of k, because their share of the weight is more than one k-th, (n,).

    They are set aside, and so are those that become certain among the rest.
    """
    taken = np.zeros(len(weights), dtype=bool)
    while True:
        rest = int(weights[~taken].sum())
        left = k - int(taken.sum())
        new = ~taken & (weights * left >= rest) if left else taken & False
        if not new.any():
            return taken
        taken |= new


def pivotal_sample(weights: npt.NDArray[np.int64], k: int, generator: np.random.Generator) -> Rows:
    """
    Ordered pivotal sampling (Deville & Tille, Biometrika 1998; Chauvet, Bernoulli 2012).

    Neighbours in the order duel: one of the two takes over as much of the other's probability as brings it to 1, or
    the other to 0. Each text is drawn with probability k times its share of the weight.

    Parameters
    ----------
    weights
        Of each text, positive int64 (n,); none is `certain`, except where all are.
    k
        How many to draw, at most n.
    generator
        The randomness.

    Returns
    -------
    numpy.ndarray
        Places in the order, ascending int64 (k,).

    """
    if k == 0:
        return np.empty(0, dtype=np.int64)
    unit = int(weights.sum())
    uniform = generator.random(len(weights)).tolist()
    shares = (weights * k).tolist()  # of `unit`, which is probability 1
    drawn = []
    pivot, held = 0, shares[0]
    for i in range(1, len(shares)):
        if held == unit:
            drawn.append(pivot)
            pivot, held = i, shares[i]
            continue
        together = held + shares[i]
        if together < unit:
            if uniform[i] * together >= held:
                pivot = i
            held = together
        else:
            stays = uniform[i] * (2 * unit - together) < unit - held  # `i` is drawn, the pivot goes on with the rest
            drawn.append(i if stays else pivot)
            pivot, held = (pivot, together - unit) if stays else (i, together - unit)
    if held == unit:
        drawn.append(pivot)
    return np.sort(np.asarray(drawn, dtype=np.int64))


def systematic_sample(weights: npt.NDArray[np.int64], k: int, generator: np.random.Generator) -> Rows:
    """
    Systematic sampling (Madow, 1949): k equally long steps over the weights, from one random start.

    Parameters and result as `pivotal_sample`.
    """
    unit = int(weights.sum())
    ends = np.cumsum(weights * k)
    marks = int(generator.integers(max(unit, 1))) + unit * np.arange(k)
    return np.searchsorted(ends, marks, side="right").astype(np.int64)
