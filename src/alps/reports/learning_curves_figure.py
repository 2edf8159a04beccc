"""Learning curves as SVG and PNG (Figure 2): the score against the labels, with bands over the seeds."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.reports.score_curves import Panel, Point

# Okabe and Ito's colours, apart for the colour-blind and on light and dark ground; the shape of the points differs too.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c7ae6")
_MARKERS = ("o", "s", "^", "D", "v")
_SHAPES = ("m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "m-3.5-3.5h7v7h-7z", "m0-5l4.5 8h-9z", "m0-5l5 5-5 5-5-5z",
           "m0 5l4.5-8h-9z")  # fmt: skip
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 360, 48, 14, 12, 44
_STYLE = (
    "svg.curves{color:#1d1c1a}svg.curves text{fill:currentColor;font:12px system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg.curves{color:#ebe8e2}}@media print{svg.curves{color:#000}}"
)


def describe_panel(panel: Panel, part: str = "test") -> str:
    """What a figure shows: data set, split, k, strategies with their seeds."""
    lines = ", ".join(f"{line.strategy} (n = {len(line.curves)} seeds)" for line in panel.lines)
    return (
        f"{panel.title}; micro-F1 on {part}; {lines}. Bands: one sample standard deviation to either side of the mean "
        "over seeds, where n is at least 2; n is smaller in rounds that not every seed has "
        "finished, see the tables. Dashed: trained on the whole pool, where that was run."
    )


def learning_curves_svg(panel: Panel, part: str = "test") -> Markup:
    """One panel, with its own style, so that it can stand in a page or alone."""
    shown = [(line, line.points(part)) for line in panel.lines]
    scale = _Scale([points for line, points in shown if not line.is_full], [p for _, points in shown for p in points])
    rows = -(-len(shown) // 3)
    label = escape(for_terminal(describe_panel(panel, part)))
    parts = [
        f'<svg class="curves" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT + 20 * rows + 8}"><style>{_STYLE}</style>{scale.axes()}'
    ]
    number = 0
    for place, (line, points) in enumerate(shown):
        colour, shape = _COLOURS[number % len(_COLOURS)], _SHAPES[number % len(_SHAPES)]
        x, y = _LEFT + place % 3 * 195, _HEIGHT + 16 + 20 * (place // 3)
        if line.is_full:
            if points:
                parts.append(_rule(scale.y(points[-1].mean)))
            mark = f'<path d="M{x} {y - 4}h22" stroke="currentColor" stroke-width="2" stroke-dasharray="6 4"/>'
        else:
            parts.append(_curve(points, scale, colour, shape))
            mark = f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="2"/>'
            mark += f'<path d="M{x + 11} {y - 4}{shape}" fill="{colour}"/>'
            number += 1
        name = escape(for_terminal(line.strategy, 20))
        parts.append(f'{mark}<text x="{x + 28}" y="{y}">{name} (n = {len(line.curves)})</text>')
    return Markup("".join(parts) + "</svg>")


def learning_curves_png(panel: Panel, part: str = "test") -> bytes:
    """
    One panel for a publication, by matplotlib.

    Raises
    ------
    AlpsError
        When matplotlib is not installed.

    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise AlpsError("PNG figures need matplotlib; pip install 'alps-learn[figures]'.") from error
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for number, line in enumerate(panel.strategies):
        points, colour = line.points(part), _COLOURS[number % len(_COLOURS)]
        labels, means = [p.n_labelled for p in points], np.array([p.mean for p in points])
        half = np.array([p.deviation for p in points])
        marker = _MARKERS[number % len(_MARKERS)]
        name = _plain(f"{line.strategy} (n = {len(line.curves)})")
        axes.plot(labels, means, marker=marker, markersize=5, color=colour, label=name)
        axes.fill_between(labels, means - half, means + half, color=colour, alpha=0.16, linewidth=0)
    for line in panel.lines:
        if line.is_full and (points := line.points(part)):
            name = _plain(f"{line.strategy} (n = {len(line.curves)})")
            axes.axhline(points[-1].mean, color="black", linestyle="--", label=name)
    axes.set_xlabel("labels")
    axes.set_ylabel(f"micro-F1 on {part}")
    axes.set_title(_plain(panel.title), fontsize=10)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=200, metadata={"Software": None})
    return file.getvalue()


class _Scale:
    """Labels and scores as places in the picture."""

    def __init__(self, curves: Sequence[Sequence[Point]], all_points: Sequence[Point]) -> None:
        labels = [point.n_labelled for points in curves for point in points] or [0, 1]
        ends = [end for point in all_points for end in _band(point)] or [0.0, 1.0]
        self.labels = sorted(set(labels))
        self.low = math.floor(max(min(ends), 0) * 20) / 20
        self.high = max(math.ceil(min(max(ends), 1) * 20) / 20, self.low + 0.05)

    def x(self, n_labelled: int) -> float:
        first, last = self.labels[0], self.labels[-1]
        share = (n_labelled - first) / (last - first) if last > first else 0.5
        return _LEFT + 8 + share * (_WIDTH - _LEFT - _RIGHT - 16)

    def y(self, score: float) -> float:
        share = (min(max(score, self.low), self.high) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def axes(self) -> str:
        parts = []
        for score in np.linspace(self.low, self.high, 6):
            y = self.y(float(score))
            parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="currentColor" opacity=".15"/>')
            parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{score:.2f}</text>')
        for n_labelled in self.labels[:: -(-len(self.labels) // 10)]:
            x, y = self.x(n_labelled), _HEIGHT - _BOTTOM + 18
            parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{n_labelled:,}</text>')
        parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">labels</text>')
        return "".join(parts)


def _curve(points: Sequence[Point], scale: _Scale, colour: str, shape: str) -> str:
    if not points:
        return ""
    line = "L".join(f"{scale.x(p.n_labelled):.1f} {scale.y(p.mean):.1f}" for p in points)
    upper = [f"{scale.x(p.n_labelled):.1f} {scale.y(_band(p)[1]):.1f}" for p in points]
    lower = [f"{scale.x(p.n_labelled):.1f} {scale.y(_band(p)[0]):.1f}" for p in reversed(points)]
    marks = "".join(f'<path d="M{scale.x(p.n_labelled):.1f} {scale.y(p.mean):.1f}{shape}">{_told(p)}</path>'
                    for p in points)  # fmt: skip
    return (
        f'<path d="M{"L".join(upper + lower)}z" fill="{colour}" opacity=".16"/>'
        f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/><g fill="{colour}">{marks}</g>'
    )


def _told(point: Point) -> str:
    return f"<title>{point.n_labelled:,} labels: {point.mean:.3f} (n = {point.n})</title>"


def _rule(y: float) -> str:
    line = f"M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"
    return f'<path d="{line}" stroke="currentColor" stroke-width="1.6" stroke-dasharray="6 4"/>'


def _band(point: Point) -> tuple[float, float]:
    half = 0.0 if math.isnan(point.deviation) else point.deviation
    return point.mean - half, point.mean + half


def _plain(text: str) -> str:
    """A text that matplotlib does not read as mathematics."""
    return for_terminal(text).replace("$", r"\$")
