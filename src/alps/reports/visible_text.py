"""Text of a data set in a page: escaped, and nothing in it is hidden or moves what stands beside it."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

_NOT_PLAIN = re.compile(r"[^\n\t -~]")
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format (direction, zero width), surrogate, line and paragraph
_JOINERS = "\u200c\u200d"
_LAST_WITHOUT_JOINERS = "\u058f"  # Latin, Greek, Cyrillic and Armenian letters are never joined


def visible(text: str, before: str = "") -> Markup:
    r"""
    A text as HTML, hidden characters spelt out: ``U+202E`` in a span of the class ``hidden``.

    Parameters
    ----------
    text
        The text.
    before
        The character that stands before it, if any. After a letter or emoji that can be joined, a joiner or non-joiner
        is orthography and stays what it is. So does a carriage return before a line feed.

    >>> print(visible("<b>\x00"))
    &lt;b&gt;<span class="hidden" title="control character">U+0000</span>

    """
    escaped = before + str(escape(text))
    return Markup(_NOT_PLAIN.sub(_spelt_out, escaped)[len(before) :])


def _spelt_out(match: re.Match[str]) -> str:
    character, text, at = match[0], match.string, match.start()
    if unicodedata.category(character) not in _HIDDEN:
        return character
    if character in _JOINERS and text[at - 1 : at] > _LAST_WITHOUT_JOINERS:
        return character
    if character == "\r" and text[at + 1 : at + 2] == "\n":
        return character
    name = unicodedata.name(character, "control character").lower()
    return f'<span class="hidden" title="{name}">U+{ord(character):04X}</span>'


def one_line(text: str, length: int) -> Markup:
    """The beginning of a text as HTML, white space as single spaces."""
    words = " ".join(text[: 8 * length + 64].split())
    return visible(words if len(words) <= length else words[: length - 1] + "…")
