"""``alps model``: what is known of a masked language model."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from alps.cli.help import help_without_command

app = typer.Typer(
    callback=help_without_command, invoke_without_command=True, help="What is known of a masked language model."
)


@app.command("info")
def info_command(
    model: Annotated[str, typer.Argument(help="bundled, a folder, or a Hugging Face hub id.")] = "bundled",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Load a model and print its sizes, digests, licences, and how it was trained."""
    from alps.base.text_safety import for_terminal
    from alps.models.information import model_information

    facts = model_information(model)
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        shown = json.dumps(value) if isinstance(value, dict) else f"{value:,}" if isinstance(value, int) else value
        typer.echo(f"{name.replace('_', ' ')}: {for_terminal(str(shown))}")
