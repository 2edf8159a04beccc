"""Small tables for a notebook: escaped, and in the colours of the page around them, light or dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from alps.base.text_safety import for_terminal

MOST_ROWS = 20
_TEXT_WIDTH = 160
_CELL = (
    "text-align:left;vertical-align:top;padding:2px 12px 2px 0;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)"
)


def table_html(caption: str, header: Sequence[str], rows: Iterable[Sequence[object]], n_rows: int) -> str:
    """
    A table of HTML.

    Parameters
    ----------
    caption
        What stands above it.
    header
        Names of the columns.
    rows
        The values; of a number two decimals at most are shown, of a text what fits, and nothing of None.
    n_rows
        How many there are; no more than `MOST_ROWS` are shown, and how many are left out is said.

    >>> table_html("1 text", ["text"], [["<b>"]], 1).count("&lt;b&gt;")
    1
    """
    shown = [row for row, _ in zip(rows, range(MOST_ROWS), strict=False)]
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{_shown(value)}</td>' for value in row) + "</tr>" for row in shown
    )
    left = n_rows - len(shown)
    more = f"<p>… and {left} more</p>" if left > 0 else ""
    return (
        f'<div style="color:inherit;background:transparent"><p>{escape(for_terminal(caption))}</p>'
        f'<table style="color:inherit;background:transparent;border-collapse:collapse"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{more}</div>"
    )


def _shown(value: object) -> str:
    if value is None or value != value:  # NaN is not itself
        return ""
    if isinstance(value, float):
        return f"{value:.2f}"
    return escape(for_terminal(str(value), _TEXT_WIDTH))
