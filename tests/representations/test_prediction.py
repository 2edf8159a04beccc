"""What a classifier predicts for texts, as features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.classifier import Classifier
from alps.models.linear_head import LinearHead
from alps.pool.texts import Texts
from alps.representations import encoding, prediction
from alps.representations.resources import Resources
from alps.strategies import find_strategy


def test_they_are_the_head_applied_to_the_embeddings(news: list[str]) -> None:
    texts, copies, resources = Texts.of(news[:6]), np.ones(6, np.int64), Resources(max_length=32)
    encoded = encoding.represent(texts, copies, resources, Stream(0)).matrix
    generator = np.random.default_rng(0)
    weight = generator.standard_normal((3, encoded.shape[1])).astype(np.float32)
    bias = np.array([0.0, 1.0, -1.0], np.float32)
    head = LinearHead(("a", "b", "c"), weight, bias)
    some = prediction.represent(texts, copies, replace(resources, classifier=Classifier(head)), Stream(0))
    odds = np.exp(encoded @ weight.T + bias)
    assert some.matrix == pytest.approx(encoded, abs=1e-6)
    assert some.probabilities == pytest.approx(odds / odds.sum(axis=1, keepdims=True), abs=1e-5)
    assert some.samples is None


def test_the_embeddings_of_a_fine_tuned_encoder_are_of_norm_1_where_that_is_asked(news: list[str]) -> None:
    texts, copies = Texts.of(news[:6]), np.ones(6, np.int64)
    pre_trained = Resources(max_length=32)
    head = LinearHead(("a", "b"), np.eye(2, 384, dtype=np.float32), np.zeros(2, np.float32))
    resources = replace(pre_trained, classifier=Classifier(head, pre_trained.encoder))
    raw, scaled = (
        prediction.represent(texts, copies, resources, Stream(0), normalised=normalised) for normalised in (False, True)
    )
    norms = np.linalg.norm(raw.matrix, axis=1, keepdims=True)
    assert (np.abs(norms - 1.0) > 0.1).all()
    np.testing.assert_allclose(scaled.matrix, raw.matrix / norms, rtol=1e-6)
    np.testing.assert_array_equal(scaled.probabilities, raw.probabilities)
    assert find_strategy("cal").representation_options["normalised"]


def test_without_a_classifier_it_is_refused(news: list[str]) -> None:
    with pytest.raises(AlpsError, match="give labelled texts to train one on"):
        prediction.represent(Texts.of(news[:2]), np.ones(2, np.int64), Resources(), Stream(0))
