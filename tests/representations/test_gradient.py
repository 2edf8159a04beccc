"""BADGE's gradient embeddings: against autograd, and written out against never written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.representations.gradient import gradient_embeddings
from alps.representations.outer_product import OuterProductFeatures

ROWS = np.arange(12)


@pytest.fixture
def layer() -> torch.nn.Linear:
    torch.manual_seed(0)
    return torch.nn.Linear(5, 3)


def predictions(layer: torch.nn.Linear) -> tuple[np.ndarray, np.ndarray]:
    hidden = torch.randn(12, 5, generator=torch.Generator().manual_seed(1))
    return layer(hidden).softmax(dim=1).detach().numpy(), hidden.numpy()


def test_they_are_the_gradient_of_the_loss_against_the_likeliest_class(layer: torch.nn.Linear) -> None:
    probabilities, hidden = predictions(layer)
    found = gradient_embeddings(probabilities, hidden, np.ones(12, np.int64)).dense(ROWS)
    for i in ROWS:
        layer.zero_grad()
        logits = layer(torch.from_numpy(hidden[i]))
        torch.nn.functional.cross_entropy(logits, logits.argmax()).backward()
        assert layer.weight.grad is not None
        np.testing.assert_allclose(found[i], layer.weight.grad.numpy().ravel(), atol=1e-6)


def test_with_several_labels_they_are_the_gradient_against_the_likelier_answers(layer: torch.nn.Linear) -> None:
    _, hidden = predictions(layer)
    probabilities = layer(torch.from_numpy(hidden)).sigmoid().detach().numpy()
    found = gradient_embeddings(probabilities, hidden, np.ones(12, np.int64), multi_label=True).dense(ROWS)
    for i in ROWS:
        layer.zero_grad()
        logits = layer(torch.from_numpy(hidden[i]))
        answers = (logits > 0).float()
        torch.nn.functional.binary_cross_entropy_with_logits(logits, answers, reduction="sum").backward()
        assert layer.weight.grad is not None
        np.testing.assert_allclose(found[i], layer.weight.grad.numpy().ravel(), atol=1e-6)


def test_an_unsure_text_has_the_longer_gradient() -> None:
    """With h = (1, 0): |p - e| is 0.05 * sqrt(2) for (0.95, 0.05) and 0.45 * sqrt(2) for (0.55, 0.45)."""
    probabilities = np.array([[0.95, 0.05], [0.55, 0.45]], np.float32)
    hidden = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
    some = gradient_embeddings(probabilities, hidden, np.ones(2, np.int64))
    assert np.sqrt(some.squared_norms()) == pytest.approx([0.05 * 2**0.5, 0.45 * 2**0.5], rel=1e-5)


def test_the_released_code_makes_all_norms_one_and_loses_that() -> None:
    probabilities = np.array([[0.95, 0.05], [0.55, 0.45], [1.0, 0.0]], np.float32)
    hidden = np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0]], np.float32)
    some = gradient_embeddings(probabilities, hidden, np.ones(3, np.int64), normalised=True)
    assert some.squared_norms() == pytest.approx([1.0, 1.0, 0.0], abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 9), c=st.integers(1, 4), d=st.integers(1, 5), seed=st.integers(0, 999))
def test_never_written_out_equals_written_out(n: int, c: int, d: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    left, right = (generator.normal(size=(n, size)).astype(np.float32) for size in (c, d))
    some = OuterProductFeatures(left, np.ones(n, np.int64), right=right)
    plain = np.stack([np.outer(a, h).ravel() for a, h in zip(left, right, strict=True)])
    np.testing.assert_allclose(some.dense(np.arange(n)), plain, rtol=1e-6)
    np.testing.assert_allclose(some.squared_norms(), (plain.astype(np.float64) ** 2).sum(axis=1), rtol=1e-5)
    expected = ((plain[:, None].astype(np.float64) - plain) ** 2).sum(axis=2)
    np.testing.assert_allclose(some.squared_distances(plain), expected, atol=1e-4)
    for row in range(n):
        np.testing.assert_allclose(some.squared_distances_to_row(row), expected[:, row], atol=1e-4)
    back = np.arange(n)[::-1]
    np.testing.assert_allclose(some.take(back).dense(np.arange(n)), plain[back], rtol=1e-6)
