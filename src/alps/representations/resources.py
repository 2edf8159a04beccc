"""What representations look through: models loaded when first needed, the runner, and the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import torch

from alps.base.errors import AlpsError
from alps.base.progress import ProgressCallback, no_progress
from alps.models import Encoder, MaskedLanguageModel, load_encoder, load_masked_language_model
from alps.models.batches import TOKENS_PER_BATCH
from alps.models.classifier import Classifier
from alps.models.device import dtype_name, processor, resolve_device
from alps.shards.runner import Runner
from alps.shards.store import NoStore, Store

if TYPE_CHECKING:
    from alps.models.tokens import TextTokenizer

# Raised whenever the engine's arithmetic changes, so that stored values of an older one are not mixed with it.
ENGINE_VERSION = 4


@dataclass(frozen=True)
class Resources:
    """
    Names and settings of the models, and the models themselves once asked for.

    Attributes
    ----------
    model
        ``bundled``, a folder or a hub id.
    device, dtype
        See `alps.models.device`.
    max_length
        The length limit l in tokens, special tokens included.
    pooling
        How an encoder's hidden states become one vector; see `alps.models.Encoder`.
    fast
        Whether the head may be computed at the evaluated positions only.
    tokens_per_batch
        The most tokens in a batch.
    cache_folder
        Where computed values are kept; None keeps nothing.
    progress
        Told how far the work has come.
    classifier
        The acquisition model of warm strategies; None before anything is labelled.

    """

    model: str = "bundled"
    device: str = "auto"
    dtype: str = "auto"
    max_length: int = 128
    pooling: str = "auto"
    fast: bool = True
    tokens_per_batch: int = TOKENS_PER_BATCH
    cache_folder: Path | None = None
    progress: ProgressCallback = no_progress
    classifier: Classifier | None = None

    @cached_property
    def masked_language_model(self) -> MaskedLanguageModel:
        """The masked language model, loaded once."""
        return load_masked_language_model(self.model, device=self.device, dtype=self.dtype, fast=self.fast)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, loaded once, from its original weights."""
        return load_encoder(self.model, device=self.device, dtype=self.dtype, pooling=self.pooling)

    @cached_property
    def runner(self) -> Runner:
        """The runner of this machine."""
        return Runner(resolve_device(self.device), self.tokens_per_batch, self.progress)

    def with_classifier(self, classifier: Classifier) -> Resources:
        """The same resources, models that are loaded included, with an acquisition model."""
        resources = replace(self, classifier=classifier)
        loaded = ("masked_language_model", "encoder", "runner")
        resources.__dict__.update({name: self.__dict__[name] for name in loaded if name in self.__dict__})
        if classifier.encoder is not None:
            resources.__dict__["encoder"] = classifier.encoder
        return resources

    def with_progress(self, progress: ProgressCallback) -> Resources:
        """The same resources, models that are loaded included, that tell somebody else how far they have come."""
        resources = replace(self, progress=progress)
        loaded = ("masked_language_model", "encoder")
        resources.__dict__.update({name: self.__dict__[name] for name in loaded if name in self.__dict__})
        return resources

    def tokenizer(self, model: MaskedLanguageModel | Encoder) -> TextTokenizer:
        """
        The model's tokenizer at the length limit.

        Raises
        ------
        AlpsError
            When the limit is more than the model reads.

        """
        if self.max_length > model.max_length:
            raise AlpsError(f"{model.name} reads at most {model.max_length} tokens; lower --max-length.")
        return model.text_tokenizer(self.max_length)

    def describe(self) -> dict[str, Any]:
        """What was looked through, and how fast, JSON-able; empty where no model was."""
        model = self.__dict__.get("masked_language_model") or self.__dict__.get("encoder")
        if model is None:
            return {}
        timing = self.runner.timing
        return {
            "model": self.model,
            "model_digest": model.digest,
            "device": str(model.device),
            "dtype": dtype_name(model.dtype),
            "max_length": self.max_length,
            "threads": torch.get_num_threads(),
            "texts_computed": timing.n_texts,
            "tokens_computed": timing.n_tokens,
            "tokens_per_second": round(timing.n_tokens / timing.compute, 1) if timing.compute else None,
            "seconds_tokenising": round(timing.tokenise, 3),
            "seconds_computing": round(timing.compute, 3),
        }

    def store(self, model: MaskedLanguageModel | Encoder, settings: Mapping[str, Any], schema: pa.Schema) -> Store:
        """The store for values that this model computes with further settings."""
        if self.cache_folder is None or not model.digest:  # a classifier of one round is never asked again
            return NoStore(schema)
        deciding = {
            "engine": ENGINE_VERSION,
            "digest": model.digest,
            "device": processor(model.device),
            "dtype": dtype_name(model.dtype),
            "max_length": self.max_length,
            "torch": torch.__version__,
            **settings,
        }
        return Store(self.cache_folder, deciding, schema, {"model": model.name})
