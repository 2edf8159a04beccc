"""Encoder embeddings (BERT-KM, paper 5.2): the pre-trained encoder's vector of each text, L2-normalised."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.batches import fill_up
from alps.models.device import dtype_name
from alps.models.tokens import Tokens
from alps.pool.texts import Texts
from alps.representations.features import Features
from alps.representations.resources import Resources

_ROWS_AT_ONCE = 2**14


def represent(texts: Texts, copies: npt.NDArray[np.int64], resources: Resources, stream: Stream) -> Features:
    """
    Encoder embeddings of distinct texts.

    Parameters
    ----------
    texts, copies
        The texts and how many of the pool each stands for, n.
    resources
        The encoder, runner and store.
    stream
        Not used: there is no randomness.

    Returns
    -------
    Features
        Dense float32 (n, hidden size), rows of norm 1. Facts: ``cut``, ``n_tokens``, ``n_unknown``, ``n_short``.

    """
    raw = encodings(texts, copies, resources)
    return Features(normalise(raw.matrix, out=raw.matrix), copies, raw.facts)


def encodings(texts: Texts, copies: npt.NDArray[np.int64], resources: Resources) -> Features:
    """Encoder embeddings as `represent` gives them, but not normalised: what a fine-tuned last layer takes."""
    encoder = resources.encoder
    tokenizer = resources.tokenizer(encoder)
    width = int(encoder.network.config.hidden_size)
    counts = {name: pa.int32() for name in ("n_tokens", "n_unknown", "n_short")}
    schema = pa.schema(
        {"digest": pa.binary(16), **counts, "cut": pa.bool_(), "embedding": pa.list_(pa.float32(), width)}
    )
    store = resources.store(encoder, {"kind": "encoding", "pooling": encoder.pooling}, schema)

    def compute(tokens: Tokens, batch: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> dict[str, pa.Array]:
        inputs = tokens.rectangle(batch)
        embeddings = encoder.embed(torch.from_numpy(fill_up(inputs)))[: len(batch)]
        if not torch.isfinite(embeddings).all():
            raise AlpsError(f"The model {encoder.name} overflows in {dtype_name(encoder.dtype)}; use --dtype float32.")
        inner = inputs[:, tokens.n_prefix : inputs.shape[1] - tokens.n_suffix]
        return {
            "n_tokens": pa.array(np.full(len(batch), inner.shape[1], dtype=np.int32)),
            "n_unknown": pa.array(np.sum(inner == tokenizer.unknown_id, axis=1, dtype=np.int32)),
            "n_short": pa.array(np.sum(tokenizer.short_pieces[inner], axis=1, dtype=np.int32)),
            "cut": pa.array(tokens.cut[batch]),
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(embeddings.numpy().ravel()), width),
        }

    found = store.find(texts.digests)
    missing = np.setdiff1d(np.arange(len(texts.keys)), found["row"].to_numpy())
    if len(missing):
        resources.runner.run("encoding", texts, missing, tokenizer, compute, store)
        found = store.find(texts.digests)
    row = found["row"].to_numpy()
    n_found = len(np.unique(row))
    if n_found < len(texts.keys):
        lost = len(texts.keys) - n_found
        raise AlpsError(f"{lost} texts vanished from the store while it was read; run the command again.")
    matrix = np.empty((len(texts.keys), width), dtype=np.float32)
    for batch in found.to_batches():  # one after another, or there would be the whole twice
        matrix[batch["row"].to_numpy()] = batch["embedding"].flatten().to_numpy().reshape(-1, width)
    facts = {}
    for name in ("cut", "n_tokens", "n_unknown", "n_short"):
        values = np.empty(len(texts.keys), dtype=bool if name == "cut" else np.int64)
        values[row] = found[name].to_numpy()
        facts[name] = values
    return Features(matrix, copies, facts)


def normalise(
    matrix: npt.NDArray[np.float32], *, out: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """Rows scaled to Euclidean norm 1, into `out` where it is given; a zero row stays zero. float32 (n, d)."""
    scaled = np.empty_like(matrix) if out is None else out
    for start in range(0, len(matrix), _ROWS_AT_ONCE):  # the norm squares a copy
        rows = slice(start, start + _ROWS_AT_ONCE)
        norms = np.linalg.norm(matrix[rows], axis=1, keepdims=True)
        norms[norms == 0] = 1
        np.divide(matrix[rows], norms, out=scaled[rows])
    return scaled
