"""
The Random baseline: every text of the pool equally likely.

The seed and each text itself decide its place in one random order of all texts. So successive batches are successive
parts of that order, whatever the order of the pool, and a batch tells nothing of the next.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream, uniform_hash
from alps.representations.features import Features
from alps.selectors.picks import Picks


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
) -> Picks:
    """
    K rows drawn without replacement, each with probability proportional to its copies.

    Drawing texts of the pool one by one and passing over copies of what was drawn, in a random order, so that every
    prefix is itself a random batch.

    Parameters
    ----------
    features
        Only the number of copies and the fact ``key`` are used; without keys, texts are known by their rows.
    candidates
        Rows to choose from, int64.
    labelled
        Not used.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness; its turn plays no part.

    """
    keys = np.asarray(features.facts.get("key", np.arange(features.n)), dtype=np.uint64)
    seed = int(stream.steady().generator().integers(2**63))
    # Exponential clocks: the order of arrival at rates `copies` is a draw without replacement by weight.
    arrival = -np.log1p(-uniform_hash(seed, 0, keys[candidates], 0)) / features.copies[candidates]
    return Picks(candidates[np.argsort(arrival, kind="stable")[:k]])
