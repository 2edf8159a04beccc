"""``alps strategies``: the table of strategies."""

from __future__ import annotations

import typer


def command() -> None:
    """List the strategies: when to use each, what it needs, its cost and its source."""
    from alps.strategies import DEFAULT_STRATEGY, strategies

    for row in strategies().values():
        needs = ", ".join(sorted(row.needs)) or "nothing"
        labels = "" if row.multi_label else "; one label a text"
        name = f"{row.name} (the default)" if row.name == DEFAULT_STRATEGY else row.name
        typer.echo(f"{name}\n  {row.summary}\n  needs {needs}{labels}; {row.cost}; {row.source}\n")
    typer.echo("NAME:3,NAME:1\n  A mixture: shares each batch between several strategies.\n")
    typer.echo("bandit:NAME,NAME\n  Learns which of several to follow; for alps simulate and a Learner.\n")
