"""What a selection says about its pool: above all, whether the model knows its language."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

import alps
from alps.base.errors import AlpsWarning
from alps.models.bundled import load_bundled_encoder
from alps.models.tokens import TextTokenizer
from alps.pool.read import read_pool
from alps.summary import notes

FOREIGN = {
    "German": [
        "Die Bundesregierung hat am Mittwoch einen Gesetzentwurf beschlossen, der den Ausbau der Windenergie "
        "beschleunigen soll. Künftig müssen die Länder zwei Prozent ihrer Fläche für Windräder ausweisen.",
        "Ich habe das Gerät vor drei Wochen bestellt und bin sehr enttäuscht: Der Akku hält kaum zwei Stunden, und der "
        "Kundendienst antwortet überhaupt nicht auf meine Nachrichten.",
    ],
    "French": [
        "Le gouvernement a présenté mercredi un projet de loi visant à accélérer le développement de l'énergie "
        "éolienne dans les régions côtières, malgré l'opposition de plusieurs associations de riverains.",
        "Ce film commence lentement, mais il prend une force étonnante grâce à une actrice remarquable et à un metteur "
        "en scène qui refuse toute explication superflue.",
    ],
    "Polish": [
        "Rząd przedstawił w środę projekt ustawy, która ma przyspieszyć rozwój energetyki wiatrowej w regionach "
        "nadmorskich mimo sprzeciwu mieszkańców.",
    ],
    "Russian": [
        "Правительство в среду внесло законопроект, который должен ускорить развитие ветроэнергетики в прибрежных "
        "районах, несмотря на возражения жителей.",
        "Я заказал устройство три недели назад и очень разочарован: батарея держит меньше двух часов.",
    ],
    "Arabic": ["قدمت الحكومة يوم الأربعاء مشروع قانون يهدف إلى تسريع تطوير طاقة الرياح في المناطق الساحلية."],
    "Chinese": [
        "政府周三提出了一项法案,旨在加快沿海地区风能的发展,尽管当地居民表示反对。",
        "我三个星期前订购了这台设备,非常失望,因为电池只能用两个小时,客服也从不回复。",
    ],
    "Japanese": ["政府は水曜日、沿岸地域での風力発電の開発を加速することを目的とした法案を提出した。"],
    "Thai": ["รัฐบาลเสนอร่างกฎหมายเมื่อวันพุธเพื่อเร่งการพัฒนาพลังงานลมในพื้นที่ชายฝั่ง"],
}
HARDLY_KNOWN = "The model's vocabulary hardly knows these texts; choose a --model for their language or field."


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer(load_bundled_encoder()[1], 128)


def said_of(texts: list[str], tokenizer: TextTokenizer) -> list[str]:
    """The notes on these texts' word pieces."""
    tokens = tokenizer(texts)
    ids = np.concatenate([tokens.ids[a + 1 : b - 1] for a, b in zip(tokens.offsets, tokens.offsets[1:], strict=False)])
    unknown, short = np.mean(ids == tokenizer.unknown_id), np.mean(tokenizer.short_pieces[ids])
    return notes(
        {"texts_in_pool": 100, "k": 1, "tokens": 1000, "unknown_piece_rate": unknown, "short_piece_rate": short}, 1
    )


@pytest.mark.parametrize("language", FOREIGN)
def test_a_language_that_the_vocabulary_does_not_know_is_noted(language: str, tokenizer: TextTokenizer) -> None:
    assert said_of(FOREIGN[language], tokenizer) == [HARDLY_KNOWN]


@pytest.mark.parametrize("column", ["text", "title"])
def test_english_news_is_not_noted(column: str, tokenizer: TextTokenizer) -> None:
    assert said_of(read_pool("bbc-news").table[column].to_pylist()[::20], tokenizer) == []


@pytest.mark.parametrize("name", ["sms_spam", "pubmed_sections", "sst2_phrases", "agnews", "trec6", "imdb"])
def test_real_english_data_sets_are_not_noted(name: str, tokenizer: TextTokenizer, data_folder: Path) -> None:
    texts = read_pool(data_folder / name / "train.tsv").texts.to_pylist()
    assert said_of(texts[:: len(texts) // 200], tokenizer) == []


def test_short_pieces_are_scraps_of_words(tokenizer: TextTokenizer) -> None:
    vocabulary = {tokenizer.pieces([i])[0]: bool(short) for i, short in enumerate(tokenizer.short_pieces)}
    assert all(vocabulary[piece] for piece in ("a", "##s", "##ing", "##д", "д", "ß"))
    assert not any(vocabulary[piece] for piece in ("an", "the", "##tion", "7", "##7", ",", "[CLS]", "人", "の"))


@pytest.mark.parametrize("architecture", ["roberta", "xlm-roberta"])
def test_short_pieces_where_the_vocabulary_marks_beginnings(architecture: str, checkpoints: dict[str, Path]) -> None:
    tokenizer = TextTokenizer(AutoTokenizer.from_pretrained(checkpoints[architecture]), 128)
    vocabulary = {tokenizer.pieces([i])[0]: bool(short) for i, short in enumerate(tokenizer.short_pieces)}
    begin = "Ġ" if architecture == "roberta" else "▁"
    assert vocabulary[f"{begin}a"] and vocabulary["s"] and vocabulary["ing"]
    assert not vocabulary[f"{begin}the"] and not vocabulary[f"{begin}of"]


def test_a_russian_pool_is_noted_from_end_to_end() -> None:
    with pytest.warns(AlpsWarning, match="vocabulary hardly knows these texts"):
        found = alps.select(FOREIGN["Russian"], 1, strategy="alps", evaluated_fraction=1.0, max_length=256)
    assert found.summary["notes"] == [HARDLY_KNOWN]
    assert found.summary["short_piece_rate"] > 0.9


def test_shares_from_which_a_note_is_worth_reading() -> None:
    base = {"tokens": 1000, "texts_in_pool": 1000, "k": 10, "max_length": 128}
    assert notes(base, 10) == []
    assert notes({**base, "texts_cut": 50, "texts_zero": 50, "unknown_piece_rate": 0.02}, 10) == []
    assert notes({**base, "texts_cut": 120}, 10) == [
        "12% of the texts are longer than 128 tokens and were cut; see --max-length."
    ]
    assert notes({**base, "texts_zero": 333}, 10) == [
        "33% of the texts had no evaluated token and cannot be told apart; --evaluated-fraction 1.0 sees them all."
    ]
    assert notes({**base, "unknown_piece_rate": 0.03}, 10) == [HARDLY_KNOWN]
    assert notes({**base, "short_piece_rate": 0.3}, 10) == [HARDLY_KNOWN]
    assert notes({**base, "k": 9}, 10) == [
        "Only 9 distinct texts are there to choose from, fewer than k = 10: all are chosen."
    ]


def test_counts_count_copies(checkpoints: dict[str, Path]) -> None:
    texts = ["a film", "a film", "a film", "", "rain in Rome", "word " * 300, "word " * 300, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)
        summary = alps.select(texts, 2, strategy="alps", model=str(checkpoints["bert"]), evaluated_fraction=1.0).summary
    expected = {
        "texts_read": 8, "texts_empty": 2, "texts_excluded": 0, "texts_in_pool": 6, "texts_distinct": 3, "copies": 3,
        "texts_cut": 2, "texts_zero": 0,
    }  # fmt: skip
    assert {name: summary[name] for name in expected} == expected
