"""Every token where it stands in the text, with the surprisal that the engine gave it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import alps
from alps.analysis.token_spans import Evaluation, SpanTokenizer, TokenSpan, token_spans
from alps.models.tokens import TextTokenizer
from alps.pool.texts import Texts
from alps.representations.resources import Resources
from alps.representations.token_surprisal import token_surprisal
from tests.conftest import ARCHITECTURES

HARD = [
    "Plain words, and a comma.",
    "Größe, naïve café, Łódź",
    "e\u0301 is e with an accent",  # two characters, one letter
    "今日は雨です",
    "שלום עולם",
    "\U0001f600\U0001f1ee\U0001f1f9 \U0001f468\u200d\U0001f469\u200d\U0001f467 emoji",
    "zero\u200bwidth, a tab\tand\r\n two  lines ",
    "literal [MASK] and </s> are text",
    "ﬁne ligatures ½ ™",
    ".",
]


def spans_of(texts: list[str], resources: Resources, **options: object) -> list[list[TokenSpan]]:
    settings = {"seed": 0, "evaluation": None, **options}
    return token_spans(Texts.of(texts), resources, **settings)  # type: ignore[arg-type]


def cut_out(text: str, spans: list[TokenSpan]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tokens_follow_each_other_and_leave_out_nothing_but_white_space(
    architecture: str, checkpoints: dict[str, Path]
) -> None:
    for text, spans in zip(HARD, spans_of(HARD, Resources(str(checkpoints[architecture]))), strict=True):
        reached = 0
        for span in spans:
            assert reached <= span.start <= span.end <= len(text)
            assert not text[reached : span.start].strip("\u200b \t\r\n")  # the cleaner of BERT drops zero widths
            reached = span.end
        assert not text[reached:].strip("\u200b \t\r\n")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_there_are_as_many_as_the_engine_reads(architecture: str, checkpoints: dict[str, Path]) -> None:
    resources = Resources(str(checkpoints[architecture]))
    texts = [*HARD, "word " * 400, "   ", "x" * 20_000, "a" + " " * 40_000 + "b c"]
    texts.remove("   ")
    network = resources.masked_language_model.tokenizer
    with_places, plain = SpanTokenizer(network, 128), TextTokenizer(network, 128)
    special = plain.n_prefix + plain.n_suffix
    assert [len(with_places.spans(text)) for text in texts] == (plain(texts).lengths - special).tolist()


def test_the_words_of_a_plain_text() -> None:
    text = "Goals win games."
    (spans,) = spans_of([text], Resources())
    assert cut_out(text, spans) == ["Goals", "win", "games", "."]


def test_an_accent_that_the_tokenizer_drops_stays_on_its_letter(checkpoints: dict[str, Path]) -> None:
    text = "cafe\u0301 e\u0301"
    (spans,) = spans_of([text], Resources())
    assert "".join(cut_out(text, spans)) == "cafe\u0301e\u0301"
    assert cut_out(text, spans)[-1] == "e\u0301"


def test_a_text_is_cut_at_the_length_limit() -> None:
    text = "one two three four five six"
    (spans,) = spans_of([text], Resources(max_length=5))  # [CLS] and [SEP] take two
    assert cut_out(text, spans) == ["one", "two", "three"]


def test_characters_of_several_tokens_belong_to_the_first(checkpoints: dict[str, Path]) -> None:
    # A byte-level vocabulary that never saw the emoji gives its four bytes a token each.
    text = "a\U0001f600b"
    (spans,) = spans_of([text], Resources(str(checkpoints["roberta"])))
    assert cut_out(text, spans) == ["a", "\U0001f600", "", "", "", "b"]
    assert all(span.nats > 0 for span in spans)


def test_the_surprisal_is_the_engines(checkpoints: dict[str, Path], news: list[str]) -> None:
    resources = Resources(str(checkpoints["bert"]))
    engine = token_surprisal(Texts.of(news), resources, seed=0, fraction=1.0)
    told = spans_of(news, resources)
    assert [len(spans) for spans in told] == engine.n_tokens.tolist()
    assert [span.nats for spans in told for span in spans] == engine.nats.tolist()
    assert not any(span.evaluated for spans in told for span in spans)


def test_the_bundled_model_is_more_surprised_by_what_does_not_fit() -> None:
    fits, does_not = spans_of(["Shares fell in early trading.", "Shares fell in early banana."], Resources())
    assert does_not[4].nats > fits[4].nats


@pytest.mark.parametrize("masked", [False, True])
def test_the_evaluated_tokens_are_those_that_the_selection_looked_at(
    masked: bool, checkpoints: dict[str, Path], news: list[str]
) -> None:
    folder = str(checkpoints["bert"])
    selection = alps.select(news, 12, strategy="alps", model=folder, seed=7, evaluated_fraction=0.3, masked=masked)
    told = spans_of(selection.texts, Resources(folder), seed=7, evaluation=Evaluation(0.3, masked))
    found = [np.mean([span.nats for span in spans if span.evaluated] or [np.nan]) for spans in told]
    assert selection.surprisal is not None
    np.testing.assert_allclose(found, selection.surprisal, rtol=1e-5)
    assert 0 < sum(span.evaluated for spans in told for span in spans) < sum(map(len, told))


def test_masked_values_stand_at_the_evaluated_tokens_only(checkpoints: dict[str, Path], news: list[str]) -> None:
    resources = Resources(str(checkpoints["bert"]))
    plain = spans_of(news[-5:], resources, seed=1, evaluation=Evaluation(0.2, masked=False))
    masked = spans_of(news[-5:], resources, seed=1, evaluation=Evaluation(0.2, masked=True))
    pairs = [pair for one, other in zip(plain, masked, strict=True) for pair in zip(one, other, strict=True)]
    assert all(one.evaluated == other.evaluated for one, other in pairs)
    assert all(one.nats == other.nats for one, other in pairs if not one.evaluated)
    assert any(one.nats != other.nats for one, other in pairs if one.evaluated)


def test_no_text_has_no_tokens() -> None:
    texts = Texts.of(["one text"], np.empty(0, np.int64))
    assert token_spans(texts, Resources(), seed=0, evaluation=Evaluation(0.15, masked=False)) == []
