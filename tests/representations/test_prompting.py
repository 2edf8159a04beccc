"""Prompts: the probabilities against full logits of the same model, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from alps.base.errors import AlpsError
from alps.base.streams import Stream
from alps.pool.texts import Texts
from alps.representations.prompting import represent
from alps.representations.resources import Resources

WORDS = {"one": ["the", "and"], "two": ["in"], "three": ["of"]}
TEXTS = ["the rain in Rome", "a goal in the final of the cup", "shares fell", "it [MASK] was " + "so late " * 200]


def by_hand(folder: Path, text: str, template: str, max_length: int) -> np.ndarray:
    """Probabilities of the classes from the full logits of transformers."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder).eval()
    before, after = template.split("[MASK]")
    asked = [
        *tokenizer(" " + before.strip(), add_special_tokens=False)["input_ids"],
        tokenizer.mask_token_id,
        *tokenizer(after, add_special_tokens=False)["input_ids"],
    ]
    inner = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    inner = inner[: max_length - 2 - len(asked)]
    ids = [tokenizer.cls_token_id, *inner, *asked, tokenizer.sep_token_id]
    at = 1 + len(inner) + asked.index(tokenizer.mask_token_id)
    with torch.no_grad():
        p = model(input_ids=torch.tensor([ids])).logits[0, at].double().softmax(0)

    def token(word: str) -> int:
        return tokenizer(" " + word, add_special_tokens=False)["input_ids"][0]

    classes = np.array([np.mean([float(p[token(word)]) for word in words]) for words in WORDS.values()])
    return classes / classes.sum()


@pytest.mark.parametrize("architecture", ["bert", "roberta", "mpnet"])
@pytest.mark.parametrize("template", ["It was [MASK].", "In [MASK] news"])
def test_probabilities_are_the_model_s(architecture: str, template: str, checkpoints: dict[str, Path]) -> None:
    folder = checkpoints[architecture]
    resources = Resources(str(folder), dtype="float32", max_length=64)
    found = represent(
        Texts.of_strings(TEXTS), np.ones(4, np.int64), resources, Stream(0), label_words=WORDS, template=template
    )
    expected = [by_hand(folder, text, template, 64) for text in TEXTS]
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found.matrix, axis=1), 1.0, rtol=1e-5)


def test_what_was_asked_before_is_kept(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    def ask(template: str) -> tuple[np.ndarray, int]:
        resources = Resources(str(checkpoints["bert"]), cache_folder=tmp_path)
        texts = Texts.of_strings(TEXTS)
        some = represent(texts, np.ones(4, np.int64), resources, Stream(0), label_words=WORDS, template=template)
        return some.probabilities, resources.runner.timing.n_texts

    first, n_first = ask("It was [MASK].")
    again, n_again = ask("It was [MASK].")
    other, n_other = ask("All [MASK].")
    np.testing.assert_array_equal(again, first)
    assert not np.allclose(other, first)
    assert (n_first, n_again, n_other) == (8, 0, 4)  # prompts and embeddings; nothing; prompts


@pytest.mark.parametrize(
    ("label_words", "options", "message"),
    [
        ({"one": ["the"]}, {}, "at least two classes"),
        ({"one": ["the"], "two": []}, {}, "at least one label word"),
        ({"one": ["the"], "two": ["zygomorphic"]}, {}, "'zygomorphic' of the class 'two' is not one piece"),
        ({"one": ["the"], "two": ["The"]}, {}, "given twice"),
        (WORDS, {"template": "It was."}, r"needs exactly one \[MASK\]"),
        (WORDS, {"template": "[MASK] [MASK]"}, r"needs exactly one \[MASK\]"),
        (WORDS, {"template": "very " * 80 + "[MASK]"}, "leaves no room for text beside the template"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    label_words: dict[str, list[str]], options: dict[str, str], message: str, checkpoints: dict[str, Path]
) -> None:
    resources = Resources(str(checkpoints["bert"]), max_length=40)
    with pytest.raises(AlpsError, match=message):
        represent(
            Texts.of_strings(TEXTS), np.ones(4, np.int64), resources, Stream(0), label_words=label_words, **options
        )
