r"""Fine-tuning against a plain loop over the same model, and where its time goes, as a Markdown table.

    python benchmarks/fine_tuning.py agnews/train.tsv --texts 320

The plain loop pads every text to 128 tokens, as the published code does, and otherwise takes the same steps of the
recipe `paper`. The parts are the forward pass, the backward pass, and the rest: the optimiser and clipping.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from alps.models.fine_tuning import fine_tune, padded
from alps.models.linear_head import SINGLE_LABEL
from alps.models.recipes import Recipe, recipe_called
from alps.models.sequence_classifier import as_encoder, load_sequence_classifier
from alps.models.tokens import Tokens
from alps.representations.resources import Resources

LENGTH = 128


def plain_loop(network: nn.Module, tokens: Tokens, targets: torch.Tensor, recipe: Recipe) -> dict[str, float]:
    """Seconds of each part of one epoch over texts that are padded to one length."""
    seconds = {"forward": 0.0, "backward": 0.0, "optimiser": 0.0}
    optimizer = recipe.optimizer(network)
    network.train()
    for start in range(0, len(targets), recipe.batch_size):
        rows = np.arange(start, min(start + recipe.batch_size, len(targets)))
        inputs, mask = (nn.functional.pad(part, (0, LENGTH - part.shape[1])) for part in padded(tokens, rows, 0))
        times = [time.perf_counter()]
        logits = network(input_ids=inputs, attention_mask=mask).logits
        loss = nn.functional.cross_entropy(logits, targets[rows])
        times.append(time.perf_counter())
        loss.backward()
        times.append(time.perf_counter())
        nn.utils.clip_grad_norm_(network.parameters(), recipe.max_norm)
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter())
        for name, passed in zip(seconds, np.diff(times), strict=True):
            seconds[name] += float(passed)
    return seconds


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
    plain = plain_loop(network, tokens, torch.from_numpy(classes), recipe)
    start = time.perf_counter()
    fine_tune(network, tokens, np.eye(len(names), dtype=bool)[classes], recipe, 0, padding_id=0)
    ours = time.perf_counter() - start
    whole = sum(plain.values())
    print("| loop | examples a second, plain = 1 | forward | backward | optimiser |\n|---|---|---|---|---|")
    print(f"| plain | 1 | {' | '.join(f'{100 * part / whole:.0f} %' for part in plain.values())} |")
    print(f"| ours | {whole / ours:.1f} | | | |")


if __name__ == "__main__":
    main()
