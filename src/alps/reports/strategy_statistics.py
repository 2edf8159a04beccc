"""What can be said of strategies over data sets and seeds: ranks, pairs, and the labels that a score takes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from alps.analysis.comparison import Comparison, compare
from alps.analysis.learning_curve import labels_needed, points, summarise_labels_needed
from alps.reports.score_curves import OF_DATA, Line, Panel, summary
from alps.reports.table import Table
from alps.simulation.results import Curve

_OF_FULL = 0.95  # of the score with all labels


def compare_settings(panels: Sequence[Panel]) -> list[tuple[str, Comparison]]:
    """
    The strategies compared over all data sets that ran in one setting: its name, and what was found.

    Data sets of one name that are not the same are compared apart.
    """
    groups: dict[str, list[Panel]] = defaultdict(list)
    for panel in panels:
        common = {name: value for name, value in panel.settings.items() if name not in OF_DATA}
        setting, number = json.dumps([panel.classifier, common], sort_keys=True), 0
        while any(other.dataset == panel.dataset for other in groups[f"{number} {setting}"]):
            number += 1
        groups[f"{number} {setting}"].append(panel)
    found = []
    for group in groups.values():
        names = " + ".join(panel.dataset for panel in group)
        title = names + group[0].title.removeprefix(group[0].dataset)
        curves = [curve for panel in group for line in panel.strategies for curve in _scored(line)]
        if curves:
            found.append((title, compare(curves)))
    return found


def average_ranks(compared: Sequence[tuple[str, Comparison]]) -> Table:
    """Average ranks and Friedman's test."""
    rows = []
    for title, found in compared:
        p = "not tested" if found.friedman_p is None else f"{found.friedman_p:.3g}"
        for each in sorted(found.strategies, key=lambda one: (one.average_rank is None, one.average_rank or 0.0)):
            rank = "none" if each.average_rank is None else f"{each.average_rank:.2f}"
            interval = "none" if each.interval is None else f"{each.interval[0]:.4f} to {each.interval[1]:.4f}"
            rows.append((title, each.strategy, rank, str(found.n_common_blocks), f"{each.mean_area:.4f}", interval,
                         str(each.n_blocks), p))  # fmt: skip
    return Table(
        "average_ranks",
        "Average ranks of the strategies",
        "By the area under the curve on test, over n blocks, that is data sets times seeds; 1 is the best; ranks over "
        "the blocks in common, which all strategies finished that ran on every data set; the others have none. The "
        "mean area is the mean over data sets, its 95 % interval the bootstrap's, seeds resampled inside data sets. "
        "Friedman's p, over the blocks in common: the chance of ranks so far apart if all strategies were alike; not "
        f"tested with fewer than three strategies or two blocks.{_left_out(compared)}",
        (
            "runs",
            "strategy",
            "average rank",
            "n blocks in common",
            "mean area",
            "95 % interval",
            "n blocks",
            "Friedman's p",
        ),
        tuple(rows),
    )


def comparisons(compared: Sequence[tuple[str, Comparison]]) -> Table:
    """What can be said of every two strategies, in words; see `alps.analysis.comparison.compare`."""
    rows = [
        (title, pair.first, pair.second, pair.sentence, f"{pair.holm_p:.3g}", f"{pair.effect_size:+.2f}",
         str(pair.n_blocks))
        for title, found in compared
        for pair in found.pairs
    ]  # fmt: skip
    designs = " ".join(dict.fromkeys(found.design_sentence for _, found in compared))
    return Table(
        "comparisons",
        "Strategies compared in pairs",
        "Area under the curve on test; Wilcoxon's signed-rank test over n blocks (data sets times seeds), corrected by "
        f"Holm; effect size: matched-pairs rank-biserial correlation, from -1 to 1. {designs}{_left_out(compared)}",
        ("runs", "first", "second", "in words", "p after Holm", "effect size", "n blocks"),
        tuple(rows),
    )


def _left_out(compared: Sequence[tuple[str, Comparison]]) -> str:
    """A sentence on the curves that are not compared; empty where there are none."""
    n = sum(found.left_out for _, found in compared)
    if not n:
        return ""
    which = "1 curve is not counted here, as it does" if n == 1 else f"{n} curves are not counted here, as they do"
    return f" {which} not cover the same labels as the longest of its data set."


def labels_to_reach(panels: Sequence[Panel]) -> Table:
    """How many labels each strategy took to reach the end of Random, and nearly the score of the whole pool."""
    rows = []
    for panel in panels:
        for what, score in _targets(panel):
            for line in panel.strategies:
                needed = [labels_needed(*points(curve), score) for curve in _scored(line)]
                if needed:
                    found = summarise_labels_needed(needed)
                    median = f"more than {found.more_than:,}" if found.median is None else f"{found.median:,.0f}"
                    rows.append((panel.title, f"{score:.4f}: {what}", line.strategy, median,
                                 f"{found.n_reached} of {found.n}", _ends(found.ended), str(found.n)))  # fmt: skip
    return Table(
        "labels_to_reach",
        "Labels to reach a score",
        "Median over n seeds of the labels after the first round whose micro-F1 on test is at least the score. A run "
        "that ended before it got there, finished or not, counts as one that needs more than the labels it had "
        "(Kaplan and Meier's median); it is not left out. Random's score is after the last round that all of its seeds "
        "have finished.",
        ("panel", "score", "strategy", "median labels", "runs that reached it", "others ended after", "n seeds"),
        tuple(rows),
    )


def _scored(line: Line) -> list[Curve]:
    """The curves that were scored on test."""
    return [curve for curve in line.curves if "test" in curve.rounds[-1].scores]


def _ends(ended: Sequence[int]) -> str:
    """The labels after which runs ended: their range."""
    return "" if not ended else f"{ended[0]:,}" + (f" to {ended[-1]:,}" if ended[-1] > ended[0] else "")


def _targets(panel: Panel) -> list[tuple[str, float]]:
    """Scores to reach, with what they are; each the mean of all seeds that there are."""
    targets = []
    for line in panel.lines:
        seeds = _scored(line)
        if seeds and (line.is_full or line.strategy == "random"):
            n_rounds = min(len(curve.rounds) for curve in seeds)
            mean, _, n = summary([points(curve).scores[n_rounds - 1] for curve in seeds])
            of = "1 seed" if n == 1 else f"the mean of {n} seeds"
            if line.is_full:
                targets.append((f"{_OF_FULL:.0%} of what the whole pool gives, {of}", _OF_FULL * mean))
            else:
                n_labelled = seeds[0].rounds[n_rounds - 1].n_labelled
                targets.append((f"what random had after {n_labelled:,} labels, {of}", mean))
    return targets
