"""The surprisal engine against a plain, slow reference that is right to the eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from alps.base.errors import AlpsError
from alps.pool.texts import Texts
from alps.representations.evaluated_tokens import draw_evaluated_tokens, mask_tokens
from alps.representations.resources import Resources
from alps.representations.token_surprisal import TokenSurprisal, token_surprisal
from tests.conftest import ARCHITECTURES, NO_FAST_PATH


def reference(folder: str, texts: list[str]) -> list[np.ndarray]:
    """-log softmax of the whole logits at every token but the special ones; one text at a time, no padding."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    nats = []
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=128, return_tensors="pt").input_ids
        with torch.no_grad():
            log_probabilities = torch.log_softmax(model(input_ids=ids).logits[0].double(), dim=-1)
        every = -log_probabilities[torch.arange(ids.shape[1]), ids[0]]
        nats.append(every[1:-1].numpy())
    return nats


def per_text(surprisal: TokenSurprisal) -> list[np.ndarray]:
    return np.split(surprisal.nats, surprisal.offsets[1:-1])


@pytest.mark.parametrize("fast", [True, False], ids=["fast path", "full logits"])
@pytest.mark.parametrize("architecture", [*ARCHITECTURES, NO_FAST_PATH])
def test_agrees_with_the_reference(
    architecture: str, fast: bool, checkpoints: dict[str, Path], news: list[str]
) -> None:
    folder = str(checkpoints[architecture])
    resources = Resources(folder, device="cpu", dtype="float32", fast=fast)
    assert (resources.masked_language_model.head is not None) == (fast and architecture != NO_FAST_PATH)
    found = token_surprisal(Texts.of(news), resources, seed=0, fraction=1.0)
    expected = reference(folder, news)
    for ours, theirs in zip(per_text(found), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert np.ptp(np.concatenate(expected)) > 1.0  # the check could fail


def test_bundled_model_agrees_with_full_logits(news: list[str]) -> None:
    fast = token_surprisal(Texts.of(news), Resources(), seed=0, fraction=1.0)
    plain = token_surprisal(Texts.of(news), Resources(fast=False), seed=0, fraction=1.0)
    np.testing.assert_allclose(fast.nats, plain.nats, atol=1e-4)


def test_a_fraction_is_a_part_of_all_tokens(news: list[str]) -> None:
    texts = Texts.of(news)
    every = token_surprisal(texts, Resources(), seed=3, fraction=1.0)
    some = token_surprisal(texts, Resources(), seed=3, fraction=0.15)
    known = dict(zip(zip(every.rows.tolist(), every.positions.tolist(), strict=True), every.nats, strict=True))
    assert 0.12 < len(some.nats) / len(every.nats) < 0.18
    same = [known[row, position] for row, position in zip(some.rows.tolist(), some.positions.tolist(), strict=True)]
    np.testing.assert_allclose(some.nats, same, atol=1e-5)


@pytest.mark.parametrize("tokens_per_batch", [64, 700])
@pytest.mark.parametrize(("dtype", "threads"), [("float32", 1), ("float32", 2), ("bfloat16", 2)])
def test_values_do_not_depend_on_batch_size_or_threads(
    news: list[str], tokens_per_batch: int, dtype: str, threads: int
) -> None:
    texts = Texts.of(news[:30] + [text + " again" for text in news[:30]])
    expected = token_surprisal(texts, Resources(dtype=dtype), seed=1)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = token_surprisal(texts, Resources(dtype=dtype, tokens_per_batch=tokens_per_batch), seed=1)
    finally:
        torch.set_num_threads(before)
    assert found.nats.tobytes() == expected.nats.tobytes()
    assert found.positions.tobytes() == expected.positions.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_values_do_not_depend_on_the_company(news: list[str], dtype: str) -> None:
    together = per_text(token_surprisal(Texts.of(news), Resources(dtype=dtype), seed=1))
    for i in (0, 7, 41):
        alone = token_surprisal(Texts.of([news[i]]), Resources(dtype=dtype), seed=1)
        assert alone.nats.tobytes() == together[i].tobytes()


def test_masked_input_agrees_with_the_reference(news: list[str], checkpoints: dict[str, Path]) -> None:
    folder = str(checkpoints["bert"])
    texts = Texts.of(news)
    found = token_surprisal(texts, Resources(folder, dtype="float32"), seed=4, fraction=0.3, masked=True)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    masks = 0
    for i, text in enumerate(news):
        ids = tokenizer(text, truncation=True, max_length=128, return_tensors="pt").input_ids
        n_tokens = np.array([ids.shape[1] - 2])
        positions = draw_evaluated_tokens(4, 0.3, texts.keys[i : i + 1], n_tokens, first=1).positions
        targets = ids[0, positions]
        key = np.repeat(texts.keys[i], len(positions))
        shown = mask_tokens(4, key, positions, targets.numpy(), tokenizer.mask_token_id, len(tokenizer))
        masks += int((shown == tokenizer.mask_token_id).sum())
        masked = ids.clone()
        masked[0, positions] = torch.from_numpy(shown)
        with torch.no_grad():
            expected = torch.nn.functional.cross_entropy(
                model(input_ids=masked).logits[0, positions], targets, reduction="none"
            )
        np.testing.assert_allclose(per_text(found)[i], expected.numpy(), atol=1e-4)
    assert masks > 0.6 * len(found.nats)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("architecture", ["bert", "xlm-roberta", NO_FAST_PATH])
def test_half_precision_stays_close_with_float32_logits(
    dtype: str, architecture: str, checkpoints: dict[str, Path], news: list[str]
) -> None:
    resources = Resources(str(checkpoints[architecture]), dtype=dtype)
    found = token_surprisal(Texts.of(news), resources, seed=0)
    exact = token_surprisal(Texts.of(news), replace(resources, dtype="float32"), seed=0)
    assert resources.masked_language_model.network.get_output_embeddings().weight.dtype == torch.float32
    assert not np.array_equal(found.nats, exact.nats)
    correlation = np.corrcoef(found.nats, exact.nats)[0, 1]
    assert correlation > 0.99


def test_a_batch_that_does_not_fit_is_halved(news: list[str]) -> None:
    resources = Resources()
    seen = []

    def too_large(module: torch.nn.Module, args: tuple, kwargs: dict) -> None:
        seen.append(len(kwargs["input_ids"]))
        if len(kwargs["input_ids"]) > 9:
            raise torch.OutOfMemoryError("CUDA out of memory")

    model = resources.masked_language_model.network.base_model.embeddings
    alike = [" ".join(news[-1].split()[:60]) + f" number {i}" for i in range(10, 50)]
    handle = model.register_forward_pre_hook(too_large, with_kwargs=True)
    try:
        found = token_surprisal(Texts.of(alike), resources, seed=0, fraction=1.0)
    finally:
        handle.remove()
    assert max(seen) > 9
    again = token_surprisal(Texts.of(alike), Resources(), seed=0, fraction=1.0)
    assert found.nats.tobytes() == again.nats.tobytes()


def test_a_smallest_batch_that_does_not_fit_is_an_error(news: list[str]) -> None:
    resources = Resources()

    def too_large(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    resources.masked_language_model.network.base_model.embeddings.register_forward_pre_hook(too_large)
    with pytest.raises(AlpsError, match="does not fit into the memory of cpu; lower --max-length"):
        token_surprisal(Texts.of(news), resources, seed=0)


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.5])
def test_an_impossible_fraction_is_an_error(fraction: float) -> None:
    with pytest.raises(AlpsError, match="fraction"):
        token_surprisal(Texts.of(["a"]), Resources(), seed=0, fraction=fraction)


def test_literal_special_tokens_in_a_text_are_text() -> None:
    found = token_surprisal(Texts.of(["a [MASK] of [SEP] and [PAD]"]), Resources(), seed=0, fraction=1.0)
    assert found.n_tokens.tolist() == [12]
    assert len(found.nats) == 12


def test_a_text_longer_than_the_limit_is_cut_and_says_so() -> None:
    long = "word " * 200_000
    spaces = "first" + " " * 50_000 + "last"
    found = token_surprisal(Texts.of([long, spaces, "short"]), Resources(), seed=0, fraction=1.0)
    assert found.n_tokens.tolist() == [126, 2, 1]
    assert found.cut.tolist() == [True, False, False]
    assert isinstance(found.cut, np.ndarray) and pa.array(found.cut).type == pa.bool_()
