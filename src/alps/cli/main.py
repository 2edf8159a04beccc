"""``alps``: the commands, and how mistakes are told."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from alps.base.errors import AlpsError
from alps.cli import (
    argilla,
    cache,
    embed,
    export,
    import_file,
    label,
    model,
    predict,
    report,
    reproduce,
    select,
    serve,
    simulate,
    strategies,
    train,
)
from alps.cli.help import SectionedCommand
from alps.cli.manner import Manner, split_manner
from alps.cli.names import option_name
from alps.cli.notes import warnings_as_notes
from alps.cli.signals import INTERRUPTED, Stop, stoppable
from alps.cli.streams import standard_streams
from alps.cli.tell import tell
from alps.cli.usage import explain_usage

ANYWHERE = (
    "--quiet, --verbose and --debug may stand anywhere on the line; dashes and underscores in names are the same."
)

app = typer.Typer(
    name="alps",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": option_name},
    epilog=ANYWHERE,
)
app.command("select", cls=SectionedCommand, epilog=ANYWHERE)(select.command)
app.command("embed", cls=SectionedCommand, epilog=ANYWHERE)(embed.command)
app.command("strategies")(strategies.command)
app.command("train", cls=SectionedCommand, epilog=ANYWHERE)(train.command)
app.command("predict", cls=SectionedCommand, epilog=ANYWHERE)(predict.command)
app.command("label", cls=SectionedCommand, epilog=ANYWHERE)(label.command)
app.command("status")(label.status)
app.command("export")(export.command)
app.command("import")(import_file.command)
app.command("simulate", cls=SectionedCommand, epilog=ANYWHERE)(simulate.command)
app.command("report")(report.command)
app.command("reproduce")(reproduce.command)
app.add_typer(serve.app, name="serve")
app.add_typer(serve.label_studio, name="label-studio")
app.add_typer(argilla.app, name="argilla")
app.add_typer(cache.app, name="cache")
app.add_typer(model.app, name="model")


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell nothing but errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every stage with its seconds.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Active learning for text classification that starts with no labels."""
    # `main` has taken quiet, verbose and debug off the line already: they stand here for the help.
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"alps {version_of('alps-learn')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line; a mistake of the user is one sentence and exit code 2."""
    manner, arguments = split_manner(sys.argv[1:])
    with stoppable() as stop:
        try:
            code = _run(arguments, manner, stop)
        except BaseException:
            if not stop:
                raise
            code = INTERRUPTED
        if stop and code == INTERRUPTED:
            if sys.stderr.isatty():
                tell("")  # a terminal has just shown ^C
            tell(stop.sentence)
            code = stop.exit_code
    sys.exit(code)


def _run(arguments: list[str], manner: Manner, stop: Stop) -> int:
    """The exit code of a command."""
    try:
        with warnings_as_notes(manner), standard_streams():
            manner.check()
            return app(arguments, prog_name="alps", standalone_mode=False, obj=manner) or 0
    except Exception as error:
        if manner.debug or stop:
            raise
        tell(f"Error: {_sentence(error)}")
        return 2 if isinstance(error, AlpsError | typer.TyperException) else 1


def _sentence(error: Exception) -> str:
    if isinstance(error, typer.TyperException):
        return str(explain_usage(error))
    if isinstance(error, typer.Abort):
        return "Nothing was done, as you did not agree."
    if isinstance(error, AlpsError):
        return str(error)
    return f"This is a mistake in alps ({type(error).__name__}: {error}); run it again with --debug and report that."


if __name__ == "__main__":
    main()
