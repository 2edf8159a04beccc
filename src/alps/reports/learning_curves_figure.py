"""Learning curves (Figures 2 and 5): the score against the labels, with bands over the seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from alps.reports.chart import HEIGHT, WIDTH, Frame, Key, label_axis, legend, legend_height, score_axis
from alps.reports.drawing import Drawing, Line, Marks, Words, look_of
from alps.reports.figure import Figure
from alps.reports.score_curves import Panel, Point

KMEANS_PAIR = ("alps", "alps-kmeans++")


def learning_curves(panel: Panel, number: int) -> Figure:
    """Figure 2 of one panel: test scores of every strategy, and the whole pool's as a dashed line."""
    return curves_figure(panel, f"figure_2_panel_{number}", "Figure 2: learning curves", "test")


def kmeans_against_plus_plus(panel: Panel, number: int) -> Figure | None:
    """Figure 5 of one panel: validation scores with k-means and with k-means++; None where one of them is not there."""
    kept = panel.only(KMEANS_PAIR)
    if len([line for line in kept.lines if line.points("dev")]) < len(KMEANS_PAIR):
        return None
    section = "Figure 5: k-means against k-means++ (validation)"
    return curves_figure(kept, f"figure_5_panel_{number}", section, "dev")


def curves_figure(panel: Panel, name: str, section: str, part: str) -> Figure:
    """The curves of a panel on one part."""
    rows = tuple(
        (line.strategy, f"{point.n_labelled}", f"{point.mean:.4f}",
         "" if math.isnan(point.deviation) else f"{point.deviation:.4f}", str(point.n))
        for line in panel.lines
        for point in line.points(part)
    )  # fmt: skip
    columns = ("strategy", "labels", f"micro-F1 on {part}", "sample standard deviation", "n seeds")
    return Figure(name, section, panel.title, describe_panel(panel, part), draw(panel, part), columns, rows)


def describe_panel(panel: Panel, part: str = "test") -> str:
    """What a figure shows: data set, split, k, strategies with their seeds."""
    lines = ", ".join(f"{line.strategy} (n = {len(line.curves)} seeds)" for line in panel.lines)
    dashed = " Dashed: trained on the whole pool." if any(line.is_full for line in panel.lines) else ""
    return (
        f"{panel.title}; micro-F1 on {part}; {lines}. Bands: one sample standard deviation to either side of the mean "
        "over seeds, where n is at least 2; n is smaller in rounds that not every seed has finished, see the "
        f"tables.{dashed}"
    )


def draw(panel: Panel, part: str) -> Drawing:
    """The picture."""
    shown = [(line, line.points(part)) for line in panel.lines]
    ends = [end for _, points in shown for point in points for end in _band(point)]
    labels = [point.n_labelled for line, points in shown if not line.is_full for point in points]
    frame = Frame(label_axis(labels), score_axis(f"micro-F1 on {part}", ends, lowest=0.0, highest=1.0))
    parts = frame.parts()
    keys = []
    number = 0
    for line, points in shown:
        name = f"{line.strategy} (n = {len(line.curves)})"
        if line.is_full:
            keys.append(Key(name))
            parts += [Line(frame.level(points[-1].mean), width=1.6, dashed=True)] if points else []
        else:
            colour, shape = look_of(number)
            keys.append(Key(name, colour, shape))
            parts += _curve(points, frame, colour, shape)
            number += 1
    parts += legend(keys, HEIGHT)
    return Drawing(WIDTH, HEIGHT + legend_height(len(keys)), describe_panel(panel, part), parts)


def _curve(points: Sequence[Point], frame: Frame, colour: str, shape: int) -> list[Line | Marks | Words]:
    if not points:
        return []
    labels = [point.n_labelled for point in points]
    low, high = np.array([_band(point) for point in points]).T
    middle = frame.at(labels, [point.mean for point in points])
    band = np.concatenate([frame.at(labels, high), frame.at(labels, low)[::-1]])
    titles = [f"{point.n_labelled:,} labels: {point.mean:.3f} (n = {point.n})" for point in points]
    return [
        Line(band, colour, opacity=0.16, filled=True),
        Line(middle, colour, 2.0),
        Marks(middle, shape, colour, titles=titles),
    ]


def _band(point: Point) -> tuple[float, float]:
    half = 0.0 if math.isnan(point.deviation) else point.deviation
    return point.mean - half, point.mean + half
