"""Word pieces of texts, exact in number and place, whatever the texts hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from alps.models.tokens import TextTokenizer, Tokens
from tests.conftest import ARCHITECTURES

MARKS = {"[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]", "<s>", "</s>", "<pad>", "<mask>", "<unk>"}


@pytest.fixture(scope="module")
def tokenizers(checkpoints: dict[str, Path]) -> dict[str, PreTrainedTokenizerBase]:
    return {name: AutoTokenizer.from_pretrained(folder) for name, folder in checkpoints.items()}


@pytest.fixture(scope="module")
def bert(tokenizers: dict[str, PreTrainedTokenizerBase]) -> PreTrainedTokenizerBase:
    return tokenizers["bert"]


def ids_of(tokens: Tokens) -> list[list[int]]:
    return [part.tolist() for part in np.split(tokens.ids, tokens.offsets[1:-1])]


@pytest.mark.parametrize("max_length", [3, 12, 128])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_pieces_are_those_of_the_model_s_own_tokenizer(
    architecture: str, max_length: int, tokenizers: dict[str, PreTrainedTokenizerBase], news: list[str]
) -> None:
    own = tokenizers[architecture]
    tokens = TextTokenizer(own, max_length)(news)
    expected = own(news, truncation=True, max_length=max_length).input_ids
    assert ids_of(tokens) == expected
    assert tokens.lengths.tolist() == [len(ids) for ids in expected]
    assert tokens.cut.tolist() == [len(ids) > max_length for ids in own(news).input_ids]
    assert (tokens.n_prefix, tokens.n_suffix) == (1, 1)
    assert tokens.cut.any()


def test_the_given_tokenizer_is_not_changed(bert: PreTrainedTokenizerBase) -> None:
    before = bert.backend_tokenizer.to_str()
    TextTokenizer(bert, 5)(["a longer text that is cut", "[SEP]"])
    assert bert.backend_tokenizer.to_str() == before
    assert bert("[SEP]").input_ids[1] == bert.sep_token_id


@pytest.mark.parametrize("architecture", ["bert", "roberta", "xlm-roberta"])
@pytest.mark.parametrize("text", ["[SEP]", "a [MASK] b", "<s> x </s>", "<mask>", "[CLS][PAD]", "<pad> <unk> [UNK]"])
def test_literal_special_tokens_are_text(
    architecture: str, text: str, tokenizers: dict[str, PreTrainedTokenizerBase]
) -> None:
    tokenizer = TextTokenizer(tokenizers[architecture], 128)
    (ids,) = ids_of(tokenizer([text]))
    known = tokenizer.special_ids.tolist()
    special = [token for token in ids[1:-1] if token in known and token != tokenizer.unknown_id]
    assert special == []
    assert len(ids) > 3
    assert ids[0] in known
    assert ids[-1] in known


def test_no_texts_are_no_tokens(bert: PreTrainedTokenizerBase) -> None:
    tokens = TextTokenizer(bert, 128)([])
    assert tokens.offsets.tolist() == [0]
    assert (len(tokens.ids), len(tokens.cut), len(tokens.lengths)) == (0, 0, 0)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\x00", "\ufeff"])
def test_a_text_without_pieces_has_only_the_special_tokens(text: str, bert: PreTrainedTokenizerBase) -> None:
    tokens = TextTokenizer(bert, 128)([text, "rain"])
    assert tokens.lengths[0] == 2
    assert not tokens.cut.any()


@pytest.mark.parametrize("max_length", [-1, 0, 1, 2])
def test_a_limit_without_room_for_text_is_refused(max_length: int, bert: PreTrainedTokenizerBase, refused) -> None:
    message = refused(TextTokenizer, bert, max_length)
    assert f"--max-length {max_length} leaves no room" in message
    assert "use at least 3" in message


def test_exactly_the_limit_is_not_cut_and_one_more_is(bert: PreTrainedTokenizerBase) -> None:
    word = next(piece for piece in ("the", "a", "of") if len(bert.tokenize(piece)) == 1)
    tokens = TextTokenizer(bert, 10)([" ".join([word] * n) for n in (7, 8, 9, 900)])
    assert tokens.lengths.tolist() == [9, 10, 10, 10]
    assert tokens.cut.tolist() == [False, False, True, True]


@pytest.mark.parametrize("architecture", ["bert", "roberta", "xlm-roberta"])
@pytest.mark.parametrize(
    ("piece", "end"),
    [("x", ""), ("word ", ""), (" ", "last"), ("é", "")],
    ids=["one word", "many words", "white space", "accents"],
)
def test_50_megabytes_are_no_trouble(
    architecture: str, piece: str, end: str, tokenizers: dict[str, PreTrainedTokenizerBase]
) -> None:
    text = "first " + piece * (50_000_000 // len(piece.encode())) + end
    tokens = TextTokenizer(tokenizers[architecture], 128)([text, "short"])
    assert 2 < tokens.lengths[0] <= 128
    assert tokens.cut.tolist() == [True, False]


def test_words_after_much_white_space_are_still_read(bert: PreTrainedTokenizerBase) -> None:
    tokenizer = TextTokenizer(bert, 128)
    far = tokenizer(["the" + " " * 100_000 + "of"])
    near = tokenizer(["the of"])
    assert far.ids.tolist() == near.ids.tolist()
    assert not far.cut[0]


@given(texts=st.lists(st.text(max_size=300), max_size=8), max_length=st.integers(3, 40))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_as_long_as_it_says(bert, texts: list[str], max_length: int) -> None:
    tokenizer = TextTokenizer(bert, max_length)
    tokens = tokenizer(texts)
    whole = TextTokenizer(bert, 10_000)(texts)
    assert len(tokens.lengths) == len(tokens.cut) == len(texts)
    assert all(2 <= n <= max_length for n in tokens.lengths.tolist())
    assert tokens.cut.tolist() == (whole.lengths > max_length).tolist()
    for ids, every in zip(ids_of(tokens) if texts else [], ids_of(whole) if texts else [], strict=True):
        assert ids[:-1] == every[: len(ids) - 1]
        assert ids[-1] == every[-1] == bert.sep_token_id


def test_texts_do_not_depend_on_their_company(bert: PreTrainedTokenizerBase, news: list[str]) -> None:
    tokenizer = TextTokenizer(bert, 64)
    together = ids_of(tokenizer(news))
    assert together == [tokenizer([text]).ids.tolist() for text in news]


def test_a_rectangle_holds_the_ids_of_texts_of_one_length(bert: PreTrainedTokenizerBase) -> None:
    tokens = TextTokenizer(bert, 6)(["the of the of the", "a", "of the of the of the"])
    assert tokens.lengths.tolist() == [6, 3, 6]
    rectangle = tokens.rectangle(np.array([2, 0]))
    assert rectangle.dtype == np.int64
    assert rectangle.tolist() == [ids_of(tokens)[2], ids_of(tokens)[0]]


def test_scraps_of_words_are_known(bert: PreTrainedTokenizerBase) -> None:
    tokenizer = TextTokenizer(bert, 128)
    vocabulary = bert.get_vocab()
    short = {piece for piece, i in vocabulary.items() if tokenizer.short_pieces[i]}
    assert {"a", "##s"} <= short
    assert not short & {"the", "of", ".", "1", *MARKS}
    assert tokenizer.pieces([vocabulary["the"], vocabulary["a"]]) == ["the", "a"]


def test_a_tokenizer_without_a_fast_one_is_refused(refused) -> None:
    class Slow:
        name_or_path = "some/model"

    assert refused(TextTokenizer, Slow(), 128) == (
        "The tokenizer of some/model has no tokenizer.json; convert it to a fast one."
    )
