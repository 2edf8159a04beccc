"""
Contrastive active learning (CAL: Margatina et al., EMNLP 2021).

Wanted are texts that look to the classifier like their labelled neighbours and are predicted otherwise. The score of a
text is the mean over its 10 nearest *labelled* texts of KL(p_neighbour || p_text), distances being Euclidean between
the classifier's embeddings; the k highest scores are taken. The strategy scales the embeddings to norm 1 first, which
the paper does not say and the code that its authors released does. In the multi-label case the divergence is that of
the sets of labels, the classes taken as independent: the sum over the classes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.predicted import PredictedFeatures, predicted
from alps.selectors.nearest import rows_for
from alps.selectors.picks import Picks

NEIGHBOURS = 10


def select(
    features: Features,
    candidates: npt.NDArray[np.int64],
    labelled: npt.NDArray[np.int64],
    k: int,
    stream: Stream,
    *,
    neighbours: int = NEIGHBOURS,
) -> Picks:
    """
    Take the k candidates with the highest scores; ties go by row.

    Parameters
    ----------
    features
        `PredictedFeatures` of n texts.
    candidates
        Rows to choose from, int64.
    labelled
        Rows that have a label, int64; at least one.
    k
        How many, at most ``len(candidates)``.
    stream
        Not used.
    neighbours
        How many labelled texts a text is compared with; all of them where there are fewer.

    Raises
    ------
    AlpsError
        When nothing is labelled.

    """
    if not len(labelled):
        raise AlpsError("CAL compares texts with labelled ones; label some first, or choose a cold strategy.")
    some = predicted(features)
    scores = contrast(some.take(candidates), some.take(labelled), neighbours)
    return Picks(candidates[np.lexsort((candidates, -scores))[:k]])


def contrast(features: PredictedFeatures, labelled: PredictedFeatures, neighbours: int) -> npt.NDArray[np.float64]:
    """Mean KL divergence of the nearest labelled texts' predictions from each text's own, in nats, float64 (n,)."""
    n_neighbours = min(neighbours, labelled.n)
    points = labelled.dense(np.arange(labelled.n))
    known = labelled.probabilities.astype(np.float64)
    scores = []
    step = rows_for(labelled.n)
    for start in range(0, features.n, step):
        block = features.take(np.arange(start, min(start + step, features.n)))
        # A stable sort, so that of equally near texts the first count.
        nearest = np.argsort(block.squared_distances(points), axis=1, kind="stable")[:, :n_neighbours]
        own = block.probabilities.astype(np.float64)
        divergence = _divergence(known[nearest], own[:, None])
        if features.multi_label:
            divergence += _divergence(1.0 - known[nearest], 1.0 - own[:, None])
        scores.append(divergence.mean(axis=1))
    return np.concatenate(scores)


def _divergence(p: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sum over the last axis of p log(p / q) in nats, finite where q is 0."""
    return np.asarray(rel_entr(p, np.maximum(q, np.finfo(np.float32).tiny)).sum(axis=-1))
