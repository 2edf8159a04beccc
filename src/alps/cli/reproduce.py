"""``alps reproduce``: the paper's experiments, simulated and reported."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal

import typer

from alps.base.errors import AlpsError
from alps.cli import options
from alps.cli import simulation_options as grid_options
from alps.cli.manner import Manner
from alps.cli.simulate import line_of
from alps.cli.tell import tell

Scale = Annotated[
    Literal["full", "small"],
    typer.Option(
        "--scale",
        help="full: the published setting, from the Hugging Face hub; small: under an hour on two cores.",
    ),
]  # fmt: skip
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data", help="Folder with train, test and perhaps dev files, in the place of the published data sets or the "
        "demo texts; repeats.", metavar="DIR", show_default=False,
    ),
]  # fmt: skip
Model = Annotated[
    str | None,
    typer.Option("--model", help="In the place of BERT and SciBERT (full) or of the bundled model (small).",
                 metavar="NAME", show_default=False),
]  # fmt: skip
OutputDir = Annotated[
    Path | None,
    typer.Option("--output-dir", help="Folder for data, runs and report; what is finished there is not computed again.",
                 metavar="FOLDER", show_default=False),
]  # fmt: skip


def command(
    context: typer.Context,
    scale: Scale = "small",
    data: Data = None,
    model: Model = None,
    output_dir: OutputDir = None,
    jobs: grid_options.Jobs = None,
    cache_dir: options.CacheDir = None,
) -> None:
    """Run the paper's experiments and report them; run again after a crash, it goes on where it was."""
    if output_dir is None:
        raise AlpsError("There is no place for the results; name one with --output-dir.")

    from alps.reports.run_report import write_run_report
    from alps.reports.run_texts import TextFinder
    from alps.shards.cache import default_cache_folder
    from alps.simulation.reproduction import full_plan, small_data, small_plan
    from alps.simulation.runner import Step, simulate

    manner: Manner = context.obj
    cache = cache_dir or default_cache_folder()
    if scale == "full":
        plan = full_plan([str(folder) for folder in data or []], model)
    else:
        folders = dict.fromkeys(small_data(source, output_dir / "data") for source in (data or (None,)))
        plan = [run for folder in folders for run in small_plan(str(folder), model)]
    for run in plan:
        run.grid.check()
    twice = {one.name for one, other in combinations(plan, 2) if one.name == other.name}
    if twice:
        raise AlpsError(f"Two data sets are called {min(twice)}; give the folder of one another name.")

    def told(step: Step) -> None:
        if not manner.quiet:
            tell(line_of(step))

    for number, run in enumerate(plan, 1):
        if not manner.quiet:
            tell(f"Run {number} of {len(plan)}: {run.name}.")
        simulate(run.grid, output_dir / "runs" / run.name, jobs=run.jobs or jobs, cache_folder=cache, told=told)
    report = output_dir / "report"
    report.mkdir(parents=True, exist_ok=True)
    runs = [output_dir / "runs" / run.name for run in plan]
    files = write_run_report(runs, report, force=True, finder=TextFinder(cache_folder=cache))
    if not manner.quiet:
        tell(f"Read the report in {files[0]}; {len(files) - 1} single files are beside it.")
