"""``alps strategies``: the table of strategies."""

from __future__ import annotations

import typer


def command() -> None:
    """List the strategies: when to use each, what it needs, its cost and its source."""
    from alps.strategies import strategies

    for row in strategies().values():
        needs = ", ".join(sorted(row.needs)) or "nothing"
        typer.echo(f"{row.name}\n  {row.summary}\n  needs {needs}; {row.cost}; {row.source}\n")
