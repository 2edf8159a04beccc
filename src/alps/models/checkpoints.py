"""Checkpoints from a folder or the Hugging Face hub: safetensors only, no remote code, errors in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from alps.base.errors import AlpsError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# What a checkpoint must have been saved from to have the weights of a class.
_KINDS = {"AutoModelForSequenceClassification": "sequence classifier"}


def load_checkpoint(auto_class: Any, name: str, *, may_be_missing: bool = False, **settings: Any) -> PreTrainedModel:
    """
    Load a model in float32.

    Parameters
    ----------
    auto_class
        A class of transformers with `from_pretrained`.
    name
        A folder or a hub id.
    may_be_missing
        Whether the checkpoint may lack some of the class's weights; they are then randomly initialised.
    settings
        Of the configuration, in place of what the checkpoint says.

    Raises
    ------
    AlpsError
        When there is no such model, it is not in safetensors, it is corrupt, or weights are missing.

    """
    _check_folder(name)
    no_remote_code = {"trust_remote_code": False} if auto_class.__name__.startswith("Auto") else {}
    try:
        # Weights that the checkpoint lacks are drawn at random before they are dropped or replaced.
        with quiet_transformers(), torch.random.fork_rng(devices=[]):
            network, report = auto_class.from_pretrained(
                name,
                dtype=torch.float32,
                use_safetensors=True,
                output_loading_info=True,
                **no_remote_code,
                **settings,
            )
    except Exception as error:
        raise _explain(name, error) from error
    if not may_be_missing:
        poolers = {key for key in report["missing_keys"] if "pooler" in key.split(".")}
        _drop(network, poolers)
        missing = sorted(set(report["missing_keys"]) - poolers)
        if missing:
            raise AlpsError(
                f"The model {name} has no weights for {missing[0]} ({len(missing)} missing); "
                f"choose a checkpoint that was saved from a {_KINDS.get(auto_class.__name__, 'masked language model')}."
            )
    loaded: PreTrainedModel = network
    return loaded


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """
    Load a tokenizer from a folder or the hub.

    Raises
    ------
    AlpsError
        When there is none.

    """
    from transformers import AutoTokenizer

    _check_folder(name)
    try:
        with quiet_transformers():
            tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    except Exception as error:
        raise _explain(name, error) from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # what transformers makes of a folder without vocabulary
        raise AlpsError(f"The model {name} has no tokenizer; save tokenizer.json beside its weights.")
    return tokenizer


def download_checkpoint(hub_id: str) -> Path:
    """
    The folder of a checkpoint of the hub, downloaded where it is not on this machine yet.

    Raises
    ------
    AlpsError
        When it is not and the hub cannot be reached.

    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(hub_id, allow_patterns=["*.json", "*.txt", "model.safetensors"]))
    except Exception as error:
        raise _explain(hub_id, error) from error


def _drop(network: PreTrainedModel, poolers: set[str]) -> None:
    """Take away a pooler that the checkpoint does not have: its weights would be random, and others at every load."""
    for parent in {key.split(".pooler.")[0] if ".pooler." in key else "" for key in poolers}:
        setattr(network.get_submodule(parent), "pooler", None)  # noqa: B010 - a module's attributes are untyped


def _check_folder(name: str) -> None:
    folder = Path(name)
    looks_like_a_path = name.startswith((".", "~", "/", "\\")) or name.count("/") > 1 or folder.is_absolute()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise AlpsError(f"The folder {name} holds no model: there is no config.json in it.")
    elif looks_like_a_path or folder.is_file():
        raise AlpsError(f"There is no model folder {name}; give a folder with config.json, or a hub id.")


def _explain(name: str, error: Exception) -> AlpsError:
    text = " ".join(str(error).split())
    reason = text.split(". ")[0].removesuffix(".")[:300]
    if "trust_remote_code" in text:
        return AlpsError(f"The model {name} needs code of its own, which is never run; choose one without.")
    if Path(name).is_dir():
        if "no file named model.safetensors" in text:
            return AlpsError(f"The model in {name} has no model.safetensors; save it with safe_serialization first.")
        if type(error).__name__ == "SafetensorError":
            return AlpsError(f"The model.safetensors in {name} is corrupt; copy or download it again.")
        return AlpsError(f"The model in {name} cannot be loaded: {reason}.")
    if isinstance(error, OSError) and ("connect" in text or "offline" in text.lower() or "cached" in text):
        return AlpsError(
            f"The model {name} is not on this machine and the hub cannot be reached; "
            f"where there is a network, run: hf download {name}"
        )
    return AlpsError(f"The model {name} cannot be loaded: {reason}.")


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep the load report and its progress bar off the terminal; what matters of it becomes an error of ours."""
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    progress_bar = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if progress_bar:
            logging.enable_progress_bar()
