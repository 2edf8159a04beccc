"""The fast path's head: right, and the same for a position whatever is computed with it."""

from __future__ import annotations

import pytest
import torch

from alps.models.heads import BFloat16Decoder, Decoder, Float32Decoder, GatheredHead

WORDS = 3000  # more than one block of the vocabulary, and not a multiple of it
WIDTH = 64
DECODERS = pytest.mark.parametrize("decoder", [Float32Decoder, BFloat16Decoder])


def weight_and_bias(offset: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(WORDS, WIDTH, generator=generator), torch.randn(WORDS, generator=generator) + offset


def states_and_targets(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, WIDTH, generator=generator), torch.randint(WORDS, (n,), generator=generator)


def test_surprisal_is_the_cross_entropy_over_the_whole_vocabulary() -> None:
    weight, bias = weight_and_bias()
    hidden, targets = states_and_targets(50)
    logits = torch.nn.functional.gelu(hidden).double() @ weight.double().T + bias.double()
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    found = GatheredHead(torch.nn.functional.gelu, Float32Decoder(weight, bias)).surprisal(hidden, targets)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_rounded_differences_keep_their_bound_whatever_the_size_of_the_logits(scale: float, offset: float) -> None:
    weight, bias = weight_and_bias(offset)
    states, targets = states_and_targets(200)
    targets[:20] = torch.arange(20)
    states = states * scale
    factors = states.bfloat16().double(), weight.bfloat16().double()
    log_probabilities = torch.log_softmax(factors[0] @ factors[1].T + bias.double(), dim=1)
    surprisal = -log_probabilities.gather(1, targets[:, None])[:, 0]
    entropy = -(log_probabilities.exp() * log_probabilities).sum(dim=1)
    error = (BFloat16Decoder(weight, bias).surprisal(states, targets).double() - surprisal).abs()
    assert (error <= 1.05 * (surprisal + entropy) / 256 + 2e-4).all()
    rounded_logits = torch.nn.functional.cross_entropy(
        (factors[0] @ factors[1].T + bias.double()).bfloat16().double(), targets, reduction="none"
    )
    if offset:  # the check could fail
        assert (rounded_logits - surprisal).abs().max() > 10 * error.max()


@DECODERS
def test_what_is_certain_has_no_surprisal(decoder: type[Decoder]) -> None:
    weight, bias = torch.zeros(WORDS, WIDTH), torch.zeros(WORDS)
    bias[7] = 200.0
    head = GatheredHead(torch.nn.Identity(), decoder(weight, bias))
    certain, never = head.surprisal(torch.ones(2, WIDTH), torch.tensor([7, 8])).tolist()
    assert certain == 0.0
    assert never == pytest.approx(200.0, rel=1 / 256)


@DECODERS
@pytest.mark.parametrize("never", [float("-inf"), torch.finfo(torch.float32).min])
def test_a_word_that_is_ruled_out_changes_nothing(decoder: type[Decoder], never: float) -> None:
    weight, bias = weight_and_bias()
    states, targets = states_and_targets(16)
    targets[targets == 5] = 6
    bias[5] = never
    with_it = decoder(weight, bias).surprisal(states, targets)
    without = decoder(weight[torch.arange(WORDS) != 5], bias[torch.arange(WORDS) != 5])
    expected = without.surprisal(states, targets - (targets > 5).long())
    torch.testing.assert_close(with_it, expected, rtol=1e-5, atol=1e-5)


@DECODERS
@pytest.mark.parametrize("n", [16, 48, 80, 112, 208, 496])
def test_a_value_does_not_depend_on_how_many_are_computed(decoder: type[Decoder], n: int) -> None:
    head = GatheredHead(torch.nn.functional.gelu, decoder(*weight_and_bias()))
    hidden, targets = states_and_targets(512)
    assert torch.equal(head.surprisal(hidden[:n], targets[:n]), head.surprisal(hidden, targets)[:n])
