"""A text as HTML, its tokens shaded by surprisal and the evaluated ones underlined."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from alps.analysis.token_spans import TokenSpan
from alps.reports.visible_text import visible

# Nats at which shading is strongest. Unmasked input makes most tokens hardly surprising: of 112 BBC articles half the
# tokens have less than 0.03 nats and one in a hundred more than 4.9; the square root keeps both ends apart.
STRONGEST = 8.0

# What is shown before "show all": ten lines of a wide column.
EXCERPT_CHARACTERS = 600
EXCERPT_LINES = 12
_SPARED = 120  # a rest this short is not worth a click
_BYTES_OF_A_TOKEN = 47  # its markup, see `_token`


@dataclass(frozen=True)
class ShadedText:
    """
    A text in two parts.

    Attributes
    ----------
    excerpt, rest
        HTML; the rest is empty where the excerpt is all.
    n_left_out
        How many characters are in neither, because the text is too long for a page.

    """

    excerpt: Markup
    rest: Markup
    n_left_out: int


def strength(nats: float) -> float:
    """How strongly a surprisal is shaded, from 0 to 1: the square root of its share of `STRONGEST`."""
    return math.sqrt(min(max(nats, 0.0), STRONGEST) / STRONGEST)


def shaded_text(text: str, spans: Sequence[TokenSpan] | None, limit: int) -> ShadedText:
    """
    Shade a text.

    Parameters
    ----------
    text
        The text.
    spans
        Its tokens in order; None where surprisal is not known, which leaves the text plain.
    limit
        The most bytes to write, the markup of tokens included; what does not fit is left out.

    """
    joined = _joined(spans or ())
    shown = _token_border(joined, _n_fitting(text, joined, limit))
    end = _token_border(joined, _excerpt_end(text[:shown]))
    n_read = joined[-1].end if joined else (0 if spans is not None else len(text))
    return ShadedText(_shade(text, joined, 0, end, n_read), _shade(text, joined, end, shown, n_read), len(text) - shown)


def _n_fitting(text: str, spans: Sequence[TokenSpan], limit: int) -> int:
    """How many characters from the beginning are written in `limit` bytes, with the tokens that end in them."""
    ends = [span.end for span in spans]

    def n_bytes(n: int) -> int:
        return len(visible(text[:n]).encode()) + _BYTES_OF_A_TOKEN * bisect_right(ends, n)

    return bisect_right(range(1, min(len(text), limit) + 1), limit, key=n_bytes)


def _excerpt_end(text: str) -> int:
    end = min(len(text), EXCERPT_CHARACTERS)
    lines = text[:end].split("\n")
    end = min(end, len("\n".join(lines[:EXCERPT_LINES])))
    if len(text) - end <= _SPARED and text.count("\n", end) <= 1:
        return len(text)
    space = text.rfind(" ", end - 40, end)
    return space if space > 0 else end


def _token_border(spans: Sequence[TokenSpan], at: int) -> int:
    """The place nearest before `at` that is inside no token."""
    return next((span.start for span in spans if span.start < at < span.end), at)


def _joined(spans: Sequence[TokenSpan]) -> list[TokenSpan]:
    """Tokens of no width join the one before: they share its character; the greatest surprisal is shown."""
    joined: list[TokenSpan] = []
    for span in spans:
        if span.end > span.start:
            joined.append(span)
        elif joined:
            last = joined[-1]
            nats, evaluated = max(last.nats, span.nats), last.evaluated or span.evaluated
            joined[-1] = TokenSpan(last.start, last.end, nats, evaluated)
    return joined


def _shade(text: str, spans: Sequence[TokenSpan], first: int, last: int, n_read: int) -> Markup:
    """HTML of ``text[first:last]``."""
    parts = []
    at = first
    for span in spans:
        if first <= span.start and span.end <= last:
            start = span.end - len(text[span.start : span.end].lstrip()) or span.start
            parts += [_plain(text, at, start), _token(text, start, span)]
            at = span.end
    read_until = max(at, min(last, n_read))
    parts.append(_plain(text, at, read_until))
    unread = _plain(text, read_until, last)
    if unread.strip():
        unread = Markup('<span class="unread">{}</span>').format(unread)
    return Markup("").join([*parts, unread])


def _plain(text: str, start: int, end: int) -> Markup:
    return visible(text[start:end], before=text[max(start - 1, 0) : start])


def _token(text: str, start: int, span: TokenSpan) -> Markup:
    # Without quotes and in two digits: a page has fifty thousand of them.
    tag = "u" if span.evaluated else "i"
    opening = f'<{tag} style=--s:{strength(span.nats):.2f} title="{span.nats:.2f} nats">'
    return Markup(opening) + _plain(text, start, span.end) + Markup(f"</{tag}>")
