"""A strategy for alps: the texts with the most words."""

import numpy as np

from alps.representations.features import Features
from alps.selectors.picks import Picks
from alps.strategies import Strategy

MODULE = "alps_longest.strategy"
LONGEST = Strategy("longest", "The longest texts.", MODULE, MODULE, keeps_order=True, cost="O(n)", source="an example")


def represent(texts, copies, resources, stream):
    """Count the words of each text."""
    words = [[len(text.split())] for text in texts.take(np.arange(texts.n))]
    return Features(np.array(words, np.float32), copies)


def select(features, candidates, labelled, k, stream):
    """Take the candidates with the most words."""
    order = np.argsort(-features.matrix[candidates, 0], kind="stable")
    return Picks(candidates[order[:k]])
