"""The Random baseline: every text of the pool equally likely."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alps.base.streams import Stream
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
        Only the number of copies is used; the matrix may be empty.
    candidates
        Rows to choose from, int64.
    labelled
        Not used.
    k
        How many, at most ``len(candidates)``.
    stream
        The randomness.

    """
    # Exponential clocks: the order of arrival at rates `copies` is a draw without replacement by weight.
    arrival = stream.generator().standard_exponential(len(candidates)) / features.copies[candidates]
    return Picks(candidates[np.argsort(arrival, kind="stable")[:k]])
