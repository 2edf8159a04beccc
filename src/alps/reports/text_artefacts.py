"""The figures and tables that are made from texts: those there is everything for, and why the others are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alps.base.errors import AlpsError
from alps.reports.cluster_figure import centre_figures, cluster_figures
from alps.reports.diversity_figure import diversity_figure
from alps.reports.embedding_figure import embedding_figure
from alps.reports.figure import Figure
from alps.reports.learning_curves_figure import KMEANS_PAIR
from alps.reports.left_out import FROM_TEXTS, LeftOut, without_strategies
from alps.reports.run_texts import RunTexts, TextFinder
from alps.reports.sample_sentences import SENTENCE_PAIR, sample_sentences
from alps.reports.score_curves import Panel
from alps.reports.table import Table

_SAME_FOR_EVERY_CLASSIFIER = {"Figure 1", "Figure 4"}

Maker = Callable[[Panel, RunTexts, int], Figure | Table | list[Figure]]


def text_artefacts(panels: Sequence[Panel], finder: TextFinder) -> tuple[list[Figure], list[Table], list[LeftOut]]:
    """
    Everything that is made from texts.

    Parameters
    ----------
    panels
        What may be compared.
    finder
        Opens the texts.

    """
    made: list[Figure | Table] = []
    left: list[LeftOut] = []
    done: set[tuple[str, str]] = set()
    for number, panel in enumerate(panels, 1):
        try:
            found = finder.of(panel)
        except AlpsError as error:
            left.append(LeftOut(panel.title, FROM_TEXTS, str(error)))
            continue
        for what, needed, make in _makers(panel):
            setting = (what, f"{panel.dataset} {panel.settings}")
            if what in _SAME_FOR_EVERY_CLASSIFIER and setting in done:
                continue
            done.add(setting)
            lacking = without_strategies(panel, what, needed)
            left += lacking
            if not lacking:
                try:
                    result = make(panel, found, number)
                except AlpsError as error:
                    left.append(LeftOut(panel.title, what, str(error)))
                else:
                    made += result if isinstance(result, list) else [result]
    figures = sorted((each for each in made if isinstance(each, Figure)), key=lambda figure: figure.section)
    return figures, [each for each in made if isinstance(each, Table)], left


def _makers(panel: Panel) -> list[tuple[str, Sequence[str], Maker]]:
    """What is made of a panel, the strategies that it needs, and how."""
    makers: list[tuple[str, Sequence[str], Maker]] = [
        ("Figure 1", (), embedding_figure),
        ("Figure 3", () if panel.strategies else ("alps", "random"), diversity_figure),
        ("Figure 4", (), cluster_figures),
        ("Figure 6", KMEANS_PAIR, centre_figures),
        ("Table 5", SENTENCE_PAIR, sample_sentences),
    ]
    return makers
