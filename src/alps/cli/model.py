"""``alps model``: what is known of a masked language model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

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
    for depth, line in _lines(facts):
        typer.echo("  " * depth + for_terminal(line))


def _lines(facts: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[int, str]]:
    """One fact a line, and how far to indent it; the facts of a part stand below its name."""
    for name, value in facts.items():
        words = f"{name.replace('_', ' ')}:"
        if isinstance(value, dict):
            yield depth, words
            yield from _lines(value, depth + 1)
        elif isinstance(value, list):
            yield depth, words
            for part in value:
                yield depth + 1, ", ".join(f"{key} {_number(number)}" for key, number in part.items())
        else:
            yield depth, f"{words} {_number(value)}"


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
