"""Surprisal embeddings (paper 4.2): scatter, normalise, and the facts that go with them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.representations.surprisal import represent, surprisal_embeddings
from alps.representations.token_surprisal import TokenSurprisal, token_surprisal


def ragged(per_text: list[dict[int, float]]) -> TokenSurprisal:
    """Token surprisal from position -> nats of each text."""
    zeros = np.zeros(len(per_text), dtype=np.int64)
    return TokenSurprisal(
        offsets=np.cumsum([0, *map(len, per_text)]),
        positions=np.array([position for text in per_text for position in text], dtype=np.int64),
        nats=np.array([nats for text in per_text for nats in text.values()], dtype=np.float32),
        n_tokens=zeros + 20,
        n_unknown=zeros,
        n_short=zeros,
        cut=zeros > 0,
    )


def test_nats_go_to_their_positions_and_rows_are_normalised() -> None:
    matrix = surprisal_embeddings(ragged([{1: 3.0, 4: 4.0}, {}, {2: 0.5}, {5: 0.0}]), 6)
    expected = [[0, 0.6, 0, 0, 0.8, 0], [0] * 6, [0, 0, 1, 0, 0, 0], [0] * 6]
    np.testing.assert_allclose(matrix.toarray(), expected, atol=1e-7)
    assert sp.issparse(matrix) and matrix.format == "csr"
    assert matrix.dtype == np.float32
    assert matrix.nnz == 3


def test_no_texts_and_no_evaluated_token_at_all() -> None:
    assert surprisal_embeddings(ragged([]), 128).shape == (0, 128)
    assert surprisal_embeddings(ragged([{}, {}]), 128).toarray().any() == np.False_


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 15), st.floats(0.0, 30.0, width=32).filter(lambda x: x == 0 or x > 1e-6)),
        max_size=8,
    )
)
def test_embeddings_agree_with_a_plain_reference(per_text: list[dict[int, float]]) -> None:
    per_text = [dict(sorted(text.items())) for text in per_text]
    expected = np.zeros((len(per_text), 16))
    for row, text in zip(expected, per_text, strict=True):
        for position, nats in text.items():
            row[position] = nats
        norm = np.linalg.norm(row)
        row /= norm if norm > 0 else 1.0
    found = surprisal_embeddings(ragged(per_text), 16)
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-6)
    assert np.all(found.data != 0)


@pytest.fixture(scope="module")
def resources() -> Resources:
    return Resources(max_length=128)


def test_embeddings_of_real_text(news: list[str], resources: Resources) -> None:
    texts = Texts.of([*news[:20], news[-1]])
    features = represent(texts, np.ones(21, np.int64), resources, Stream(11))
    matrix = features.matrix.toarray()
    assert matrix.shape == (21, 128)
    surprisal = token_surprisal(texts, resources, seed=11, fraction=0.15)
    for i, row in enumerate(matrix):
        span = slice(surprisal.offsets[i], surprisal.offsets[i + 1])
        positions, nats = surprisal.positions[span], surprisal.nats[span].astype(np.float64)
        plain = np.zeros(128)
        plain[positions] = nats
        np.testing.assert_allclose(row * np.linalg.norm(plain), plain, atol=1e-5)
    norms = np.linalg.norm(matrix, axis=1)
    zero = features.facts["zero"]
    np.testing.assert_allclose(norms[~zero], 1.0, atol=1e-6)
    assert zero.any() and not zero.all()
    assert not norms[zero].any()
    assert not matrix[:, [0, 127]].any()  # [CLS], and [SEP] of the longest


def test_a_seed_gives_one_set_of_tokens_and_another_seed_another(news: list[str], resources: Resources) -> None:
    texts, copies = Texts.of(news[4:12]), np.ones(8, np.int64)
    first, again, other = (represent(texts, copies, resources, Stream(seed)).matrix.toarray() for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert np.mean((first > 0) == (other > 0)) < 0.99


def test_facts_of_real_text(news: list[str], resources: Resources) -> None:
    texts = Texts.of(["a", "it is a 丂 day", *news[-2:]])
    features = represent(texts, np.array([1, 2, 3, 4]), resources, Stream(0), evaluated_fraction=1.0)
    facts = features.facts
    assert features.copies.tolist() == [1, 2, 3, 4]
    assert facts["n_tokens"].tolist() == [1, 5, 126, 126]
    assert facts["n_unknown"].tolist()[:2] == [0, 1]
    assert facts["n_short"].tolist()[:2] == [1, 1]
    assert facts["cut"].tolist() == [False, False, True, True]
    assert facts["zero"].tolist() == [False] * 4
    every = token_surprisal(texts, resources, seed=0, fraction=1.0)
    mean = [np.mean(every.nats[every.rows == row]) for row in range(4)]
    np.testing.assert_allclose(facts["surprisal"], mean, rtol=1e-5)


def test_mean_surprisal_is_unknown_where_no_token_was_evaluated() -> None:
    mean = ragged([{1: 1.0, 2: 2.0}, {}]).mean()
    assert mean[0] == 1.5
    assert np.isnan(mean[1])


def test_masked_input_gives_other_nats_at_the_same_positions(news: list[str], resources: Resources) -> None:
    texts, copies = Texts.of(news[10:20]), np.ones(10, np.int64)
    plain, masked = (represent(texts, copies, resources, Stream(4), masked=flag).matrix for flag in (False, True))
    assert plain.indices.tolist() == masked.indices.tolist()
    assert np.abs(plain.data - masked.data).max() > 0.01


@pytest.mark.parametrize("length", [16, 64])
def test_the_length_limit_is_the_width(length: int, news: list[str]) -> None:
    resources = Resources(max_length=length)
    features = represent(Texts.of(news[-3:]), np.ones(3, np.int64), resources, Stream(0), evaluated_fraction=1.0)
    assert features.matrix.shape == (3, length)
    assert np.diff(features.matrix.indptr).tolist() == [length - 2] * 3
    assert features.facts["cut"].all()


def test_a_length_that_the_model_cannot_read_is_an_error() -> None:
    with pytest.raises(AlpsError, match="reads at most 512 tokens; lower --max-length"):
        represent(Texts.of(["a"]), np.ones(1, np.int64), Resources(max_length=513), Stream(0))
