"""Fine-tuning on a tiny checkpoint: against a plain loop, weights, seeds, several labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from alps.models.batches import least_padded_parts
from alps.models.fine_tuning import OVERHEAD, fine_tune, padded
from alps.models.linear_head import MULTI_LABEL, SINGLE_LABEL
from alps.models.recipes import RECIPES, Recipe
from alps.models.sequence_classifier import load_sequence_classifier
from alps.models.tokens import TextTokenizer, Tokens

QUICK = Recipe(epochs=15, learning_rate=5e-3, batch_size=4, dropout=0.0)
TEXTS = ["rain in Rome", "sun and wind", "rain", "a late goal in the final", "the cup", "a goal"]
LONG = " ".join(["rain and wind in Rome"] * 6)  # 26 tokens more than most: a batch with it is passed in parts
TARGETS = np.eye(2, dtype=bool)[[0, 0, 0, 1, 1, 1]]


IN_PARTS = pytest.mark.parametrize(
    ("texts", "n_parts"), [(TEXTS, 1), ([LONG, *TEXTS[1:5], LONG], 2)], ids=["of one length", "in parts"]
)


def start(
    checkpoints: dict[str, Path], problem_type: str = SINGLE_LABEL, texts: list[str] = TEXTS
) -> tuple[nn.Module, Tokens, int]:
    network, tokenizer = load_sequence_classifier(str(checkpoints["bert"]), ("a", "b"), problem_type, 3)
    return network, TextTokenizer(tokenizer, 32)(texts), tokenizer.pad_token_id


class GradientDescent(Recipe):
    """A recipe whose steps are gradients, at one rate."""

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.SGD(network.parameters(), lr=self.learning_rate)


def probabilities(network: nn.Module, tokens: Tokens, padding: int) -> np.ndarray:
    inputs, mask = padded(tokens, np.arange(len(tokens.lengths)), padding)
    with torch.inference_mode():
        return network(input_ids=inputs, attention_mask=mask).logits.softmax(dim=1).numpy()


def test_short_texts_are_filled_up_and_not_attended_to() -> None:
    tokens = Tokens(np.array([7, 8, 9, 5, 6], np.int32), np.array([0, 3, 5]), np.zeros(2, bool), 0, 0)
    inputs, mask = padded(tokens, np.array([1, 0]), 0)
    assert inputs.tolist() == [[5, 6, 0], [7, 8, 9]]
    assert mask.tolist() == [[1, 1, 0], [1, 1, 1]]


def test_it_learns_and_ends_in_evaluation_mode(checkpoints: dict[str, Path]) -> None:
    network, tokens, padding = start(checkpoints)
    losses = fine_tune(network, tokens, TARGETS, QUICK, 1, padding_id=padding)
    assert len(losses) == 15 * 2
    assert losses[-1] < 0.1 < losses[0]
    assert (probabilities(network, tokens, padding).argmax(axis=1) == TARGETS.argmax(axis=1)).all()
    assert not network.training


@IN_PARTS
def test_it_is_the_plain_loop(checkpoints: dict[str, Path], texts: list[str], n_parts: int) -> None:
    """One step of the paper's recipe without dropout, written out with torch alone."""
    network, tokens, padding = start(checkpoints, texts=texts)
    assert len(least_padded_parts(tokens.lengths, OVERHEAD)) == n_parts
    recipe = Recipe(epochs=1, learning_rate=2e-5, dropout=0.0)
    (loss,) = fine_tune(network, tokens, TARGETS, recipe, 1, padding_id=padding)

    plain, _, _ = start(checkpoints)
    plain.eval()
    inputs, mask = padded(tokens, np.arange(6), padding)
    expected = nn.functional.cross_entropy(
        plain(input_ids=inputs, attention_mask=mask).logits, torch.tensor([0, 0, 0, 1, 1, 1])
    )
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    optimizer = torch.optim.AdamW(plain.parameters(), lr=2e-5, eps=1e-8, weight_decay=0.0)
    expected.backward()
    nn.utils.clip_grad_norm_(plain.parameters(), 1.0)
    optimizer.step()
    for (name, found), wanted in zip(network.named_parameters(), plain.parameters(), strict=True):
        if not name.endswith("key.bias"):  # has no gradient but rounding, of which Adam makes a whole step
            torch.testing.assert_close(found, wanted, rtol=0, atol=2e-6, msg=name)


