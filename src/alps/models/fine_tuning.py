"""
Fine-tuning of a sequence classifier, from the pre-trained weights each time (the last line of the paper's Algorithm 1).

The texts of a step are drawn, so they differ in length, and more than half of a batch was padding on two data sets; the
published code pads everything to 128 tokens. On a CPU the batch is passed in parts of similar length instead, whose
gradients add up to that of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from alps.base.progress import Progress, ProgressCallback, no_progress
from alps.models.batches import least_padded_parts
from alps.models.linear_head import MULTI_LABEL
from alps.models.recipes import Recipe
from alps.models.tokens import Tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# The fixed cost of a pass forward and back on a CPU, in tokens: 0.07 s where a token took 0.0021 s, most of it the
# gradient of the embeddings of all words. GPUs take small batches about as long as large ones.
OVERHEAD = 32.0
_ATTENTION_DROPOUTS = ("attention_dropout", "attention_probs_dropout_prob")  # numbers that modules keep for themselves


def fine_tune(
    network: PreTrainedModel,
    tokens: Tokens,
    targets: npt.NDArray[np.bool_],
    recipe: Recipe,
    seed: int,
    *,
    padding_id: int,
    weights: npt.NDArray[np.floating] | None = None,
    progress: ProgressCallback = no_progress,
) -> list[float]:
    """
    Train all weights of a network, in place.

    Parameters
    ----------
    network
        A sequence classifier of transformers, on its device; it is left in evaluation mode.
    tokens
        Of n texts.
    targets
        Indicators, bool (n, C); exactly one in every row unless the network's ``problem_type`` is multi-label.
    recipe
        The settings.
    seed
        Decides the order of the texts and the dropout. On another number of threads or another processor the weights
        end a little differently.
    padding_id
        The token that fills short texts up; it is not attended to.
    weights
        Of the texts, (n,); their mean is made 1.
    progress
        Told after every step.

    Returns
    -------
    list of float
        The loss of each step.

    """
    n, device = len(tokens.lengths), network.device
    n_steps = recipe.n_steps(n)
    scale = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64) / np.mean(weights)
    wanted = torch.from_numpy(targets.astype(np.float32)).to(device)
    scales = torch.from_numpy(scale.astype(np.float32)).to(device)
    multi_label = network.config.problem_type == MULTI_LABEL
    overhead = OVERHEAD if device.type == "cpu" else float("inf")
    if recipe.dropout is not None:
        _set_dropout(network, recipe.dropout)
    optimizer = recipe.optimizer(network)
    schedule = recipe.schedule(optimizer, n_steps)
    losses = []
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.enable_grad():
        torch.manual_seed(seed)
        network.train()
        for step, rows in enumerate(_batches(n, n_steps, recipe.batch_size, np.random.default_rng(seed)), start=1):
            loss = torch.zeros((), device=device)
            for part in least_padded_parts(tokens.lengths[rows], overhead):
                inputs, mask = padded(tokens, rows[part], padding_id)
                logits = network(input_ids=inputs.to(device), attention_mask=mask.to(device)).logits
                each = _losses(logits, wanted[rows[part]], multi_label=multi_label) * scales[rows[part]]
                share = each.sum() / len(rows)
                share.backward()  # type: ignore[no-untyped-call]
                loss += share.detach()
            nn.utils.clip_grad_norm_(network.parameters(), recipe.max_norm)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(float(loss))
            progress(Progress("fine-tuning", step, n_steps, step / n_steps))
    network.eval()
    return losses


def padded(tokens: Tokens, rows: npt.NDArray[np.int64], padding_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask of some texts, int64 (len(rows), length of the longest)."""
    lengths = tokens.lengths[rows]
    mask = np.arange(lengths.max()) < lengths[:, None]
    inputs = np.full(mask.shape, padding_id, dtype=np.int64)
    inputs[mask] = np.concatenate([tokens.ids[tokens.offsets[i] : tokens.offsets[i + 1]] for i in rows])
    return torch.from_numpy(inputs), torch.from_numpy(mask.astype(np.int64))


def _batches(n: int, n_steps: int, size: int, generator: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """The rows of every step: whole epochs, each in a new order."""
    for _ in range(n_steps // -(-n // size)):
        order = generator.permutation(n)
        yield from (order[start : start + size] for start in range(0, n, size))


def _losses(logits: torch.Tensor, targets: torch.Tensor, *, multi_label: bool) -> torch.Tensor:
    """Cross-entropy of each text, (B,): of the softmax, or the mean over the classes of that of the sigmoids."""
    if multi_label:
        return nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=1)
    return nn.functional.cross_entropy(logits, targets.argmax(dim=1), reduction="none")


def _set_dropout(network: nn.Module, share: float) -> None:
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = share
        for name in _ATTENTION_DROPOUTS:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, share)
