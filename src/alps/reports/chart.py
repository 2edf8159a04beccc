"""A frame with two axes into which curves are drawn, ticks at round numbers, and a legend below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alps.base.text_safety import for_terminal
from alps.reports.drawing import INK, Line, Marks, Points, Words
from alps.reports.svg_histogram import nice_step

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 12, 44
_INSET = 8  # between the frame and the first point
_COLUMNS, _ROW = 3, 20


@dataclass(frozen=True)
class Axis:
    """What one axis shows: its name, its ends and its ticks."""

    name: str
    low: float
    high: float
    ticks: tuple[float, ...]
    form: Callable[[float], str]

    def share(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Where values lie between the ends, from 0 to 1; beyond them is at them."""
        width = self.high - self.low
        shares = (np.clip(np.asarray(values, dtype=np.float64), self.low, self.high) - self.low) / (width or 1.0)
        return np.asarray(shares if width else np.full_like(shares, 0.5))


def score_axis(name: str, values: Sequence[float], *, lowest: float = -math.inf, highest: float = math.inf) -> Axis:
    """
    An axis from one round number to another, about five steps apart, around some values.

    >>> score_axis("micro-F1", [0.412, 0.57, 0.71]).ticks
    (0.4, 0.5, 0.6, 0.7, 0.8)
    """
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = max(min(known), lowest), min(max(known), highest)
    step = nice_step(max((high - low) / 5, 1e-3))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = tuple(round(i * step, places) for i in range(first, last + 1))
    return Axis(name, ticks[0], ticks[-1], ticks, lambda tick: f"{tick:.{places}f}")


def label_axis(labels: Sequence[int]) -> Axis:
    """An axis of numbers of labels, with ticks at at most ten of them."""
    known = sorted(set(labels)) or [0, 1]
    ticks = tuple(float(label) for label in known[:: -(-len(known) // 10)])
    return Axis("labels", known[0], known[-1], ticks, lambda tick: f"{tick:,.0f}")


@dataclass(frozen=True)
class Frame:
    """Two axes as places in a drawing of `WIDTH` by `HEIGHT`."""

    across: Axis
    up: Axis

    def at(self, across: npt.ArrayLike, up: npt.ArrayLike) -> Points:
        """Values as places, float64 (n, 2)."""
        x = _LEFT + _INSET + self.across.share(across) * (WIDTH - _LEFT - _RIGHT - 2 * _INSET)
        y = HEIGHT - _BOTTOM - self.up.share(up) * (HEIGHT - _TOP - _BOTTOM)
        return np.stack(np.broadcast_arrays(x, y), axis=1)

    def level(self, up: float) -> Points:
        """The two ends of a level line."""
        y = float(self.at([self.across.low], [up])[0, 1])
        return np.array([[_LEFT, y], [WIDTH - _RIGHT, y]])

    def parts(self) -> list[Line | Marks | Words]:
        """Grid, ticks and the names of the axes."""
        parts: list[Line | Marks | Words] = []
        for tick in self.up.ticks:
            line = self.level(tick)
            parts += [
                Line(line, opacity=0.15),
                Words(_LEFT - 6, line[0, 1] + 4, self.up.form(tick), "end"),
            ]
        for tick in self.across.ticks:
            x = float(self.at([tick], [self.up.low])[0, 0])
            parts.append(Words(x, HEIGHT - _BOTTOM + 18, self.across.form(tick), "middle"))
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(Words(middle, HEIGHT - 8, self.across.name, "middle"))
        parts.append(Words(14, (_TOP + HEIGHT - _BOTTOM) / 2, self.up.name, "middle", angle=90))
        return parts


@dataclass(frozen=True)
class Key:
    """A line of a legend: a mark of a shape, or a dashed line where there is none."""

    name: str
    colour: str = INK
    shape: int | None = None
    is_line: bool = True


def legend(keys: Sequence[Key], top: float, *, left: float = _LEFT, width: float = WIDTH) -> list[Line | Marks | Words]:
    """Keys in three columns below `top`."""
    parts: list[Line | Marks | Words] = []
    column = (width - left) / _COLUMNS
    for place, key in enumerate(keys):
        x, y = left + place % _COLUMNS * column, top + 16 + _ROW * (place // _COLUMNS)
        if key.is_line:
            parts.append(Line(np.array([[x, y - 4], [x + 22, y - 4]]), key.colour, 2.0, dashed=key.shape is None))
        if key.shape is not None:
            parts.append(Marks(np.array([[x + 11.0, y - 4.0]]), key.shape, key.colour))
        parts.append(Words(x + 28, y, for_terminal(key.name, 26)))
    return parts


def legend_height(n_keys: int) -> float:
    """How high a legend is."""
    return -(-n_keys // _COLUMNS) * _ROW + 8
