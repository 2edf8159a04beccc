"""
Token surprisal: -log p(w_i | x) in nats under a masked language model (paper 4.2), the costly function.

The input is not masked (in the masked variant, the evaluated tokens are). Values depend on text and model only, so
they are kept in the store and serve every later seed, fraction and strategy that asks for the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from alps.base.errors import AlpsError
from alps.models.batches import fill_up
from alps.models.device import dtype_name
from alps.models.masked_language_model import MaskedLanguageModel
from alps.models.tokens import TextTokenizer, Tokens
from alps.pool.texts import Texts
from alps.representations.evaluated_tokens import EvaluatedTokens, draw_evaluated_tokens, mask_tokens
from alps.representations.resources import Resources

_SCHEMA = pa.schema(
    {
        "digest": pa.binary(16),
        "n_tokens": pa.int32(),
        "n_unknown": pa.int32(),
        "n_short": pa.int32(),
        "cut": pa.bool_(),
        "positions": pa.list_(pa.uint16()),
        "nats": pa.list_(pa.float32()),
    }
)
_POSITIONS = 2**16  # positions fit into 16 bits


@dataclass(frozen=True)
class TokenSurprisal:
    """
    Surprisal of the evaluated tokens of n texts, ragged.

    Attributes
    ----------
    offsets
        Where each text begins in `positions` and `nats`, int64 (n + 1,).
    positions
        Where in the text, counting special tokens, int64 (P,).
    nats
        Surprisal, float32 (P,).
    n_tokens, n_unknown, n_short
        Tokens of each text without special tokens; how many the vocabulary does not know; how many are scraps of
        words, int64 (n,).
    cut
        Whether the text was cut at the length limit, bool (n,).

    """

    offsets: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    nats: npt.NDArray[np.float32]
    n_tokens: npt.NDArray[np.int64]
    n_unknown: npt.NDArray[np.int64]
    n_short: npt.NDArray[np.int64]
    cut: npt.NDArray[np.bool_]

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Which text each value belongs to, int64 (P,)."""
        return np.repeat(np.arange(len(self.n_tokens)), np.diff(self.offsets))

    def mean(self) -> npt.NDArray[np.float32]:
        """Mean surprisal over the evaluated tokens of each text, float32 (n,); NaN where none was evaluated."""
        sums = np.bincount(self.rows, self.nats, minlength=len(self.n_tokens))
        counts = np.diff(self.offsets)
        means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
        return np.asarray(means, dtype=np.float32)


