"""Diversity of the picks against their uncertainty, by round and strategy (Figure 3; equations 3 and 4)."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from alps.analysis.diversity import diversities
from alps.analysis.uncertainty import mean_entropies
from alps.reports.chart import HEIGHT, WIDTH, Frame, Key, legend, legend_height, score_axis
from alps.reports.drawing import Drawing, Line, Marks, Words, look_of
from alps.reports.figure import Figure
from alps.reports.pool_entropy import pool_entropy
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel, summary
from alps.simulation.results import Curve

_MEASURES = ("diversity", "uncertainty", "diversity of the batch", "uncertainty of the batch")


@dataclass(frozen=True)
class RoundMeasures:
    """Mean and sample standard deviation of the four `_MEASURES` after a round, over n seeds."""

    strategy: str
    n_labelled: int
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    n: int


def diversity_figure(panel: Panel, found: RunTexts, number: int) -> Figure:
    """Figure 3 of one panel."""
    entropy, whose = pool_entropy(panel, found)
    measured = [each for line in panel.strategies for each in measure(line.strategy, line.curves, found, entropy)]
    caption = (
        f"{panel.title}; the texts labelled up to each round (split train, {found.texts.n:,} texts); the mean over "
        "seeds: "
        + ", ".join(f"{line.strategy} (n = {len(line.curves)})" for line in panel.strategies)
        + ". Diversity: equation 3, word pieces of what is labelled against those of the others. Uncertainty: equation "
        f"4, mean predictive entropy in nats (at most ln {len(found.data.classes)} = "
        f"{math.log(len(found.data.classes)):.2f}) under {whose}. The first "
        "and the last round bear the number of labels; the CSV has the measures of each batch alone too."
    )
    columns = ("strategy", "labels", *(f"{name}{what}" for name in _MEASURES for what in ("", ", sd")), "n seeds")
    rows = tuple(
        (each.strategy, str(each.n_labelled), *_numbers(each), str(each.n)) for each in measured
    )  # fmt: skip
    return Figure(
        f"figure_3_panel_{number}", "Figure 3: diversity against uncertainty", panel.title, caption,
        draw(measured, caption), columns, rows,
    )  # fmt: skip


def measure(
    strategy: str, curves: tuple[Curve, ...], found: RunTexts, entropy: npt.NDArray[np.float64]
) -> list[RoundMeasures]:
    """
    Equations 3 and 4 after every round of a strategy, of all that is labelled and of the batch.

    Parameters
    ----------
    strategy, curves
        What it is called, and its runs.
    found, entropy
        The texts of the pool, and the predictive entropy of each, float64 (n,).

    """
    values: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    for curve in curves:
        batches = [found.places(finished.picks) for finished in curve.rounds]
        several = [
            measured_by(batches, cumulative=cumulative)
            for cumulative in (True, False)
            for measured_by in (partial(diversities, found.tokens), partial(mean_entropies, entropy))
        ]
        for finished, *of_round in zip(curve.rounds, *several, strict=True):
            values[finished.n_labelled].append(tuple(of_round))
    measured = []
    for n_labelled in sorted(values):
        found_here = [summary(list(column)) for column in zip(*values[n_labelled], strict=True)]
        means, deviations = (tuple(each[i] for each in found_here) for i in (0, 1))
        measured.append(RoundMeasures(strategy, n_labelled, means, deviations, len(values[n_labelled])))
    return measured


def draw(measured: list[RoundMeasures], label: str) -> Drawing:
    """A path for every strategy, from its first round to its last."""
    axis_across = score_axis("uncertainty in nats", [each.means[1] for each in measured], lowest=0.0)
    frame = Frame(axis_across, score_axis("diversity", [each.means[0] for each in measured], lowest=0.0, highest=1.0))
    parts, keys = frame.parts(), []
    for number, strategy in enumerate(dict.fromkeys(each.strategy for each in measured)):
        colour, shape = look_of(number)
        own = [each for each in measured if each.strategy == strategy]
        points = frame.at([each.means[1] for each in own], [each.means[0] for each in own])
        titles = [f"{strategy}, {each.n_labelled:,} labels (n = {each.n})" for each in own]
        parts += [Line(points, colour, 1.2, opacity=0.6), Marks(points, shape, colour, titles=titles)]
        for place in dict.fromkeys((0, len(own) - 1)):
            x, y = points[place]
            parts.append(Words(x + 7, y - 6, f"{own[place].n_labelled:,}", size=10))
        keys.append(Key(f"{strategy} (n = {own[0].n})", colour, shape))
    return Drawing(WIDTH, HEIGHT + legend_height(len(keys)), label, [*parts, *legend(keys, HEIGHT)])


def _numbers(each: RoundMeasures) -> list[str]:
    pairs = zip(each.means, each.deviations, strict=True)
    return ["" if np.isnan(value) else f"{value:.4f}" for pair in pairs for value in pair]
