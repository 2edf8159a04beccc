"""The report of runs: one page that needs nothing else, and every table and figure as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from alps.base.atomic import atomic_file
from alps.reports.figure import Figure
from alps.reports.learning_curves_figure import KMEANS_PAIR, kmeans_against_plus_plus, learning_curves
from alps.reports.left_out import FROM_TEXTS, LeftOut, left_out_table, without_strategies
from alps.reports.published_tables import published_beside, published_elsewhere
from alps.reports.run_tables import SINGLE_PAIR, area_table, data_sets, runtime, scores, single_against_iterative
from alps.reports.score_curves import Panel, gather_panels, without_repetitions
from alps.reports.strategy_statistics import average_ranks, compare_settings, comparisons, labels_to_reach
from alps.reports.table import Table
from alps.reports.token_fractions import FRACTION_STRATEGIES, token_fractions
from alps.reports.visible_text import visible
from alps.simulation.results import FULL, read_run

if TYPE_CHECKING:
    from alps.reports.run_texts import TextFinder

PAGE = "report.html"


@dataclass(frozen=True)
class RunReport:
    """Everything a report has: panels, figures in the order of the page, and tables."""

    panels: list[Panel]
    figures: list[Figure]
    tables: list[Table]


def write_run_report(
    runs: Sequence[Path], folder: Path, *, force: bool = False, finder: TextFinder | None = None
) -> list[Path]:
    """
    Write the page and the single files; return their paths, the page first.

    PNG files need matplotlib and are left out without it.

    Parameters
    ----------
    runs
        Folders of results.
    folder
        Where the files go.
    force
        Whether files that exist are replaced.
    finder
        Opens the texts of the data sets; without, what is made from them is left out.

    Raises
    ------
    AlpsError
        When a folder holds no run, two runs hold the same cell, or a file exists and `force` is not set.

    """
    report = make_report(gather_panels(curve for run in runs for curve in read_run(run)), finder)
    contents = {PAGE: run_page(runs, report).encode()}
    for table in report.tables:
        contents[f"{table.name}.csv"] = table.csv().encode()
        contents[f"{table.name}.md"] = table.markdown().encode()
        contents[f"{table.name}.tex"] = table.latex().encode()
    for figure in report.figures:
        contents |= figure.files()
    return [_write(content, folder / name, force=force) for name, content in contents.items()]


def make_report(panels: list[Panel], finder: TextFinder | None) -> RunReport:
    """The figures and tables that there is something for, and a table of those left out."""
    timed, panels = panels, without_repetitions(panels)
    from_texts, samples, left = _from_texts(panels, finder)
    numbered = list(enumerate(panels, 1))
    curves = [learning_curves(panel, number) for number, panel in numbered]
    kmeans = [found for number, panel in numbered if (found := kmeans_against_plus_plus(panel, number)) is not None]
    figures = sorted([*from_texts, *curves, *kmeans], key=lambda figure: figure.section)
    compared = compare_settings(panels)
    fractions, single = token_fractions(panels), single_against_iterative(panels)
    numbers = [
        data_sets(panels), area_table(panels), average_ranks(compared), comparisons(compared), labels_to_reach(panels),
        single, fractions, *samples, published_beside(panels), published_elsewhere(panels), scores(panels, "test"),
        scores(panels, "dev"),
    ]  # fmt: skip
    left = [*_missing(panels, fractions, single), *left]
    tables = [table for table in numbers if table.rows]
    return RunReport(panels, figures, [*tables, runtime(timed), left_out_table(left)])


def run_page(runs: Sequence[Path], report: RunReport) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("alps.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"number": "{:,}".format, "visible": visible}
    sections = [(section, list(figures)) for section, figures in groupby(report.figures, lambda each: each.section)]
    lines = [line for panel in report.panels for line in panel.lines]
    return environment.get_template("run_report.html").render(
        version=version("alps-learn"),
        runs=[run.resolve().name for run in runs],
        sections=[(f"figure-{section.partition(':')[0].split()[1]}", section, each) for section, each in sections],
        tables=report.tables,
        n_curves=sum(len(line.curves) for line in lines),
        n_rounds=sum(len(curve.rounds) for line in lines for curve in line.curves),
        n_panels=len(report.panels),
    )


def _from_texts(panels: Sequence[Panel], finder: TextFinder | None) -> tuple[list[Figure], list[Table], list[LeftOut]]:
    """What is made from texts; the models are loaded for this alone."""
    if finder is None:
        return [], [], [LeftOut(panel.title, FROM_TEXTS, "They were not wanted (--no-texts).") for panel in panels]
    from alps.reports.text_artefacts import text_artefacts

    return text_artefacts(panels, finder)


def _missing(panels: Sequence[Panel], fractions: Table, single: Table) -> list[LeftOut]:
    """What other strategies would give."""
    left = []
    for panel in panels:
        left += without_strategies(panel, "the dashed line of Figure 2", [FULL])
        left += without_strategies(panel, "Figure 5", KMEANS_PAIR)
        if not single.rows:
            left += without_strategies(panel, "Table 3", SINGLE_PAIR)
        if not fractions.rows:
            left += without_strategies(panel, "Table 4", FRACTION_STRATEGIES)
        if len([line for line in panel.strategies if line.points("dev")]) < len(panel.strategies):
            left.append(LeftOut(panel.title, "scores on dev", "Some of its runs have none."))
    return left


def _write(content: bytes, path: Path, *, force: bool) -> Path:
    with atomic_file(path, force=force) as temporary:
        temporary.write_bytes(content)
    return path
