"""The report of runs: one page that needs nothing else, and every table and figure as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from alps.base.atomic import atomic_file
from alps.reports.learning_curves_figure import describe_panel, learning_curves_png, learning_curves_svg
from alps.reports.run_tables import run_tables
from alps.reports.score_curves import Panel, gather_panels
from alps.reports.table import Table
from alps.reports.visible_text import visible
from alps.simulation.results import read_run

PAGE = "report.html"


def write_run_report(runs: Sequence[Path], folder: Path, *, force: bool = False) -> list[Path]:
    """
    Write the page and the single files; return their paths, the page first.

    PNG files need matplotlib and are left out without it.

    Raises
    ------
    AlpsError
        When a folder holds no run, two runs hold the same cell, or a file exists and `force` is not set.

    """
    panels = gather_panels(curve for run in runs for curve in read_run(run))
    tables = run_tables(panels)
    contents = {PAGE: run_page(runs, panels, tables).encode()}
    for table in tables:
        contents[f"{table.name}.csv"] = table.csv().encode()
        contents[f"{table.name}.md"] = table.markdown().encode()
        contents[f"{table.name}.tex"] = table.latex().encode()
    for number, panel in enumerate(panels, 1):
        contents[f"figure_2_panel_{number}.svg"] = str(learning_curves_svg(panel)).encode()
        if find_spec("matplotlib") is not None:
            contents[f"figure_2_panel_{number}.png"] = learning_curves_png(panel)
    return [_write(content, folder / name, force=force) for name, content in contents.items()]


def run_page(runs: Sequence[Path], panels: Sequence[Panel], tables: Sequence[Table]) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("alps.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"number": "{:,}".format, "visible": visible}
    return environment.get_template("run_report.html").render(
        version=version("alps-learn"),
        runs=[run.name for run in runs],
        figures=[(panel.title, describe_panel(panel), learning_curves_svg(panel)) for panel in panels],
        tables=tables,
        n_curves=sum(len(line.curves) for panel in panels for line in panel.lines),
        n_rounds=sum(len(curve.rounds) for panel in panels for line in panel.lines for curve in line.curves),
        n_panels=len(panels),
    )


def _write(content: bytes, path: Path, *, force: bool) -> Path:
    with atomic_file(path, force=force) as temporary:
        temporary.write_bytes(content)
    return path
