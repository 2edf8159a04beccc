"""CAL, TypiClust and BADGE against scikit-activeml on the same arrays."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from alps.base.streams import Stream
from alps.representations.features import Features
from alps.representations.gradient import gradient_embeddings
from alps.representations.predicted import PredictedFeatures
from alps.selectors import cal, typiclust

pool = pytest.importorskip("skactiveml.pool", reason="scikit-activeml is not installed")
from skactiveml.classifier import SklearnClassifier  # noqa: E402 - after the skip

SEEDS = pytest.mark.parametrize("seed", range(5))
N, N_LABELLED, WIDTH, CLASSES = 120, 30, 6, 3


class Trained:
    """Random points, the first of them labelled, and a classifier that scikit-activeml takes too."""

    def __init__(self, seed: int) -> None:
        generator = np.random.default_rng(seed)
        self.points = generator.standard_normal((N, WIDTH)).astype(np.float32)
        self.labels = np.full(N, np.nan)
        self.labels[:N_LABELLED] = np.arange(N_LABELLED) % CLASSES
        self.classifier = SklearnClassifier(LogisticRegression(), classes=range(CLASSES))
        self.classifier.fit(self.points, self.labels)
        self.probabilities = self.classifier.predict_proba(self.points).astype(np.float32)
        self.labelled, self.candidates = np.arange(N_LABELLED), np.arange(N_LABELLED, N)


@SEEDS
def test_cal_gives_the_same_scores_and_picks(seed: int) -> None:
    some = Trained(seed)
    peer = pool.ContrastiveAL(nearest_neighbors_dict={"n_neighbors": cal.NEIGHBOURS}, random_state=0)
    picks, utilities = peer.query(
        some.points, some.labels, some.classifier, fit_clf=False, batch_size=10, return_utilities=True
    )
    features = PredictedFeatures(some.points, np.ones(N, np.int64), probabilities=some.probabilities)
    scores = cal.contrast(features.take(some.candidates), features.take(some.labelled), cal.NEIGHBOURS)
    assert scores == pytest.approx(utilities[0, some.candidates], abs=1e-5)
    assert cal.select(features, some.candidates, some.labelled, 10, Stream(0)).rows.tolist() == picks.tolist()


@SEEDS
def test_badge_draws_with_the_same_probabilities(seed: int) -> None:
    """
    After every draw of scikit-activeml, whose draws differ from ours in two ways.

    Its first is the longest gradient, where ours is random; and it keeps the distance to the origin beside those to
    the draws, as neither the paper nor its released code does.
    """
    some = Trained(seed)
    picks, probabilities = pool.Badge(random_state=seed).query(
        some.points, some.labels, some.classifier, fit_clf=False, batch_size=8, return_utilities=True
    )
    gradients = gradient_embeddings(some.probabilities, some.points, np.ones(N, np.int64)).take(some.candidates)
    assert picks[0] == some.candidates[gradients.squared_norms().argmax()]
    squares = gradients.squared_norms()
    for draw, expected in zip(picks, probabilities[1:, some.candidates], strict=False):
        squares = np.minimum(squares, gradients.squared_distances_to_row(int(draw) - N_LABELLED))
        known = ~np.isnan(expected)
        assert (squares / squares.sum())[known] == pytest.approx(expected[known], abs=1e-6)


@SEEDS
def test_typiclust_finds_the_same_texts_of_clear_clusters(seed: int) -> None:
    """Clusters have at least 41 members: in smaller ones we count half of the others as neighbours, as published."""
    generator = np.random.default_rng(seed)
    sizes = (60, 52, 45, 41)
    centres = 50 * np.eye(4, WIDTH)
    points = np.repeat(centres, sizes, axis=0) + generator.standard_normal((sum(sizes), WIDTH))
    points = points.astype(np.float32)
    labels = np.full(len(points), np.nan)
    labels[3] = 0  # in the largest cluster, which then gives nothing
    labelled, candidates = np.array([3]), np.delete(np.arange(len(points)), 3)
    expected = pool.TypiClust(k=typiclust.NEIGHBOURS, random_state=seed).query(points, labels, batch_size=3)
    features = Features(points, np.ones(len(points), np.int64))
    assert typiclust.select(features, candidates, labelled, 3, Stream(seed)).rows.tolist() == expected.tolist()
