"""
The product of the head beside an encoder in bfloat16: ways to multiply, what they take and how far off they are.

    python benchmarks/head.py agnews/train.tsv

The head multiplies states (P x 384) with the vocabulary (30,522 x 384) and takes a log-sum-exp; one thread, as in the
engine. No public operator of PyTorch multiplies bfloat16 into float32 on a CPU.

- `float32`: the engine's, beside an encoder in float32.
- `differences`: the engine's, beside an encoder in bfloat16. See `alps.models.heads.BFloat16Decoder`.
- `attention`: states are queries and words are keys; PyTorch's fused attention gives the log-sum-exp of its products,
  which it adds up in float32. So factors alone are rounded. It multiplies twice as much as is needed.
- `logits`: logits rounded to bfloat16, which the engine never does.

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
from alps.models.heads import BFloat16Decoder, Float32Decoder
from alps.pool.read import read_pool

BLOCK = 1024
POSITIONS = 304  # a batch of 2,048 tokens, 15 % of them evaluated

Surprisal = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def exact(weight: torch.Tensor, bias: torch.Tensor) -> Surprisal:
    """float64."""
    return lambda states, targets: torch.nn.functional.cross_entropy(
        states.double() @ weight.double().T + bias.double(), targets, reduction="none"
    )


def attention(weight: torch.Tensor, bias: torch.Tensor) -> Surprisal:
    """bfloat16 factors, float32 sums: the log-sum-exp that fused attention computes."""
    rounded_weight = weight.bfloat16()
    keys = rounded_weight[None, None]

    def surprisal(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        rounded = states.bfloat16()
        mask = bias.expand(1, 1, len(states), len(bias))
        _, log_sum = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            rounded[None, None], keys, keys, attn_mask=mask, scale=1.0
        )
        target = (rounded.float() * rounded_weight[targets].float()).sum(dim=1) + bias[targets]
        return log_sum[0, 0] - target

    return surprisal


def logits(weight: torch.Tensor, bias: torch.Tensor) -> Surprisal:
    """bfloat16 logits."""
    blocks = list(zip(weight.bfloat16().split(BLOCK), bias.bfloat16().split(BLOCK), strict=True))

    def surprisal(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        rounded = states.bfloat16()
        log_sum = [torch.logsumexp(torch.addmm(b, rounded, w.T).float(), dim=1) for w, b in blocks]
        target = (rounded * weight.bfloat16()[targets]).float().sum(dim=1).bfloat16() + bias.bfloat16()[targets]
        return torch.logsumexp(torch.stack(log_sum, dim=1), dim=1) - target.float()

    return surprisal


def states_and_targets(texts: list[str]) -> tuple[torch.nn.Linear, torch.Tensor, torch.Tensor]:
    """The bundled model's decoder, in float32, the states that go into it, and the tokens there."""
    model = load_masked_language_model(device="cpu", dtype="bfloat16")
    head = model.network.cls.predictions
    ids = torch.tensor(model.tokenizer(texts, truncation=True, max_length=32, padding="max_length")["input_ids"])
    rows, positions = torch.where(~torch.isin(ids, torch.tensor(model.tokenizer.all_special_ids)))
    chosen = torch.from_numpy(np.sort(np.random.default_rng(0).choice(len(rows), POSITIONS, replace=False)))
    rows, positions = rows[chosen], positions[chosen]
    with torch.inference_mode():
        hidden = hidden_states_at(model.network, ids, rows, positions)
        return head.decoder, head.transform(hidden.float()), ids[rows, positions]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--turns", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    decoder, states, targets = states_and_targets(read_pool(options.file).texts.to_pylist()[:64])
    weight, bias = decoder.weight.detach(), decoder.bias.detach()
    ways: dict[str, Surprisal] = {
        "float32": Float32Decoder(weight, bias).surprisal,
        "differences": BFloat16Decoder(weight, bias).surprisal,
        "attention": attention(weight, bias),
        "logits": logits(weight, bias),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with torch.inference_mode():
        truth = exact(weight, bias)(states, targets)
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
        time_ = min(seconds[name]) / min(seconds["float32"])
        print(f"| {name} | {time_:.2f} | {error.mean():.5f} | {error.max():.5f} |")


if __name__ == "__main__":
    main()
