"""Text from a data set is untrusted: make it harmless where it is shown."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)([eE][+-]?\d+)?%?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def for_terminal(text: str, width: int | None = None) -> str:
    r"""
    Make a text safe and short enough for one line of a terminal.

    White space becomes one space; control, escape and direction-changing characters become U+FFFD.

    >>> for_terminal("red \x1b[31malert\n now", width=12)
    'red �[31mal…'
    """
    if width is not None:
        text = text[: 8 * width + 64]  # enough to fill the width; a text may have 50 MB
    shown = "".join(_harmless(character) for character in " ".join(text.split()))
    if width is not None and len(shown) > width:
        shown = shown[: max(width - 1, 0)] + "…"
    return shown


def _harmless(character: str) -> str:
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def for_spreadsheet(text: str) -> str:
    """
    Keep a spreadsheet from reading a text as a formula, with the apostrophe that spreadsheets understand.

    >>> for_spreadsheet("=HYPERLINK(1)"), for_spreadsheet("-3.5")
    ("'=HYPERLINK(1)", '-3.5')
    """
    if _is_guarded(text) or (text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text)):
        return "'" + text
    return text


def from_spreadsheet(text: str) -> str:
    """Undo `for_spreadsheet`, exactly."""
    return text[1:] if _is_guarded(text) else text


def _is_guarded(text: str) -> bool:
    """Whether a text looks like one that has its guard; one that does by nature gets a second apostrophe."""
    return text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS)
