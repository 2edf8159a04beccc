"""Masked language models and encoders: loading, tokens, devices, and the bundled default."""

from alps.models.encoder import Encoder
from alps.models.loading import load_encoder, load_masked_language_model
from alps.models.masked_language_model import MaskedLanguageModel

__all__ = ["Encoder", "MaskedLanguageModel", "load_encoder", "load_masked_language_model"]