def test_the_seed_decides_and_the_global_generator_is_left_alone(checkpoints: dict[str, Path]) -> None:
    before = torch.get_rng_state()
    runs = []
    for seed in (1, 1, 2):
        network, tokens, padding = start(checkpoints)
        runs.append(fine_tune(network, tokens, TARGETS, RECIPES["paper"], seed, padding_id=padding))
    assert torch.equal(torch.get_rng_state(), before)
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("problem_type", [SINGLE_LABEL, MULTI_LABEL])
def test_gradients_of_the_parts_add_up(checkpoints: dict[str, Path], problem_type: str) -> None:
    """With plain gradient descent, of which a step is the gradient itself; weights differ, too."""
    weights = np.array([1, 2, 3, 4, 5, 6])
    network, tokens, padding = start(checkpoints, problem_type, [LONG, *TEXTS[1:5], LONG])
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    fine_tune(network, tokens, TARGETS, GradientDescent(1, 0.5, dropout=0.0, max_norm=1e9), 1, padding_id=padding,
              weights=weights)  # fmt: skip

    plain, _, _ = start(checkpoints, problem_type)
    plain.eval()
    inputs, mask = padded(tokens, np.arange(6), padding)
    logits, targets = plain(input_ids=inputs, attention_mask=mask).logits, torch.from_numpy(TARGETS).float()
    each = {
        SINGLE_LABEL: lambda: -(logits.log_softmax(dim=1) * targets).sum(dim=1),
        MULTI_LABEL: lambda: nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(1),
    }[problem_type]()
    ((each * torch.from_numpy(weights)).sum() / weights.sum()).backward()
    for (name, found), wanted in zip(network.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close((before[name] - found) / 0.5, wanted.grad, rtol=1e-3, atol=1e-6, msg=name)


@IN_PARTS
def test_the_loss_is_the_weighted_mean(checkpoints: dict[str, Path], texts: list[str], n_parts: int) -> None:
    network, tokens, padding = start(checkpoints, texts=texts)
    assert len(least_padded_parts(tokens.lengths, OVERHEAD)) == n_parts
    weights = np.array([1, 2, 3, 4, 5, 6])
    chances = probabilities(network.eval(), tokens, padding)[TARGETS]
    recipe = Recipe(epochs=1, learning_rate=2e-5, dropout=0.0)
    (loss,) = fine_tune(network, tokens, TARGETS, recipe, 1, padding_id=padding, weights=weights)
    assert loss == pytest.approx(-(weights * np.log(chances)).sum() / 21, rel=1e-5)


def test_several_labels(checkpoints: dict[str, Path]) -> None:
    network, tokens, padding = start(checkpoints, MULTI_LABEL)
    targets = np.array([[1, 0], [0, 0], [1, 0], [1, 1], [0, 1], [0, 1]], dtype=bool)
    fine_tune(network, tokens, targets, QUICK, 1, padding_id=padding)
    inputs, mask = padded(tokens, np.arange(6), padding)
    with torch.inference_mode():
        found = network(input_ids=inputs, attention_mask=mask).logits > 0
    assert (found.numpy() == targets).all()


def test_dropout_is_set_everywhere(checkpoints: dict[str, Path]) -> None:
    network, tokens, padding = start(checkpoints)
    fine_tune(network, tokens, TARGETS, Recipe(epochs=1, learning_rate=1e-5, dropout=0.0), 1, padding_id=padding)
    shares = [module.p for module in network.modules() if isinstance(module, nn.Dropout)]
    assert shares
    assert set(shares) == {0.0}
    network.train()
    inputs, mask = padded(tokens, np.arange(6), padding)
    with torch.no_grad():
        first, again = (network(input_ids=inputs, attention_mask=mask).logits for _ in range(2))
    assert torch.equal(first, again)
