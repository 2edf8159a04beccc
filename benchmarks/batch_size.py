"""
Tokens in a batch: speed of token surprisal relative to the default.

    python benchmarks/batch_size.py agnews/train.tsv --texts 1000
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from alps.models.batches import TOKENS_PER_BATCH
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal


def main() -> None:
    """Print the table; the fastest of several turns of each size counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048, 4096, 16_384])
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    texts = Texts.of(random.Random(0).sample(read_pool(options.file).texts.to_pylist(), options.texts))
    sizes = sorted({*options.sizes, TOKENS_PER_BATCH})
    resources = {size: Resources(device="cpu", dtype="float32", tokens_per_batch=size) for size in sizes}
    best = dict.fromkeys(sizes, float("inf"))
    for size in sizes:
        assert resources[size].masked_language_model  # loaded before the clock starts
    for _ in range(options.turns):
        for size in sizes:
            started = time.perf_counter()
            token_surprisal(texts, resources[size], seed=0)
            best[size] = min(best[size], time.perf_counter() - started)
    print("| tokens in a batch | speed |\n|---|---|")
    for size in sizes:
        print(f"| {size:,} | {best[TOKENS_PER_BATCH] / best[size]:.2f} |")


if __name__ == "__main__":
    main()
