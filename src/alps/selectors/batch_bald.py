"""
BatchBALD (Kirsch, van Amersfoort & Gal, NeurIPS 2019): texts whose labels *together* tell most about the classifier.

BALD scores every text alone, and so takes two texts that would tell the same. Here each next text x is the one with the
greatest joint mutual information I(y_1, ..., y_b, y_x; w) of the labels and the classifier w (section 3 of the paper).
What has been chosen is the same for every x, so it is enough to compare what x adds:

    I(y_x; w | y_1, ..., y_b) = E [H(y_x | y_1, ..., y_b) - E H(y_x | w)],

the outer expectation over configurations of the labels y_1, ..., y_b, the inner one over the posterior that each
configuration gives to the draws of the classifier. While configurations are few, all are looked at with their
probabilities; after that some are sampled, equally many under each draw, and grow by one sampled label with every text.
In this form the gain is never negative, and no product of many probabilities vanishes.

A text never adds more than it would have added to a smaller batch: H(y_x | w) stays, and more labels can only lower
H(y_x | y_1, ..., y_b). So its last gain is a bound of the next, and only texts whose bound reaches the best gain are
looked at again (lazy greedy: Minoux, Accelerated greedy algorithms for maximizing submodular set functions, 1978).
While all configurations are looked at, no pick is changed by it; between sampled ones a bound is as sure as a gain.

The joint mutual information cannot exceed the logarithm of the number of draws (3 nats for 20). When no text adds
anything any more, the rest are taken by BALD.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.predicted import predicted
from alps.selectors.picks import Picks
from alps.selectors.top_k import bald

# How many texts not chosen yet, the highest by BALD, are looked at for each next text.
MAX_TEXTS = 1000
# Configurations of the labels, that of the text in question included, up to which all are looked at: C^b.
MAX_CONFIGURATIONS = 10_000
# Of more, about as many are sampled, but under each draw of the classifier no fewer than these.
MIN_SAMPLED = 20
_AT_ONCE = 2**21  # predicted probabilities computed at a time
_LOOKED_AT = 32  # texts whose gains are computed together: few, since most choices need no more
_STEPS = 2**20  # gains in whole steps of a millionth of a nat: what a sum's order changes decides no tie

Array = npt.NDArray[np.float64]


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
) -> Picks:
    """
    Take k of the candidates, each the one that adds most to what is known; ties go by BALD, then by row.

    Parameters
    ----------
    features
        `PredictedFeatures` of n texts, with samples.
    candidates
        Rows to choose from, int64.
    labelled
        Not used.
    k
        How many, at most ``len(candidates)``.
    stream
        Draws the configurations.

    Raises
    ------
    AlpsError
        When the classifier gives no samples, or a text may have several labels.

    """
    if predicted(features).multi_label:
        raise AlpsError("BatchBALD is for one label a text; choose another strategy, such as bald.")
    candidates = np.sort(candidates)
    some = predicted(features.take(candidates))
    scores = bald(some)  # refuses features without samples
    assert some.samples is not None
    waiting = np.argsort(-scores, kind="stable")
    bounds = np.full(len(waiting), np.inf)  # of what each would add, in steps
    joint = Joint(some.samples.shape[1], some.samples.shape[2], stream)
    chosen: list[int] = []
    while len(chosen) < k:
        best = _most_telling(joint, some.samples, waiting[:MAX_TEXTS], bounds[:MAX_TEXTS])
        if bounds[best] <= 0:
            break
        joint.add(some.samples[waiting[best]])
        chosen.append(int(waiting[best]))
        waiting, bounds = np.delete(waiting, best), np.delete(bounds, best)
    return Picks(candidates[np.concatenate([np.array(chosen, np.int64), waiting])[:k]])


def _most_telling(
    joint: Joint, samples: npt.NDArray[np.float32], contenders: npt.NDArray[np.int64], bounds: Array
) -> int:
    """Find the contender that adds most, of equals the first; lower the bounds of those that had to be looked at."""
    most = -np.inf
    by_bound = np.argsort(-bounds, kind="stable")
    for some in np.split(by_bound, range(_LOOKED_AT, len(by_bound), _LOOKED_AT)):
        if bounds[some[0]] < most:
            break
        bounds[some] = np.rint(joint.gains(samples[contenders[some]]) * _STEPS)
        most = max(most, bounds[some].max())
    return int(np.argmax(bounds))


class Joint:
    """
    Configurations of the labels of the texts chosen so far: how likely each is, and what it tells about the draws.

    Parameters
    ----------
    n_draws, n_classes
        Draws from the classifier's posterior, and classes C.
    stream
        Draws configurations when there are too many to look at all.

    """

    def __init__(self, n_draws: int, n_classes: int, stream: Stream) -> None:
        self._generator = stream.generator()
        self._n_classes = n_classes
        self._posteriors = np.full((1, n_draws), 1 / n_draws)  # p(draw | configuration), (M, draws)
        self._weights = np.ones(1)  # p(configuration), (M,)
        self._grown_under: npt.NDArray[np.int64] | None = None  # the draw of each sampled configuration, (M,)

    @property
    def is_exact(self) -> bool:
        """Whether all configurations are looked at."""
        return self._grown_under is None

    def gains(self, samples: npt.NDArray[np.float32]) -> Array:
        """
        What the label of each of some texts would add, in nats.

        Parameters
        ----------
        samples
            Probabilities under each draw, float32 (n, draws, C).

        Returns
        -------
        numpy.ndarray
            Mutual information given the labels of the texts chosen so far, float64 (n,).

        """
        at_once = max(1, _AT_ONCE // (len(self._weights) * self._n_classes))
        of_draws = self._weights @ self._posteriors
        gains = []
        for start in range(0, len(samples), at_once):
            p = samples[start : start + at_once].astype(np.float64)
            predictions = np.tensordot(self._posteriors, p, axes=(1, 1))  # (M, some, C)
            entropies = np.tensordot(self._weights, entr(predictions, out=predictions), axes=1)  # (some, C)
            gains.append(entropies.sum(axis=1) - entr(p).sum(axis=2) @ of_draws)
        return np.concatenate(gains)

    def add(self, sample: npt.NDArray[np.float32]) -> None:
        """
        Choose a text.

        Parameters
        ----------
        sample
            Its probabilities under each draw, float32 (draws, C).

        """
        p = sample.astype(np.float64)
        if self._grown_under is not None:
            shares = np.cumsum(p, axis=1)
            shares /= shares[:, -1:]
            chance = self._generator.random(len(self._grown_under))
            label = (chance[:, None] >= shares[self._grown_under]).sum(axis=1)
            self._posteriors *= p.T[label]
        else:
            # Every configuration with every label: (M, C, draws), without those that cannot be.
            joint = (self._posteriors[:, None] * p.T).reshape(-1, len(p))
            weights = np.repeat(self._weights, self._n_classes) * joint.sum(axis=1)
            self._posteriors, self._weights = joint[weights > 0], weights[weights > 0] / weights.sum()
        self._posteriors /= self._posteriors.sum(axis=1, keepdims=True)
        if self._grown_under is None and len(self._weights) * self._n_classes > MAX_CONFIGURATIONS:
            self._sample()

    def _sample(self) -> None:
        """Go on with some of the configurations, drawn in proportion to their probability under each draw."""
        n_draws = self._posteriors.shape[1]
        n_each = max(MIN_SAMPLED, MAX_CONFIGURATIONS // (self._n_classes * n_draws))
        shares = np.cumsum(self._weights[:, None] * self._posteriors, axis=0)
        shares /= shares[-1]
        chance = (np.arange(n_each)[:, None] + self._generator.random((n_each, n_draws))) / n_each  # one of each part
        rows = [np.searchsorted(shares[:, draw], chance[:, draw], side="right") for draw in range(n_draws)]
        self._posteriors = self._posteriors[np.concatenate(rows)]
        self._weights = np.full(n_draws * n_each, 1 / (n_draws * n_each))
        self._grown_under = np.repeat(np.arange(n_draws), n_each)
