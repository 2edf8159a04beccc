r"""Fine-tuning against a plain loop over the same model, and where its time goes, as a Markdown table.

    python benchmarks/fine_tuning.py agnews/train.tsv --texts 320

The plain loop pads every text to 128 tokens, as the published code does, and otherwise takes the same steps of the
recipe `paper`. The parts are the forward pass, the steps of the optimiser, and what is left: the backward pass,
the loss and clipping.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from alps.models.fine_tuning import fine_tune, padded
from alps.models.linear_head import SINGLE_LABEL
from alps.models.recipes import Recipe, recipe_called
from alps.models.sequence_classifier import as_encoder, load_sequence_classifier
from alps.models.tokens import Tokens
from alps.representations.resources import Resources

LENGTH = 128


class Stopwatch:
    """Seconds that a network spends in its forward pass, any optimiser in its steps, and what is left of the whole."""

    def __init__(self, network: nn.Module) -> None:
        self.seconds = {"forward": 0.0, "optimiser": 0.0}
        self._hooks = [
            network.register_forward_pre_hook(lambda *_: self._start()),
            network.register_forward_hook(lambda *_: self._stop("forward")),
            register_optimizer_step_pre_hook(lambda *_: self._start()),
            register_optimizer_step_post_hook(lambda *_: self._stop("optimiser")),
        ]

    def _start(self) -> None:
        self._began = time.perf_counter()

    def _stop(self, part: str) -> None:
        self.seconds[part] += time.perf_counter() - self._began

    def of(self, work: Callable[[], object]) -> dict[str, float]:
        """The seconds of some work by part; takes the hooks out."""
        began = time.perf_counter()
        work()
        whole = time.perf_counter() - began
        for hook in self._hooks:
            hook.remove()
        return {**self.seconds, "rest": whole - sum(self.seconds.values())}


def plain_loop(network: nn.Module, tokens: Tokens, targets: torch.Tensor, recipe: Recipe) -> None:
    """One epoch over texts that are padded to one length."""
    optimizer = recipe.optimizer(network)
    network.train()
    for start in range(0, len(targets), recipe.batch_size):
        rows = np.arange(start, min(start + recipe.batch_size, len(targets)))
        inputs, mask = (nn.functional.pad(part, (0, LENGTH - part.shape[1])) for part in padded(tokens, rows, 0))
        logits = network(input_ids=inputs, attention_mask=mask).logits
        nn.functional.cross_entropy(logits, targets[rows]).backward()
        nn.utils.clip_grad_norm_(network.parameters(), recipe.max_norm)
        optimizer.step()
        optimizer.zero_grad()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=int, default=320)
    arguments = parser.parse_args()
    lines = arguments.file.read_text(encoding="utf-8").split("\n")[1 : arguments.texts + 1]
    texts, labels = zip(*((line.rpartition("\t")[0], line.rpartition("\t")[2]) for line in lines), strict=True)
    names = tuple(sorted(set(labels)))
    classes = np.array([names.index(label) for label in labels])
    recipe = Recipe(epochs=1, learning_rate=recipe_called("paper").learning_rate)
    resources = Resources(max_length=LENGTH)
    network, tokenizer = load_sequence_classifier("bundled", names, SINGLE_LABEL, 0)
    tokens = resources.tokenizer(as_encoder(network, tokenizer, "bundled"))(list(texts))
    targets, indicators = torch.from_numpy(classes), np.eye(len(names), dtype=bool)[classes]
    plain = Stopwatch(network).of(lambda: plain_loop(network, tokens, targets, recipe))
    ours = Stopwatch(network).of(lambda: fine_tune(network, tokens, indicators, recipe, 0, padding_id=0))
    whole = sum(plain.values())
    print(
        "| loop | examples a second, plain = 1 | forward | optimiser | backward and the rest |\n|---|---|---|---|---|"
    )
    for name, parts in (("plain", plain), ("ours", ours)):
        shown = " | ".join(f"{100 * part / sum(parts.values()):.0f} %" for part in parts.values())
        print(f"| {name} | {whole / sum(parts.values()):.1f} | {shown} |")


if __name__ == "__main__":
    main()
