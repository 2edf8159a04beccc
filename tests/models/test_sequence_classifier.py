"""Sequence classifiers of every architecture, taken apart and put together again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from alps.base.errors import AlpsError
from alps.models.linear_head import SINGLE_LABEL
from alps.models.sequence_classifier import join, load_sequence_classifier, split
from tests.conftest import ARCHITECTURES

LABELS = ("no", "perhaps", "yes")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_head_on_h_gives_the_networks_logits(architecture: str, checkpoints: dict[str, Path]) -> None:
    network, tokenizer = load_sequence_classifier(str(checkpoints[architecture]), LABELS, SINGLE_LABEL, 1)
    network.eval()
    inputs = torch.tensor(tokenizer(["rain in Rome"])["input_ids"])
    with torch.inference_mode():
        expected = network(input_ids=inputs).logits
    encoder, head = split(network, tokenizer, "tiny")
    h = encoder.embed(inputs)
    assert h.shape == (1, network.config.hidden_size)
    torch.testing.assert_close(torch.from_numpy(head.logits(h.numpy())), expected, rtol=1e-5, atol=1e-5)
    assert head.labels == LABELS
    with torch.inference_mode():
        again = join(encoder, head)(input_ids=inputs).logits
    torch.testing.assert_close(again, expected, rtol=1e-6, atol=1e-6)


def test_the_seed_draws_the_new_layer_and_nothing_else(checkpoints: dict[str, Path]) -> None:
    name = str(checkpoints["bert"])
    before = torch.get_rng_state()
    first, again, other = (load_sequence_classifier(name, LABELS, SINGLE_LABEL, seed)[0] for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.classifier.weight, again.classifier.weight)
    assert not torch.equal(first.classifier.weight, other.classifier.weight)
    assert torch.equal(first.bert.embeddings.word_embeddings.weight, other.bert.embeddings.word_embeddings.weight)


def test_a_classifier_for_other_classes_starts_anew(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    network, tokenizer = load_sequence_classifier(str(checkpoints["bert"]), ("a", "b"), SINGLE_LABEL, 1)
    network.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load_sequence_classifier(str(tmp_path), LABELS, SINGLE_LABEL, 1)[0].classifier.out_features == 3


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AlpsError, match="holds no model"):
        load_sequence_classifier(str(tmp_path), LABELS, SINGLE_LABEL, 1)
