"""
Token surprisal: this engine against the published procedure, and against the peak of the machine.

    python benchmarks/surprisal_speed.py agnews=agnews/train.tsv sst2=sst2_phrases/train.tsv --dtype float32

The published procedure, written plainly: batches of 32 in the order of the file, every text padded to 128 tokens,
vocabulary logits at every position, cross-entropy at 15 % of them, float32, all threads. Both sides take random parts
of the same file, in turns, `--turns` times each, and the fastest turn of each counts. `--bert-base` takes a randomly
initialised model of BERT-base's size instead of the bundled one.

The last column says how much of the measured peak of a large matrix product (same type, same run) the useful
arithmetic reaches: the encoder on the tokens of texts that have an evaluated token, its last layer and the head at
evaluated tokens only.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch

from alps.models import MaskedLanguageModel, load_masked_language_model
from alps.pool.read import read_pool
from alps.pool.texts import Texts
from alps.representations.evaluated_tokens import draw_evaluated_tokens
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal


def published_procedure(model: MaskedLanguageModel, texts: list[str], batch_size: int = 32) -> np.ndarray:
    """Surprisal embeddings (n, 128) as the paper's released code computes them."""
    network, tokenizer = model.network, model.tokenizer
    embeddings = []
    for start in range(0, len(texts), batch_size):
        batch = tokenizer(
            texts[start : start + batch_size],
            padding="max_length",
            truncation=True,
            max_length=128,
            return_tensors="pt",
        )
        special = torch.isin(batch["input_ids"], torch.tensor(tokenizer.all_special_ids))
        evaluated = (torch.rand(batch["input_ids"].shape) < 0.15) & ~special
        labels = batch["input_ids"].masked_fill(~evaluated, -100)
        with torch.no_grad():
            logits = network(**batch).logits  # (32, 128, 30522)
        nats = torch.nn.functional.cross_entropy(
            logits.view(-1, logits.shape[-1]), labels.view(-1), reduction="none", ignore_index=-100
        )
        embeddings.append(nats.view(len(labels), -1).numpy())
    return np.concatenate(embeddings)


def ours(resources: Resources, texts: list[str]) -> None:
    """Token surprisal by this engine, nothing kept."""
    pool = read_pool(texts)
    token_surprisal(Texts.of(pool, pool.distinct().rows), resources, seed=0)


def useful_operations(model: MaskedLanguageModel, texts: list[str]) -> float:
    """Floating-point operations that the answer needs."""
    config = model.network.config
    width, layers, inner = config.hidden_size, config.num_hidden_layers, config.intermediate_size
    tokens = model.text_tokenizer(128)(texts)
    keys = read_pool(texts).keys
    evaluated = draw_evaluated_tokens(0, 0.15, keys, tokens.lengths - 2, first=1)
    n = tokens.lengths[np.unique(evaluated.rows)].astype(float)
    per_layer = 2 * n * (4 * width**2 + 2 * width * inner) + 4 * n**2 * width
    keys_and_values = 2 * n * 2 * width**2
    at_evaluated = 2 * (2 * width**2 + 2 * width * inner) + 2 * width * (config.vocab_size + width)
    return float((layers - 1) * per_layer.sum() + keys_and_values.sum() + at_evaluated * len(evaluated.rows))


def peak(dtype: torch.dtype, seconds: float = 2.0) -> float:
    """Operations a second of a large matrix product on all threads, the best of many."""
    a, b = torch.randn(2048, 2048).to(dtype), torch.randn(2048, 2048).to(dtype)
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * 2048**3 / best


def bert_base(dtype: torch.dtype) -> MaskedLanguageModel:
    """A model of BERT-base's size, randomly initialised, with the bundled tokenizer (the same vocabulary)."""
    from transformers import BertConfig, BertForMaskedLM

    tokenizer = load_masked_language_model().tokenizer
    network = BertForMaskedLM(BertConfig())
    return MaskedLanguageModel.prepare(
        "BERT-base size", network, tokenizer, torch.device("cpu"), dtype, "random weights"
    )


def seconds_of(function: object, *arguments: object) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    function(*arguments)  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", help="name=path of a file of texts")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--bert-base", action="store_true")
    parser.add_argument("--published-texts", type=int, default=128)
    parser.add_argument("--our-texts", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()

    exact, model = (
        bert_base(getattr(torch, dtype)) if options.bert_base else load_masked_language_model(device="cpu", dtype=dtype)
        for dtype in ("float32", options.dtype)
    )
    resources = Resources(device="cpu", dtype=options.dtype)
    resources.__dict__["masked_language_model"] = model
    name = "BERT-base size" if options.bert_base else "bundled"
    print("| data | model | type | tokens a text | published | ours | useful share of peak |")
    print("|---|---|---|---|---|---|---|")
    for item in options.data:
        label, _, path = item.partition("=")
        texts = read_pool(Path(path)).texts.to_pylist()
        generator = random.Random(0)
        few = generator.sample(texts, min(options.published_texts, len(texts)))
        many = generator.sample(texts, min(options.our_texts, len(texts)))
        published, engine, best = [], [], []
        for _ in range(options.turns):
            best.append(peak(getattr(torch, options.dtype)))
            engine.append(seconds_of(ours, resources, many) / len(many))
            published.append(seconds_of(published_procedure, exact, few) / len(few))
        ratio = min(published) / min(engine)
        share = useful_operations(exact, many) / (min(engine) * len(many)) / max(best)
        length = float(np.mean(exact.text_tokenizer(128)(many).lengths))
        print(f"| {label} | {name} | {options.dtype} | {length:.0f} | 1 | {ratio:.1f} | {share:.0%} |", flush=True)


if __name__ == "__main__":
    main()