def token_surprisal(
    texts: Texts, resources: Resources, *, seed: int, fraction: float = 0.15, masked: bool = False
) -> TokenSurprisal:
    """
    Surprisal of the evaluated tokens of every text.

    Parameters
    ----------
    texts
        Distinct texts.
    resources
        The masked language model, runner and store.
    seed, fraction
        Decide which tokens are evaluated. Ask for fraction 1.0 to have all at once for many seeds and fractions.
    masked
        Whether the evaluated tokens are masked in the input (80/10/10).

    Raises
    ------
    AlpsError
        When the fraction is not in (0, 1], or the model has no mask token in the masked variant.

    Examples
    --------
    >>> surprisal = token_surprisal(Texts.of(["rain in Rome", "sun"]), Resources(), seed=0, fraction=1.0)
    >>> surprisal.n_tokens.tolist(), surprisal.positions.tolist()
    ([3, 1], [1, 2, 3, 1])

    """
    if not 0.0 < fraction <= 1.0:
        raise AlpsError(f"The evaluated fraction {fraction} is not above 0 and at most 1.")
    model = resources.masked_language_model
    tokenizer = resources.tokenizer(model)
    if masked and tokenizer.mask_id is None:
        raise AlpsError(f"The tokenizer of {model.name} has no mask token; leave out --masked.")
    masking = {"seed": seed, "fraction": fraction} if masked else None
    store = resources.store(
        model, {"kind": "token surprisal", "fast": model.head is not None, "masked": masking}, _SCHEMA
    )

    def compute(tokens: Tokens, batch: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
        evaluated = draw_evaluated_tokens(
            seed, fraction, texts.keys[rows], _n_tokens(tokens, batch), first=tokens.n_prefix
        )
        mask_seed = seed if masked else None
        nats = _batch_surprisal(model, tokenizer, tokens, batch, evaluated, mask_seed, texts.keys[rows])
        return _columns(tokenizer, tokens, batch, evaluated, nats)

    surprisal, missing = _assemble(store.find(texts.digests), texts.keys, seed, fraction, tokenizer.n_prefix)
    if len(missing):
        resources.runner.run("token surprisal", texts, missing, tokenizer, compute, store)
        surprisal, missing = _assemble(store.find(texts.digests), texts.keys, seed, fraction, tokenizer.n_prefix)
    if len(missing):
        raise AlpsError(f"{len(missing)} texts vanished from the store while it was read; run the command again.")
    return surprisal


def _n_tokens(tokens: Tokens, batch: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.diff(tokens.offsets)[batch] - tokens.n_prefix - tokens.n_suffix


def _batch_surprisal(
    model: MaskedLanguageModel,
    tokenizer: TextTokenizer,
    tokens: Tokens,
    batch: npt.NDArray[np.int64],
    evaluated: EvaluatedTokens,
    mask_seed: int | None,
    keys: npt.NDArray[np.uint64],
) -> npt.NDArray[np.float32]:
    """Nats of the evaluated tokens of one batch; texts without any are not computed."""
    if not len(evaluated.rows):
        return np.empty(0, dtype=np.float32)
    shown, row = np.unique(evaluated.rows, return_inverse=True)
    inputs = tokens.rectangle(batch[shown])
    targets = inputs[row, evaluated.positions]
    if mask_seed is not None:
        assert tokenizer.mask_id is not None
        n_vocabulary = len(tokenizer.short_pieces)
        inputs[row, evaluated.positions] = mask_tokens(
            mask_seed, keys[evaluated.rows], evaluated.positions, targets, tokenizer.mask_id, n_vocabulary
        )
    arrays = (fill_up(inputs), row, evaluated.positions, targets)
    nats = model.surprisal(*(torch.from_numpy(array) for array in arrays)).numpy()
    if not np.isfinite(nats).all():
        raise AlpsError(f"The model {model.name} overflows in {dtype_name(model.dtype)}; use --dtype float32.")
    return nats


def _columns(
    tokenizer: TextTokenizer,
    tokens: Tokens,
    batch: npt.NDArray[np.int64],
    evaluated: EvaluatedTokens,
    nats: npt.NDArray[np.float32],
) -> dict[str, pa.Array]:
    inner = tokens.rectangle(batch)[:, tokens.n_prefix : tokens.lengths[batch[0]] - tokens.n_suffix]
    offsets = pa.array(np.searchsorted(evaluated.rows, np.arange(len(batch) + 1)).astype(np.int32))
    return {
        "n_tokens": pa.array(np.full(len(batch), inner.shape[1], dtype=np.int32)),
        "n_unknown": pa.array(np.sum(inner == tokenizer.unknown_id, axis=1, dtype=np.int32)),
        "n_short": pa.array(np.sum(tokenizer.short_pieces[inner], axis=1, dtype=np.int32)),
        "cut": pa.array(tokens.cut[batch]),
        "positions": pa.ListArray.from_arrays(offsets, pa.array(evaluated.positions.astype(np.uint16))),
        "nats": pa.ListArray.from_arrays(offsets, pa.array(nats)),
    }


def _assemble(
    found: pa.Table, keys: npt.NDArray[np.uint64], seed: int, fraction: float, first: int
) -> tuple[TokenSurprisal, npt.NDArray[np.int64]]:
    """
    Put stored rows together; the second value names the texts (n,) for which not every needed token is stored.

    The values of such texts are left out of the first.
    """
    n = len(keys)
    row = found["row"].to_numpy().astype(np.int64)
    known = np.zeros(n, dtype=bool)
    known[row] = True
    per_text = {name: np.zeros(n, dtype=np.int64) for name in ("n_tokens", "n_unknown", "n_short", "cut")}
    for name, values in per_text.items():
        values[row] = found[name].cast(pa.int64()).to_numpy()

    stored_rows = np.repeat(row, pa.compute.list_value_length(found["positions"]).to_numpy())
    code = stored_rows * _POSITIONS + pa.compute.list_flatten(found["positions"]).to_numpy()
    code, at = np.unique(code, return_index=True)
    nats = pa.compute.list_flatten(found["nats"]).to_numpy()[at]

    needed = draw_evaluated_tokens(seed, fraction, keys, per_text["n_tokens"], first)
    wanted = needed.rows * _POSITIONS + needed.positions
    place = np.searchsorted(code, wanted)
    hit = np.zeros(len(wanted), dtype=bool)
    inside = place < len(code)
    hit[inside] = code[place[inside]] == wanted[inside]
    known[needed.rows[~hit]] = False

    counts = np.bincount(needed.rows[hit], minlength=n)
    surprisal = TokenSurprisal(
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        positions=needed.positions[hit],
        nats=nats[place[hit]],
        n_tokens=per_text["n_tokens"],
        n_unknown=per_text["n_unknown"],
        n_short=per_text["n_short"],
        cut=per_text["cut"].astype(bool),
    )
    return surprisal, np.flatnonzero(~known)
