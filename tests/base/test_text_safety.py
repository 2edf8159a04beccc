import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alps.base.text_safety import for_spreadsheet, for_terminal, from_spreadsheet

STARTS = "=+-@\t\r'"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("", ""),
        ("  two\n lines\tand \u2028 more\r\n", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("\x9b2J", "\ufffd2J"),
        ("a\x00b\x08c\x7f", "a\ufffdb\ufffdc\ufffd"),
        ("invoice\u202egpj.exe", "invoice\ufffdgpj.exe"),
        ("\u2066isolated\u2069 \u200fmark", "\ufffdisolated\ufffd \ufffdmark"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("private \ue000 unassigned \U000e0fff", "private \ufffd unassigned \ufffd"),
        ("£ é ß 東京 😀 مرحبا", "£ é ß 東京 😀 مرحبا"),
    ],
)
def test_a_text_is_harmless_on_a_terminal(text: str, shown: str) -> None:
    assert for_terminal(text) == shown


@given(st.text(), st.one_of(st.none(), st.integers(1, 40)))
def test_no_control_character_gets_through_and_the_width_is_kept(text: str, width: int | None) -> None:
    shown = for_terminal(text, width)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert width is None or len(shown) <= width
    assert for_terminal(shown, width) == shown


@pytest.mark.parametrize(("width", "shown"), [(8, "a longer"), (7, "a long…"), (2, "a…"), (1, "…"), (0, "…")])
def test_a_long_text_ends_in_dots(width: int, shown: str) -> None:
    assert for_terminal("a longer", width) == shown


@pytest.mark.parametrize("piece", ["word ", "\x1b[31m", "\u202e", "x", "\n", "é"])
def test_only_the_beginning_of_50_megabytes_is_looked_at(piece: str) -> None:
    text = piece * (50_000_000 // len(piece))
    shown = for_terminal(text, width=40)
    assert len(shown) <= 40
    assert shown == for_terminal(text[:2000], width=40)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "=",
        "-",
        "- a list",
        "+-1",
    ],
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert for_spreadsheet(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["-3.5", "+41", "-1e-7", "-.5", "+3,5", "-1,234.5", "-12%", "1=1", "a@b.c", "", " =1", "it's"]
)
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert for_spreadsheet(text) == text
    assert from_spreadsheet(text) == text


@given(
    st.one_of(
        st.text(), st.text(alphabet=STARTS + "1a."), st.from_regex(r"'{0,3}[-+=@\t\r]?[0-9.,%a]*", fullmatch=True)
    )
)
@example("'=x")
@example("''=x")
@example("'-3.5")
@example("'")
@example("-3.5")
def test_the_guard_comes_off_exactly(text: str) -> None:
    guarded = for_spreadsheet(text)
    assert from_spreadsheet(guarded) == text
    assert guarded in (text, "'" + text)


@given(st.text(alphabet=STARTS + "1a.", min_size=1))
def test_nothing_guarded_begins_like_a_formula(text: str) -> None:
    guarded = for_spreadsheet(text)
    is_number = guarded[1:].replace(".", "").isdigit()
    assert guarded[0] not in "=+-@\t\r" or is_number


@pytest.mark.parametrize("text", ["-" + "1." * 500_000 + "x", "'" * 1_000_000 + "=", "+" + "1" * 1_000_000 + "e"])
def test_guarding_takes_time_in_proportion(text: str) -> None:
    assert from_spreadsheet(for_spreadsheet(text)) == text
