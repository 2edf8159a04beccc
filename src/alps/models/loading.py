"""From a name to a loaded model: the bundled default, a folder, or a Hugging Face hub id."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import torch

from alps.base.errors import AlpsError
from alps.models import bundled
from alps.models.checkpoints import load_checkpoint, load_tokenizer
from alps.models.device import resolve_device, resolve_dtype
from alps.models.encoder import POOLINGS, Encoder
from alps.models.fixed_rows import fix_rows
from alps.models.masked_language_model import MaskedLanguageModel

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def load_masked_language_model(
    name: str = bundled.NAME, *, device: str = "auto", dtype: str = "auto", fast: bool = True
) -> MaskedLanguageModel:
    """
    Load a masked language model for surprisal.

    Parameters
    ----------
    name
        ``bundled``, a folder, or a hub id such as ``bert-base-uncased`` (the paper's model).
    device, dtype
        See `alps.models.device`.
    fast
        Whether the head may be computed at the evaluated positions only, where the architecture is known.

    Raises
    ------
    AlpsError
        When the model cannot be loaded, has no masked-language-modelling head, or does not fit its tokenizer.

    Examples
    --------
    >>> model = load_masked_language_model()
    >>> model.max_length
    512

    """
    place, kind = resolve_device(device), resolve_dtype(dtype)
    if name == bundled.NAME:
        network, tokenizer = bundled.load_bundled_masked_language_model()
        weights = bundled.MASKED_LANGUAGE_MODEL_DIGEST
    else:
        from transformers import AutoModelForMaskedLM

        network = load_checkpoint(AutoModelForMaskedLM, name)
        tokenizer = load_tokenizer(name)
        weights = _weights_digest(network)
    _check_fit(name, network, tokenizer)
    digest = _digest(network, weights, tokenizer)
    return MaskedLanguageModel.prepare(name, network, tokenizer, place, kind, digest, fast=fast)


def load_encoder(
    name: str = bundled.NAME, *, device: str = "auto", dtype: str = "auto", pooling: str = "auto"
) -> Encoder:
    """
    Load an encoder for text embeddings.

    Parameters
    ----------
    name, device, dtype
        As for `load_masked_language_model`.
    pooling
        ``cls``, ``mean`` or ``pooler``; ``auto`` is ``mean`` for the bundled encoder and ``cls`` for any other.

    Raises
    ------
    AlpsError
        When the model cannot be loaded or has no pooler that was asked for.

    """
    place, kind = resolve_device(device), resolve_dtype(dtype)
    if name == bundled.NAME:
        network, tokenizer = bundled.load_bundled_encoder()
        weights = bundled.ENCODER_DIGEST
    else:
        from transformers import AutoModel

        network = load_checkpoint(AutoModel, name)
        tokenizer = load_tokenizer(name)
        weights = _weights_digest(network)
    _check_fit(name, network, tokenizer)
    if pooling == "auto":
        pooling = "mean" if name == bundled.NAME else "cls"
    if pooling not in POOLINGS:
        raise AlpsError(f"The pooling {pooling!r} is unknown; choose one of auto, {', '.join(POOLINGS)}.")
    if pooling == "pooler" and getattr(network, "pooler", None) is None:
        raise AlpsError(f"The model {name} has no pooler; choose the pooling cls or mean.")
    digest = _digest(network, weights, tokenizer)
    network.eval().requires_grad_(False).to(place, kind)
    fix_rows(network, place, kind)
    return Encoder(name, network, tokenizer, place, kind, digest, pooling)


def _check_fit(name: str, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    vocabulary = network.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > vocabulary:
        raise AlpsError(
            f"The tokenizer of {name} knows {len(tokenizer)} word pieces but the model only {vocabulary}; "
            f"they do not belong together."
        )


def _weights_digest(network: PreTrainedModel) -> str:
    """Hexadecimal digest of all weights."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _digest(network: PreTrainedModel, weights: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """Hexadecimal digest of everything in a model that decides its values."""
    digest = hashlib.blake2b(digest_size=16)
    settings = {name: value for name, value in network.config.to_dict().items() if name != "_name_or_path"}
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    digest.update(weights.encode())
    backend = getattr(tokenizer, "backend_tokenizer", None)
    digest.update(backend.to_str().encode() if backend is not None else repr(tokenizer).encode())
    return digest.hexdigest()
