"""The fast path's head: right, and the same for a position whatever is computed with it."""

from __future__ import annotations

import pytest
import torch

from alps.models.heads import GatheredHead

WORDS = 3000  # more than one block of the vocabulary, and not a multiple of it


@pytest.fixture(scope="module")
def head() -> GatheredHead:
    generator = torch.Generator().manual_seed(0)
    return GatheredHead(
        torch.nn.functional.gelu,
        weight=torch.randn(WORDS, 64, generator=generator),
        bias=torch.randn(WORDS, generator=generator),
    )


def hidden_and_targets(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, 64, generator=generator), torch.randint(WORDS, (n,), generator=generator)


def test_surprisal_is_the_cross_entropy_over_the_whole_vocabulary(head: GatheredHead) -> None:
    hidden, targets = hidden_and_targets(50)
    logits = torch.nn.functional.gelu(hidden).double() @ head._weight.double().T + head._bias.double()
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    torch.testing.assert_close(head.surprisal(hidden, targets).double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [16, 48, 80, 112, 208, 496])
def test_a_value_does_not_depend_on_how_many_are_computed(head: GatheredHead, n: int) -> None:
    hidden, targets = hidden_and_targets(512)
    assert torch.equal(head.surprisal(hidden[:n], targets[:n]), head.surprisal(hidden, targets)[:n])
