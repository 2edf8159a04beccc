"""Points of a plane as SVG: the pool in the background, batches on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

WIDTH = 520
_MARGIN = 14
_HEIGHTS = (260, 420)

# Shapes differ as well as colours; each is drawn around its point.
_SHAPES = {
    "pool": '<circle cx="{x}" cy="{y}" r="1.8">{title}</circle>',
    "random": '<path d="M{x} {y}m0-5l5 5-5 5-5-5z">{title}</path>',
    "picks": '<circle cx="{x}" cy="{y}" r="4.4">{title}</circle>',
}


@dataclass(frozen=True)
class PointGroup:
    """
    Points drawn alike.

    Attributes
    ----------
    kind
        ``pool``, ``random`` or ``picks``: its shape, and its class in the style sheet.
    points
        float64 (n, 2).
    titles
        What is told of each point under the pointer, n texts.

    """

    kind: str
    points: npt.NDArray[np.float64]
    titles: Sequence[str]


def scatter(groups: Sequence[PointGroup], label: str) -> Markup:
    """
    Draw groups of points, one unit as long upwards as to the side; `label` says in words what is to be seen.

    Later groups lie on top of earlier ones.
    """
    points = np.concatenate([group.points for group in groups])
    low = points.min(axis=0)
    spread = points.max(axis=0) - low
    wide, high = (float(length) or 1.0 for length in spread)
    height = round(min(max(WIDTH * high / wide, _HEIGHTS[0]), _HEIGHTS[1]))
    scale = min((WIDTH - 2 * _MARGIN) / wide, (height - 2 * _MARGIN) / high)
    middle = low + spread / 2
    parts = [
        f'<svg class="scatter" role="img" viewBox="0 0 {WIDTH} {height}" aria-label="{escape(label)}">'
        f'<path class="axes" d="M{WIDTH / 2:g} 0V{height}M0 {height / 2:g}H{WIDTH}"/>'
    ]
    for group in groups:
        at = (group.points - middle) * (scale, -scale) + (WIDTH / 2, height / 2)
        parts.append(f'<g class="{group.kind}">')
        for (x, y), title in zip(at.tolist(), group.titles, strict=True):
            shape = _SHAPES[group.kind]
            parts.append(shape.format(x=f"{x:.1f}", y=f"{y:.1f}", title=f"<title>{escape(title)}</title>"))
        parts.append("</g>")
    return Markup("".join([*parts, "</svg>"]))
