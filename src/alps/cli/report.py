"""``alps report``: figures and tables of simulations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alps.base.errors import AlpsError
from alps.cli import options
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
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data", help="Folder of a data set that is no longer where it was when the runs were made; repeats.",
        metavar="DIR", show_default=False,
    ),
]  # fmt: skip
WithTexts = Annotated[
    bool,
    typer.Option(
        "--texts/--no-texts",
        help="Read the data sets again for the figures that are made from texts; without, the report takes seconds.",
    ),
]


def command(
    context: typer.Context,
    runs: Runs,
    output_dir: OutputDir = None,
    data: Data = None,
    texts: WithTexts = True,
    cache_dir: options.CacheDir = None,
    force: options.Force = False,
) -> None:
    """Draw the figures of simulations and write their tables: a page, SVG, PNG, CSV, Markdown, LaTeX."""
    if output_dir is None:
        raise AlpsError("There is no place for the report; name a folder with --output-dir.")

    from alps.cli.outputs import Outputs
    from alps.reports.run_report import PAGE, write_run_report
    from alps.shards.cache import default_cache_folder
    from alps.simulation.data_sets import name_of

    manner: Manner = context.obj
    outputs = Outputs(report=output_dir / PAGE, folder=output_dir, force=force)
    outputs.check(())
    outputs.make_folder()
    folders = {name_of(folder): folder for folder in data or []}
    finder = None
    if texts:
        from alps.reports.run_texts import TextFinder

        finder = TextFinder(folders, cache_dir or default_cache_folder())
    files = write_run_report(runs, output_dir, force=force, finder=finder)
    if not manner.quiet:
        tell(f"Read the report in {files[0]}; {len(files) - 1} single files are beside it.")
