"""The queries as a table on a terminal; every text is made harmless first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alps.selection import Selection


def print_table(selection: Selection) -> None:
    """Print rank, id, what a pick stands for, its surprisal, and as much of the text as fits into the line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from alps.base.text_safety import for_terminal

    console = Console()
    table = Table(box=None, pad_edge=False, expand=True)
    for name, justify in (("rank", "right"), ("id", "left"), ("stands for", "right"), ("surprisal", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("text", overflow="ellipsis", no_wrap=True, ratio=1)  # what the other columns leave
    for i, (name, text) in enumerate(zip(selection.ids, selection.texts, strict=True)):
        stands_for = "" if selection.cluster_sizes is None else f"{selection.cluster_sizes[i]:,}"
        surprisal = "" if selection.surprisal is None else _nats(selection.surprisal[i])
        shown = for_terminal(text, width=console.width)
        table.add_row(str(i + 1), Text(for_terminal(name, width=24)), stands_for, surprisal, Text(shown))
    console.print(table)


def _nats(surprisal: float) -> str:
    return "-" if surprisal != surprisal else f"{surprisal:.2f}"  # NaN: no token was evaluated
