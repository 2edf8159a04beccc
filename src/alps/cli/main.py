"""``alps``: the commands, and how mistakes are told."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from alps.base.atomic import explain_os_error
from alps.base.errors import AlpsError, AlpsWarning
from alps.base.text_safety import for_terminal
from alps.cli import cache, model, select, strategies

app = typer.Typer(
    name="alps",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("select")(select.command)
app.command("strategies")(strategies.command)
app.add_typer(cache.app, name="cache")
app.add_typer(model.app, name="model")


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; allowed anywhere on the line.")] = False,
) -> None:
    """Active learning for text classification that starts with no labels."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"alps {version_of('alps-learn')}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a mistake of the user is one sentence and exit code 2."""
    debug = "--debug" in sys.argv
    arguments = ["--debug"] * debug + [argument for argument in sys.argv[1:] if argument != "--debug"]
    with _notes(debug):
        try:
            with _standard_output():
                app(arguments)
        except AlpsError as error:
            if debug:
                raise
            typer.echo(f"Error: {for_terminal(str(error))}", err=True)
            sys.exit(2)
        except SystemExit as stop:
            if stop.code == 130:  # what typer makes of an interrupt
                typer.echo("\nInterrupted; the same command goes on from what was computed.", err=True)
            raise


@contextmanager
def _standard_output() -> Iterator[None]:
    """A full disk behind `alps select ... > queries.csv` is a mistake to be told; a pipe's reader may leave."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        sys.stdout = None  # or the interpreter would try to write once more at its end
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        raise explain_os_error(error, Path("standard output")) from error


@contextmanager
def _notes(debug: bool) -> Iterator[None]:
    """Print our warnings as notes; those of libraries only with --debug."""

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        if issubclass(category, AlpsWarning):
            typer.echo(f"Note: {for_terminal(str(message))}", err=True)
        elif debug:
            typer.echo(warnings.formatwarning(message, category, filename, lineno, line), err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", AlpsWarning)
        warnings.showwarning = show
        yield


if __name__ == "__main__":
    main()
