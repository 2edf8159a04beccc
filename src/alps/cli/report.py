"""``alps report``: figures and tables of simulations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alps.base.errors import AlpsError
from alps.cli.manner import Manner
from alps.cli.tell import tell

Runs = Annotated[
    list[Path],
    typer.Argument(help="The output folders of alps simulate; repeats.", metavar="RUN...", show_default=False),
]
OutputDir = Annotated[
    Path | None,
    typer.Option("--output-dir", help="Folder for report.html and the single files.", metavar="DIR"),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]


def command(context: typer.Context, runs: Runs, output_dir: OutputDir = None, force: Force = False) -> None:
    """Draw the learning curves of simulations and write their tables: a page, SVG, PNG, CSV, Markdown, LaTeX."""
    if output_dir is None:
        raise AlpsError("There is no place for the report; name a folder with --output-dir.")

    from alps.cli.outputs import Outputs
    from alps.reports.run_report import PAGE, write_run_report

    manner: Manner = context.obj
    outputs = Outputs(report=output_dir / PAGE, folder=output_dir, force=force)
    outputs.check(())
    outputs.make_folder()
    files = write_run_report(runs, output_dir, force=force)
    if not manner.quiet:
        tell(f"Read the report in {files[0]}; {len(files) - 1} single files are beside it.")
