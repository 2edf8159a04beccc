"""
Print the help of every command into ``docs/command-line.md``, between its two marks.

Usage: python tools/print_help.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from alps.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
BEGIN, END = "<!-- help: begin -->", "<!-- help: end -->"
WIDTH = "80"


def page_with_help(page: str) -> str:
    """The page, with what stands between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    sections = "\n".join(f"## `{' '.join(names)}`\n\n```text\n{help_of(names)}```\n" for names in command_names())
    return f"{before}{BEGIN}\n\n{sections}\n{END}{after}"


def help_of(names: Sequence[str]) -> str:
    """The help of a command, as wide on every terminal, without colours."""
    runner = CliRunner(env={"COLUMNS": WIDTH, "NO_COLOR": "1"})
    return runner.invoke(app, [*names[1:], "--help"], prog_name="alps").output


def command_names() -> Iterator[tuple[str, ...]]:
    """Every command and group, those of a group after it."""
    yield ("alps",)
    pending = [(("alps", name), command) for name, command in _commands(get_command(app))]
    while pending:
        names, command = pending.pop(0)
        yield names
        pending = [*(((*names, name), inner) for name, inner in _commands(command)), *pending]


def _commands(command: object) -> list[tuple[str, object]]:
    return [*command.commands.items()] if isinstance(command, TyperGroup) else []


def main() -> None:
    """Write the page, or only tell whether it is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    made = page_with_help(page)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if made == page else f"{PAGE.name} is out of date; run: python tools/print_help.py")
    PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
