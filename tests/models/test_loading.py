"""Models from disk: what cannot be loaded is told in one sentence that names the model and what to do."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, AutoModelForSequenceClassification

from alps.base.errors import AlpsError
from alps.models import load_encoder, load_masked_language_model
from alps.representations.resources import Resources

LOADERS = pytest.mark.parametrize("load", [load_masked_language_model, load_encoder], ids=["masked", "encoder"])


@LOADERS
@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "a/b/c", "~/model"])
def test_no_such_folder(load, name: str, refused) -> None:
    message = refused(load, name)
    assert f"no model folder {name}" in message
    assert "config.json" in message


@LOADERS
def test_a_folder_without_a_model(load, tmp_path: Path, refused) -> None:
    message = refused(load, str(tmp_path))
    assert str(tmp_path) in message
    assert "config.json" in message


@LOADERS
def test_a_file_in_the_place_of_a_folder(load, copy_of, refused) -> None:
    file = copy_of("bert") / "model.safetensors"
    assert str(file) in refused(load, str(file))


@LOADERS
@pytest.mark.parametrize("name", ["bert-base-uncased", "someone/some-model"])
def test_a_hub_model_that_is_not_here_names_the_download(load, name: str, refused, monkeypatch, tmp_path) -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    message = refused(load, name)
    assert f"The model {name} is not on this machine" in message
    assert message.endswith(f"run: hf download {name}")


@LOADERS
def test_a_pickle_is_not_loaded(load, copy_of, refused) -> None:
    folder = copy_of("bert")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    message = refused(load, str(folder))
    assert str(folder) in message
    assert "safetensors" in message


def test_a_pickle_is_not_even_opened(copy_of, refused, tmp_path: Path) -> None:
    import pickle

    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "owned",)

    folder = copy_of("bert")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Evil()))
    refused(load_masked_language_model, str(folder))
    assert not (tmp_path / "owned").exists()


@LOADERS
def test_remote_code_is_not_run(load, copy_of, refused, tmp_path: Path) -> None:
    folder = copy_of("bert")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "homemade", "auto_map": {
        "AutoConfig": "evil.Config", "AutoModel": "evil.Model", "AutoModelForMaskedLM": "evil.Model",
    }}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"from pathlib import Path\nPath({str(tmp_path / 'owned')!r}).touch()\n")
    message = refused(load, str(folder))
    assert message == f"The model {folder} needs code of its own, which is never run; choose one without."
    assert not (tmp_path / "owned").exists()


@LOADERS
@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_corrupt_weights(load, damage: str, copy_of, refused) -> None:
    file = copy_of("bert") / "model.safetensors"
    content = file.read_bytes()
    file.write_bytes({"cut": content[:-100], "garbage": b"\xff" * 500, "empty": b""}[damage])
    assert refused(load, str(file.parent)) == (
        f"The model.safetensors in {file.parent} is corrupt; copy or download it again."
    )


@LOADERS
def test_a_config_that_is_not_json(load, copy_of, refused) -> None:
    folder = copy_of("bert")
    (folder / "config.json").write_text("{ no")
    assert str(folder) in refused(load, str(folder))


@LOADERS
def test_a_model_without_a_tokenizer(load, copy_of, refused) -> None:
    folder = copy_of("bert")
    for file in folder.glob("*token*"):
        file.unlink()
    assert "has no tokenizer; save tokenizer.json beside its weights" in refused(load, str(folder))


def test_a_classifier_has_no_masked_language_modelling_head(copy_of, refused) -> None:
    folder = copy_of("bert")
    config = AutoConfig.from_pretrained(folder)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    message = refused(load_masked_language_model, str(folder))
    assert str(folder) in message
    assert "choose a checkpoint that was saved from a masked language model" in message
    assert load_encoder(str(folder)).pooling == "cls"


def test_an_encoder_alone_has_no_masked_language_modelling_head(copy_of, refused) -> None:
    folder = copy_of("bert")
    AutoModel.from_config(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    assert "saved from a masked language model" in refused(load_masked_language_model, str(folder))


def test_weights_that_are_missing_are_named(copy_of, refused) -> None:
    folder = copy_of("bert")
    weights = load_file(folder / "model.safetensors")
    gone = next(name for name in weights if "layer.1.attention.self.query.weight" in name)
    weights.pop(gone)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    message = refused(load_masked_language_model, str(folder))
    assert gone in message
    assert "1 missing" in message


@LOADERS
def test_a_tokenizer_larger_than_the_vocabulary(load, copy_of, refused) -> None:
    folder = copy_of("bert")
    config = AutoConfig.from_pretrained(folder)
    n_pieces = config.vocab_size
    config.vocab_size = n_pieces - 10
    AutoModelForMaskedLM.from_config(config).save_pretrained(folder)
    assert refused(load, str(folder)) == (
        f"The tokenizer of {folder} knows {n_pieces} word pieces but the model only {n_pieces - 10}; "
        "they do not belong together."
    )


@LOADERS
@pytest.mark.parametrize("device", ["abacus", "cuda:99", "", "cpu:x"])
def test_an_unknown_device(load, device: str, checkpoints, refused) -> None:
    message = refused(load, str(checkpoints["bert"]), device=device)
    assert repr(device) in message
    assert "use --device cpu or auto" in message


@LOADERS
@pytest.mark.parametrize("dtype", ["int8", "float", "half", "__class__"])
def test_an_unknown_type(load, dtype: str, checkpoints, refused) -> None:
    message = refused(load, str(checkpoints["bert"]), dtype=dtype)
    assert repr(dtype) in message
    assert "choose one of auto, float32, bfloat16, float16" in message


@pytest.mark.parametrize("architecture", ["bert", "roberta", "modernbert"])
def test_more_tokens_than_the_model_reads(architecture: str, checkpoints, refused) -> None:
    folder = str(checkpoints[architecture])
    resources = Resources(folder, max_length=129)
    assert refused(resources.tokenizer, resources.encoder) == f"{folder} reads at most 128 tokens; lower --max-length."
    assert Resources(folder, max_length=128).tokenizer(resources.encoder).max_length == 128


@pytest.mark.parametrize("architecture", ["bert", "roberta", "distilbert", "electra", "modernbert"])
def test_a_pooler_that_is_not_there_cannot_be_asked_for(architecture: str, checkpoints, refused) -> None:
    folder = str(checkpoints[architecture])  # saved from a masked language model, which has none
    assert refused(load_encoder, folder, pooling="pooler") == (
        f"The model {folder} has no pooler; choose the pooling cls or mean."
    )


def test_an_unknown_pooling(checkpoints, refused) -> None:
    message = refused(load_encoder, str(checkpoints["bert"]), pooling="max")
    assert "choose one of auto, cls, mean, pooler" in message


def test_a_pooler_that_is_there_gives_its_output(copy_of) -> None:
    folder = copy_of("bert")
    original = AutoModel.from_config(AutoConfig.from_pretrained(folder)).eval()
    original.save_pretrained(folder)
    inputs = torch.tensor([[2, 7, 9, 3], [2, 8, 8, 3]])
    with torch.no_grad():
        expected = original(input_ids=inputs)
    hidden = expected.last_hidden_state
    for pooling, vectors in (("pooler", expected.pooler_output), ("cls", hidden[:, 0]), ("mean", hidden.mean(dim=1))):
        found = load_encoder(str(folder), pooling=pooling).embed(inputs)
        torch.testing.assert_close(found, vectors, rtol=1e-5, atol=1e-5)


@LOADERS
@pytest.mark.parametrize("architecture", ["bert", "roberta", "mpnet"])
def test_loading_again_gives_the_same_model(load, architecture: str, checkpoints) -> None:
    folder = str(checkpoints[architecture])
    torch.manual_seed(1)
    first = load(folder)
    second = load(folder)
    assert first.digest == second.digest
    assert re.fullmatch("[0-9a-f]{32}", first.digest)


@LOADERS
def test_another_weight_word_or_setting_is_another_digest(load, copy_of, checkpoints) -> None:
    digests = {load(str(checkpoints["bert"])).digest}
    folder = copy_of("bert")
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("layer.0.output.dense.weight"))
    weights[name][0, 0] += 1e-3
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    digests.add(load(str(folder)).digest)
    tokenizer = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(tokenizer.replace('"lowercase": true', '"lowercase": false'))
    digests.add(load(str(folder)).digest)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    digests.add(load(str(folder)).digest)
    assert len(digests) == 4


def test_loading_leaves_the_global_random_numbers_alone(checkpoints) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    load_encoder(str(checkpoints["bert"]))
    load_masked_language_model(str(checkpoints["bert"]))
    assert torch.rand(3).tolist() == expected.tolist()


def test_a_model_is_ready_to_compute_and_not_to_train(checkpoints) -> None:
    for dtype in ("float32", "bfloat16"):
        model = load_masked_language_model(str(checkpoints["bert"]), dtype=dtype)
        assert not model.network.training
        assert not any(parameter.requires_grad for parameter in model.network.parameters())


def test_the_error_keeps_its_cause_for_debugging(copy_of) -> None:
    file = copy_of("bert") / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(AlpsError) as caught:
        load_masked_language_model(str(file.parent))
    assert type(caught.value.__cause__).__name__ == "SafetensorError"
