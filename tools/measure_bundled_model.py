r"""Measure a masked language model that `train_bundled_model.py` made; prints a Markdown table.

    python tools/measure_bundled_model.py --tensors MLM.safetensors --frequencies TEXT [TEXT ...] \
        --texts "AG News=agnews/test.tsv" "SST-2=sst2/test.tsv"

Of each data set (tab-separated, a header line, the text in the first column) the first 2,000 texts are
read, cut at 128 tokens. A seeded 15 % of their tokens are *evaluated*; every number is about those. Masked:
all evaluated tokens are replaced by [MASK]; top-1 and the mean loss in nats say how good the model is.
Unmasked: the input as ALPS reads it; the quantiles say how much surprisal is left to work with. `rho` are
Spearman correlations of masked surprisal (m), unmasked surprisal (u) and rarity (r), which is minus the
log-frequency of the word piece in the text given with --frequencies. `rho(u,r)` far below 1 says that
surprisal is more than rarity; `rho(u,m|r)`, the partial correlation, how much of the masked model's
judgement the unmasked one keeps beyond rarity.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.stats import rankdata
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoTokenizer, BertForMaskedLM

from train_bundled_model import (
    Settings,
    build_model,
    bundled_encoder,
    by_length,
    load_own_tensors,
    logits_at,
    piece_counts,
    read_passages,
)

N_TEXTS = 2000
EVALUATED_FRACTION = 0.15
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluated:
    """The evaluated tokens of a data set: word piece, surprisals in nats, whether the top guess was right."""

    pieces: NDArray[np.int64]
    masked: Values
    unmasked: Values
    hits: NDArray[np.bool_]


def read_texts(path: Path) -> list[str]:
    """The first column of the first 2,000 rows below the header."""
    with path.open(encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t")[0] for line in lines]
    return rows[1 : N_TEXTS + 1]


def batches(texts: Sequence[str], tokenizer: Any, seed: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Token ids and evaluated positions (rows, length), each batch of one exact length."""
    generator = np.random.default_rng(seed)
    groups: dict[int, list[tuple[list[int], NDArray[np.bool_]]]] = {}
    for ids in tokenizer(list(texts), truncation=True, max_length=128)["input_ids"]:
        chosen = generator.random(len(ids)) < EVALUATED_FRACTION
        chosen[[0, -1]] = False
        if chosen.any():
            groups.setdefault(len(ids), []).append((ids, chosen))
    for length, group in sorted(groups.items()):
        n_rows = max(1, 4096 // length)
        for start in range(0, len(group), n_rows):
            ids_rows, chosen_rows = zip(*group[start : start + n_rows], strict=True)
            yield torch.tensor(ids_rows), torch.from_numpy(np.stack(chosen_rows))


@torch.no_grad()
def evaluate(model: BertForMaskedLM, texts: Sequence[str], tokenizer: Any) -> Evaluated:
    """Surprisal at every evaluated token, masked and not."""
    parts: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
    for ids, chosen in batches(texts, tokenizer):
        wanted = ids[chosen]
        masked = logits_at(model, torch.where(chosen, tokenizer.mask_token_id, ids), chosen)
        unmasked = logits_at(model, ids, chosen)
        nats = [cross_entropy(logits, wanted, reduction="none") for logits in (masked, unmasked)]
        parts.append((wanted, nats[0], nats[1], masked.argmax(-1) == wanted))
    pieces, masked_nats, unmasked_nats, hits = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
    return Evaluated(pieces, masked_nats.astype(np.float64), unmasked_nats.astype(np.float64), hits)


def spearman(left: Values, right: Values) -> float:
    """Spearman's rank correlation, ties at their mean rank."""
    return float(np.corrcoef(rankdata(left), rankdata(right))[0, 1])


def partial(xy: float, xz: float, yz: float) -> float:
    """Correlation of x and y when z is held fixed, from the three plain correlations."""
    return (xy - xz * yz) / float(np.sqrt((1 - xz**2) * (1 - yz**2)))


def table_row(name: str, tokens: Evaluated, rarity: Values) -> str:
    """One Markdown row: the measurements of one data set."""
    r = rarity[tokens.pieces]
    u_m, u_r, m_r = (
        spearman(tokens.unmasked, tokens.masked),
        spearman(tokens.unmasked, r),
        spearman(tokens.masked, r),
    )
    quantiles = " / ".join(f"{value:.3g}" for value in np.quantile(tokens.unmasked, QUANTILES))
    numbers = [
        f"{tokens.hits.mean():.3f}",
        f"{tokens.masked.mean():.2f}",
        f"{tokens.unmasked.mean():.2f}",
        quantiles,
    ]
    numbers += [f"{rho:.2f}" for rho in (u_m, u_r, m_r, partial(u_m, u_r, m_r))]
    return f"| {name} | {len(r):,} | {' | '.join(numbers)} |"


def table_head() -> str:
    """The two header lines of the Markdown table."""
    names = ["data set", "tokens", "masked top-1", "masked nats", "unmasked nats"]
    names += ["unmasked quantiles " + " / ".join(f"{q:.0%}" for q in QUANTILES)]
    names += ["rho(u,m)", "rho(u,r)", "rho(m,r)", "rho(u,m\\|r)"]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def load_model(tensors: Path, encoder: Path) -> BertForMaskedLM:
    """The encoder with our tensors over it, also with a low-rank decoder."""
    own = load_file(tensors)
    low_rank = own.get("cls.predictions.decoder.low_rank_b")
    settings = Settings(tokens=0, decoder_rank=0 if low_rank is None else len(low_rank), unigram_start=False)
    model = build_model(encoder, settings, torch.empty(0))
    load_own_tensors(model, own)
    return model.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--tensors", type=Path, required=True, help="our tensors, as train_bundled_model.py writes them"
    )
    parser.add_argument(
        "--texts", nargs="+", required=True, metavar="NAME=PATH", help="tab-separated texts to measure on"
    )
    parser.add_argument("--frequencies", nargs="+", type=Path, required=True, help="text that says how rare a piece is")
    parser.add_argument("--encoder", type=Path, help="another encoder than the package's")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    encoder = given.encoder or bundled_encoder()
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    corpus = by_length([passage for path in given.frequencies for passage in read_passages(path)], tokenizer)
    counts = piece_counts(corpus.values(), len(tokenizer))
    rarity = -(counts / counts.sum()).log().double().numpy()
    model = load_model(given.tensors, encoder)
    print(table_head())
    for name, _, path in (text.partition("=") for text in given.texts):
        print(table_row(name, evaluate(model, read_texts(Path(path)), tokenizer), rarity), flush=True)


if __name__ == "__main__":
    main()
