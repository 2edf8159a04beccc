"""Every cold strategy in the learners of other libraries; those of a library that is not installed are skipped."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils import check_array

from alps.base.errors import AlpsError
from alps.integrations.cold_queries import query_rows
from alps.integrations.modal import modal_strategy
from alps.integrations.scikit_activeml import ScikitActivemlStrategy
from alps.integrations.small_text import SmallTextStrategy
from alps.strategies import strategies

COLD = [name for name, row in strategies().items() if not row.needs & {"classifier", "label words"}]
EVERY_COLD_STRATEGY = pytest.mark.parametrize("strategy", COLD)


@pytest.fixture(scope="module")
def texts(news: list[str]) -> list[str]:
    return [*news[:30], news[0], " "]  # a copy, and a blank text


@pytest.fixture(scope="module")
def options(checkpoints: dict[str, Path], tmp_path_factory) -> dict[str, str]:
    return {"model": str(checkpoints["bert"]), "device": "cpu", "cache_dir": str(tmp_path_factory.mktemp("cache"))}


@EVERY_COLD_STRATEGY
def test_rows_are_candidates_and_different_and_the_same_again(strategy, texts, options) -> None:
    candidates, labelled = np.array([*range(3, 20), 30, 31]), np.array([0, 25])
    rows = query_rows(texts, candidates, labelled, 6, strategy, options)
    assert len({*rows.tolist()}) == 6
    assert {*rows.tolist()} <= {*range(3, 20)}  # neither the copy of a labelled text nor the blank one
    assert query_rows(texts, candidates, labelled, 6, strategy, options).tolist() == rows.tolist()
    everything = query_rows(texts, candidates, labelled, 19, strategy, options)
    assert sorted(everything.tolist()) == candidates.tolist()


def test_where_only_copies_are_left_they_are_chosen(texts, options) -> None:
    assert query_rows(texts, np.array([30, 31]), np.array([0]), 1, "alps", options).tolist() == [30]


def test_a_strategy_that_looks_through_a_classifier_is_refused(texts) -> None:
    for make in (SmallTextStrategy, modal_strategy):
        with pytest.raises(AlpsError, match="choose a cold one"):
            make("badge")


def test_texts_must_be_there() -> None:
    with pytest.raises(AlpsError, match="X holds no texts"):
        modal_strategy("random")(None, np.zeros((3, 2)))


@EVERY_COLD_STRATEGY
def test_in_a_learner_of_small_text(strategy: str, texts: list[str], options) -> None:
    small_text = pytest.importorskip("small_text")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    y = np.arange(len(texts)) % 2
    data = small_text.SklearnDataset(TfidfVectorizer().fit_transform(texts).tocsr(), y)
    factory = small_text.SklearnClassifierFactory(LogisticRegression(), 2)
    query = SmallTextStrategy(strategy, texts, **options)
    learner = small_text.PoolBasedActiveLearner(factory, query, data)
    learner.initialize_data(np.array([0, 1, 2]), y[:3])
    for n_labelled in (3, 8):
        assert len(learner.indices_labeled) == n_labelled
        rows = learner.query(num_samples=5)
        assert len({*rows.tolist()}) == 5
        learner.update(y[rows])
    with pytest.raises(small_text.query_strategies.exceptions.PoolExhaustedException):
        learner.query(num_samples=100)
    with pytest.raises(AlpsError, match="holds no texts"):
        SmallTextStrategy(strategy).query(None, data, np.array([1]), np.array([0]), y, n=1)


@EVERY_COLD_STRATEGY
def test_in_a_loop_of_scikit_activeml(strategy: str, texts: list[str], options) -> None:
    pytest.importorskip("skactiveml")
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.utils import MISSING_LABEL
    from sklearn.base import clone
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    X = TfidfVectorizer().fit_transform(texts).toarray()
    truth = np.arange(len(texts)) % 2
    y = np.full(len(texts), MISSING_LABEL)
    query = clone(ScikitActivemlStrategy(strategy, texts, options=options))
    classifier = SklearnClassifier(LogisticRegression(), classes=[0, 1])
    for _ in range(2):
        rows, utilities = query.query(X, y, batch_size=4, return_utilities=True)
        assert utilities.shape == (4, len(texts))
        assert [int(np.nanargmax(row)) for row in utilities] == rows.tolist()
        assert np.isnan(utilities[0]).tolist() == (~np.isnan(y)).tolist()
        y[rows] = truth[rows]
        classifier.fit(X, y)
    assert np.count_nonzero(~np.isnan(y)) == 8
    candidates = np.flatnonzero(np.isnan(y))[:5]
    assert {*query.query(X, y, candidates=candidates, batch_size=2).tolist()} <= {*candidates.tolist()}
    assert len(query.query(X, y, batch_size=100)) == len(texts) - 8
    itself = ScikitActivemlStrategy(strategy, options=options)
    assert len(itself.query(np.array(texts, dtype=object), y, batch_size=2)) == 2
    with pytest.raises(AlpsError, match="candidates are samples"):
        query.query(X, y, candidates=X[:2])


@EVERY_COLD_STRATEGY
def test_in_a_learner_of_modal(strategy: str, texts: list[str], options) -> None:
    models = pytest.importorskip("modAL.models")
    if "force_all_finite" not in signature(check_array).parameters:
        pytest.skip("modAL 0.4.2 needs scikit-learn before 1.8")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    X, y = np.array(texts, dtype=object), np.arange(len(texts)) % 2
    learner = models.ActiveLearner(
        make_pipeline(TfidfVectorizer(), LogisticRegression()), modal_strategy(strategy, **options), X[:2], y[:2]
    )
    pool, labels = X[2:], y[2:]
    for _ in range(2):
        rows, queried = learner.query(pool, n_instances=4)
        assert len({*rows.tolist()}) == 4 and queried.tolist() == pool[rows].tolist()
        learner.teach(pool[rows], labels[rows])
        pool, labels = np.delete(pool, rows), np.delete(labels, rows)
    assert len(learner.X_training) == 10
