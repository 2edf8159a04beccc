"""
The product of the head beside an encoder in bfloat16: what it costs in float32, and other ways to multiply.

    python benchmarks/head.py agnews/train.tsv

The head multiplies states (P x 384) with the vocabulary (30,522 x 384) and takes a log-sum-exp; one thread, as in the
engine. On a processor with bfloat16 units, that product in float32 is a fifth of a run. No public operator of PyTorch
multiplies bfloat16 into float32 on a CPU, but two ways keep float32 until after the log-sum-exp, or nearly:

- `attention`: states are queries and words are keys; PyTorch's fused attention gives the log-sum-exp of its products,
  which it adds up in float32. It multiplies twice as much as is needed, and its name begins with an underscore.
- `differences`: a further column takes the target's logit off before anything is rounded, so that what is rounded to
  bfloat16 is the difference to the target, and the error is relative to the surprisal.

Errors are absolute, in nats, against float64 from the same states and weights in float32.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from alps.models import load_masked_language_model
from alps.models.gathered_encoder import hidden_states_at
from alps.models.heads import GatheredHead
from alps.pool.read import read_pool

BLOCK = 1024
POSITIONS = 304  # a batch of 2,048 tokens, 15 % of them evaluated
PIECES = 3  # of a float32 number in bfloat16: 3 times 8 bits

Surprisal = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def exact(head: GatheredHead) -> Surprisal:
    """float64."""
    weight, bias = head._weight.double(), head._bias.double()

    def surprisal(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        logits = states.double() @ weight.T + bias
        return torch.nn.functional.cross_entropy(logits, targets, reduction="none")

    return surprisal


def single(head: GatheredHead) -> Surprisal:
    """float32, block by block: the engine's."""
    return GatheredHead(torch.nn.Identity(), head._weight, head._bias).surprisal


def attention(head: GatheredHead) -> Surprisal:
    """bfloat16 factors, float32 sums: the log-sum-exp that fused attention computes."""
    weight, bias = head._weight.bfloat16(), head._bias
    keys = weight[None, None]

    def surprisal(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        rounded = states.bfloat16()
        mask = bias.expand(1, 1, len(states), len(bias))
        _, log_sum = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            rounded[None, None], keys, keys, attn_mask=mask, scale=1.0
        )
        target = (rounded.float() * weight[targets].float()).sum(dim=1) + bias[targets]
        return log_sum[0, 0] - target

    return surprisal


def differences(head: GatheredHead) -> Surprisal:
    """bfloat16 factors and products, of which the target's logit was taken before they are rounded."""
    weight, bias = head._weight.bfloat16(), head._bias
    ones = torch.ones(len(bias), PIECES, dtype=torch.bfloat16)
    words = torch.cat([weight, _pieces(bias), ones], dim=1)

    def surprisal(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        rounded = states.bfloat16()
        target = (rounded.float() * weight[targets].float()).sum(dim=1) + bias[targets]
        queries = torch.cat([rounded, ones[: len(states)], _pieces(-target)], dim=1)
        parts = [
            torch.logsumexp((queries @ words[at : at + BLOCK].T).float(), dim=1) for at in range(0, len(words), BLOCK)
        ]
        return torch.logsumexp(torch.stack(parts, dim=1), dim=1)

    return surprisal


def _pieces(numbers: torch.Tensor) -> torch.Tensor:
    """Float32 numbers as sums of bfloat16 ones, (n, PIECES)."""
    rest, pieces = numbers.clone(), []
    for _ in range(PIECES):
        pieces.append(rest.bfloat16())
        rest = rest - pieces[-1].float()
    return torch.stack(pieces, dim=1)


def states_of(texts: list[str]) -> tuple[GatheredHead, torch.Tensor, torch.Tensor]:
    """The bundled model's head, the states that go into its product, and the tokens there."""
    model = load_masked_language_model(device="cpu", dtype="bfloat16")
    assert model.head is not None
    ids = torch.tensor(model.tokenizer(texts, truncation=True, max_length=32, padding="max_length")["input_ids"])
    rows, positions = torch.where(~torch.isin(ids, torch.tensor(model.tokenizer.all_special_ids)))
    chosen = torch.from_numpy(np.sort(np.random.default_rng(0).choice(len(rows), POSITIONS, replace=False)))
    rows, positions = rows[chosen], positions[chosen]
    with torch.inference_mode():
        hidden = hidden_states_at(model.network, ids, rows, positions)
        return model.head, model.head._transform(hidden.float()), ids[rows, positions]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    head, states, targets = states_of(read_pool(options.file).texts.to_pylist()[:64])
    ways = {way.__name__: way(head) for way in (single, attention, differences)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with torch.inference_mode():
        truth = exact(head)(states, targets)
        found = {name: way(states, targets) for name, way in ways.items()}
        for _ in range(options.turns):
            for name, way in ways.items():
                start = time.perf_counter()
                way(states, targets)
                seconds[name].append(time.perf_counter() - start)
    print(f"{POSITIONS} positions, mean surprisal {truth.mean():.2f} nats\n")
    print("| way | time | mean error | largest error |\n|---|---|---|---|")
    for name, values in found.items():
        error = (values.double() - truth).abs()
        time_ = min(seconds[name]) / min(seconds["single"])
        print(f"| {name} | {time_:.2f} | {error.mean():.5f} | {error.max():.5f} |")


if __name__ == "__main__":
    main()
