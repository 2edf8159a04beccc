"""Texts that say nearly the same: the Jaccard similarity of runs of three words, counted exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alps.analysis.near_duplicates import near_duplicate_pairs, near_duplicates

FILLER = [f"filler{i} stands{i} alone{i} here{i}" for i in range(1100)]  # more than one block of rows, nothing shared


def by_hand(texts: list[str], min_similarity: float) -> list[bool]:
    """Every pair of texts of plain words, one after the other."""
    sets = []
    for text in texts:
        words = text.split()
        sets.append({" ".join(words[i : i + 3]) for i in range(max(len(words) - 2, 1))})
    similar = [[len(a & b) / len(a | b) >= min_similarity for b in sets] for a in sets]
    return [any(similar[i][j] for j in range(len(sets)) if j != i) for i in range(len(sets))]


def test_no_text_and_one_text_have_no_near_duplicates() -> None:
    assert near_duplicates([]).tolist() == []
    assert near_duplicates([]).dtype == bool
    assert near_duplicates(["a single text stands alone"]).tolist() == [False]


def test_copies_are_near_duplicates_of_each_other_and_of_nothing_else() -> None:
    assert near_duplicates(["so it goes", "and so on", "so it goes"]).tolist() == [True, False, True]


def test_half_of_the_shingles_in_common_is_enough() -> None:
    # {abc, bcd} and {abc}: one of two in common.
    assert near_duplicates(["a b c d", "a b c"]).tolist() == [True, True]
    # {abc, bcd, cde} and {abc}: one of three.
    assert near_duplicates(["a b c d e", "a b c"]).tolist() == [False, False]
    assert near_duplicates(["a b c d e", "a b c"], min_similarity=1 / 3).tolist() == [True, True]
    assert near_duplicates(["a b c d", "a b c"], min_similarity=0.51).tolist() == [False, False]


def test_a_shingle_that_comes_twice_in_a_text_counts_once() -> None:
    # The first has abc, bca and cab, each at least once: all of them are in the second.
    assert near_duplicates(["a b c a b c a b c", "a b c a b"], min_similarity=1.0).tolist() == [True, True]


def test_the_order_of_the_words_matters() -> None:
    assert near_duplicates(["dog bites the man", "man bites the dog"]).tolist() == [False, False]
    assert near_duplicates(["good film", "film good"]).tolist() == [False, False]


def test_case_punctuation_and_spaces_do_not_matter() -> None:
    assert near_duplicates(["GOAL!  In the last minute...", "Goal in the\nlast minute"]).tolist() == [True, True]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("good", "Good!", True),  # shorter than a run of three words
        ("good film", "good", False),
        ("", "", True),
        ("!!!", "!!!", True),  # no words at all: what is written
        ("!!!", "???", False),
        ("\U0001f600 \U0001f600", "\U0001f622 \U0001f622", False),
        ("Ｇｒｏßｅ Ｆｅｕｄｅ im Café heute", "GROSSE Feude im Cafe\u0301 heute", True),  # the same when normalised
        ("Größe zählt hier sehr", "Grösse zahlt hier sehr", False),
        ("今日は雨です", "今日は雨です。", True),  # no spaces: every character is a word
        ("今日は雨です", "明日も晴れだ", False),
        ("नमस्ते दुनिया कैसे हो", "नमस्ते, दुनिया! कैसे हो?", True),
        ("की", "कि", False),  # the vowel sign is part of the word
        ("หนี", "หนู", False),
        ("мир труд май", "Мир! Труд! Май!", True),
    ],
)
def test_in_any_writing(one: str, other: str, expected: bool) -> None:
    assert near_duplicates([one, other]).tolist() == [expected, expected]


def test_pairs_are_found_however_far_apart_they_stand() -> None:
    texts = list(FILLER)
    texts[3] = "rates rise again in the autumn"
    texts[1050] = "rates rise again in the winter"
    texts[600] = texts[7]
    assert np.flatnonzero(near_duplicates(texts)).tolist() == [3, 7, 600, 1050]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join), max_size=12),
    st.sampled_from([0.25, 0.5, 2 / 3, 1.0]),
)
def test_equals_the_count_of_every_pair(texts: list[str], min_similarity: float) -> None:
    assert near_duplicates(texts, min_similarity=min_similarity).tolist() == by_hand(texts, min_similarity)


def test_pairs_are_those_of_a_comparison_of_all_with_all() -> None:
    texts = [
        "Rain in Rome again today",
        "rain in Rome, again!",
        "Sun in Oslo",
        "RAIN in Rome again today",
        "sun in oslo",
    ]
    assert near_duplicate_pairs(texts).tolist() == [[0, 1], [0, 3], [1, 3], [2, 4]]
    assert near_duplicate_pairs(["one", "two"]).shape == (0, 2)
    paired = {row for pair in near_duplicate_pairs(texts).tolist() for row in pair}
    assert paired == {i for i, found in enumerate(near_duplicates(texts)) if found}
