"""The transformer keeps to the rules of scikit-learn, as far as text can, and gives what `select` looks at."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

import alps
from alps.integrations.transformer import SurprisalTransformer


@pytest.fixture
def transformer(checkpoints) -> SurprisalTransformer:
    return SurprisalTransformer(str(checkpoints["bert"]), device="cpu", max_length=32, evaluated_fraction=1.0)


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_every_check_of_scikit_learn_that_needs_no_numbers_passes(check, transformer: SurprisalTransformer) -> None:
    check("SurprisalTransformer", transformer)  # `check_estimator` stops at the first for an estimator of text


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_the_whole_of_check_estimator_passes_as_it_does_for_scikit_learn_s_own(transformer) -> None:
    names = [[each["check_name"] for each in estimator_checks.check_estimator(estimator) if each["status"] == "passed"]
             for estimator in (transformer, CountVectorizer())]  # fmt: skip
    assert names[0] == names[1]


def test_it_must_be_fitted(transformer: SurprisalTransformer) -> None:
    with pytest.raises(NotFittedError):
        transformer.transform(["a text"])


def test_it_gives_the_features_that_a_selection_was_made_from(transformer, news: list[str]) -> None:
    texts = [*news[:10], news[3]]
    matrix = transformer.fit_transform(texts)
    assert matrix.shape == (11, 32) and matrix.dtype == np.float32
    assert (matrix[[3]] != matrix[[10]]).nnz == 0
    options = {"model": transformer.model, "device": "cpu", "max_length": 32}
    basis = alps.select(texts, 3, strategy="alps-tokens", **options).basis
    assert basis is not None
    for row, features in zip(basis.view.rows.tolist(), basis.features.matrix.toarray(), strict=True):
        assert np.array_equal(matrix[[row]].toarray()[0], features)
    assert len(transformer.get_feature_names_out()) == 32


def test_it_stands_in_a_pipeline(transformer: SurprisalTransformer, news: list[str]) -> None:
    pipeline = make_pipeline(clone(transformer), LogisticRegression())
    assert len(cross_val_score(pipeline, news[:20], [0, 1] * 10, cv=2)) == 2


@pytest.mark.parametrize("texts", ["one text", [["a"], ["b"]], [1, 2], []])
def test_what_is_no_list_of_texts_is_refused(transformer: SurprisalTransformer, texts) -> None:
    with pytest.raises(ValueError, match="text"):
        transformer.fit(texts)
