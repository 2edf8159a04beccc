"""Distributions of a number over pool, picks and Random's texts, as SVG: shares, so that they can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

WIDTH, HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 10, 10, 36
_BINS = 20


@dataclass(frozen=True)
class Values:
    """
    A number of each of n texts.

    Attributes
    ----------
    numbers
        float64 (n,), none NaN.
    weights
        How often each counts, (n,).

    """

    numbers: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]

    def quantile(self, share: float) -> float:
        """The smallest number that at least this share of the weight does not exceed; NaN where there is none."""
        if not len(self.numbers):
            return math.nan
        order = np.argsort(self.numbers, kind="stable")
        reached = np.cumsum(self.weights[order])
        return float(self.numbers[order][np.searchsorted(reached, share * reached[-1])])


def histogram(groups: Mapping[str, Values], label: str, unit: str) -> Markup:
    """
    Draw distributions over each other: the pool as bars, the others as lines.

    Parameters
    ----------
    groups
        By kind: ``pool``, and ``random`` or ``picks``.
    label
        What is to be seen, in words.
    unit
        What stands below the axis.

    Notes
    -----
    The last bin holds everything above the axis' end, where one in a hundred of the texts are.

    """
    edges = _edges(groups)
    shares = {kind: _shares(values, edges) for kind, values in groups.items()}
    step = nice_step(max(float(share.max()) for share in shares.values()) / 2)
    top = max(step * math.ceil(max(float(share.max()) for share in shares.values()) / step), step)
    x = np.linspace(_LEFT, WIDTH - _RIGHT, len(edges)).tolist()

    def y(share: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * share / top

    parts = [
        f'<svg class="histogram" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" aria-label="{escape(label)}">',
        *_grid([(y(i * step), f"{i * step:.0%}") for i in range(round(top / step) + 1)]),
        *_ticks(edges, x),
        f'<text class="unit" x="{(_LEFT + WIDTH - _RIGHT) / 2:g}" y="{HEIGHT - 4}">{escape(unit)}</text>',
    ]
    for kind, share in shares.items():
        heights = [y(value) for value in share.tolist()]
        parts.append(f'<path class="{kind}" d="{_steps(x, heights, y(0.0), closed=kind == "pool")}"/>')
    return Markup("".join([*parts, "</svg>"]))


def nice_step(rough: float) -> float:
    """
    The smallest of 1, 2 and 5 times a power of ten that is at least this.

    >>> [nice_step(x) for x in (0.013, 0.3, 4, 5)]
    [0.02, 0.5, 5.0, 5.0]
    """
    power = math.floor(math.log10(rough)) if rough > 0 else 0
    steps = [factor * 10**power if power >= 0 else factor / 10**-power for factor in (1, 2, 5, 10)]
    return float(next(step for step in steps if step >= rough * (1 - 1e-9)))


def _edges(groups: Mapping[str, Values]) -> npt.NDArray[np.float64]:
    """Borders of the bins from 0 on: every value but the largest hundredth lies below the last but one."""
    highest = max((group.quantile(0.99) for group in groups.values() if len(group.numbers)), default=1.0)
    width = nice_step(max(highest, 1e-3) / _BINS)
    if all((group.numbers == np.rint(group.numbers)).all() for group in groups.values()):
        width = max(width, 1)
    return np.asarray(np.arange(max(math.ceil(highest / width), 1) + 2) * width, dtype=np.float64)


def _shares(values: Values, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    inside = np.clip(values.numbers, edges[0], np.nextafter(edges[-1], 0))
    counts, _ = np.histogram(inside, edges, weights=values.weights)
    return np.asarray(counts / max(float(counts.sum()), 1e-12), dtype=np.float64)


def _steps(x: list[float], heights: list[float], ground: float, *, closed: bool) -> str:
    """The outline of bars from the first to the last that is not empty."""
    full = [i for i, height in enumerate(heights) if height < ground]
    if not full:
        return ""
    first, last = full[0], full[-1]
    path = f"M{x[first]:.1f} {ground:.1f}"
    for i in range(first, last + 1):
        path += f"V{heights[i]:.1f}H{x[i + 1]:.1f}"
    return path + f"V{ground:.1f}" + ("z" if closed else "")


def _grid(lines: list[tuple[float, str]]) -> list[str]:
    return [
        f'<path class="axes" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
        f'<text class="share" x="{_LEFT - 5}" y="{y + 4:.1f}">{text}</text>'
        for y, text in lines
    ]


def _ticks(edges: npt.NDArray[np.float64], x: list[float]) -> list[str]:
    """Numbers below the axis, at most six, and at the begin of the open bin what it begins with."""
    every = max(1, math.ceil((len(edges) - 2) / 5))
    at = [i for i in range(0, len(edges) - 1, every) if i <= len(edges) - 2]
    return [f'<text x="{x[i]:.1f}" y="{HEIGHT - _BOTTOM + 15}">{edges[i]:g}</text>' for i in at]
