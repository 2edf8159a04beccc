"""Help texts with their options in sections, plain on every terminal, and help where no command is given."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand


class SectionedCommand(TyperCommand):
    """A command whose help groups its options under the titles that they name as `rich_help_panel`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section a title, in the order in which they are first named."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                if parameter.param_type_name == "argument":  # typer would add the type in the words of Python
                    record = (parameter.metavar or record[0], record[1])
                title = getattr(parameter, "rich_help_panel", None) or "Other"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group when the line ends with its name: the callback of groups without options."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
