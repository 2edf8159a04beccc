"""A drawing of lines, marks and words, said once and shown as SVG for a page and as PNG for a publication."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal

INK = "currentColor"  # black on light ground, light on dark ground
# Okabe and Ito's colours and three more, apart for the colour-blind and on light and dark ground; shapes differ too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c7ae6", "#a0522d", "#7a7a7a")
N_SHAPES = 5
_SVG_SHAPES = ("m-{0} 0a{0} {0} 0 1 0 {1} 0a{0} {0} 0 1 0-{1} 0", "m-{0}-{0}h{1}v{1}h-{1}z",
               "m0-{0}l{0} {1}h-{1}z", "m0-{0}l{0} {0}-{0} {0}-{0}-{0}z", "m0 {0}l{0}-{1}h-{1}z")  # fmt: skip
_PNG_SHAPES = ("o", "s", "^", "D", "v")
_STYLE = (
    "svg.drawing{color:#1d1c1a}svg.drawing text{fill:currentColor;font-family:system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){svg.drawing{color:#ebe8e2}}@media print{svg.drawing{color:#000}}"
)
_POINTS_A_PIXEL = 0.72  # at 100 pixels an inch
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Straight lines through points, float64 (n, 2), in pixels from the upper left; or the area they enclose."""

    points: Points
    colour: str = INK
    width: float = 1.0
    opacity: float = 1.0
    dashed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Marks:
    """Marks of one kind at points, float64 (n, 2); what is told of each under the pointer, if anything."""

    points: Points
    shape: int = 0
    colour: str = INK
    size: float = 4.0
    opacity: float = 1.0
    outlined: bool = False
    titles: Sequence[str] = ()


@dataclass(frozen=True)
class Words:
    """One line of text; `angle` turns it, counter-clockwise in degrees."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 12.0
    angle: float = 0.0
    colour: str = INK


@dataclass(frozen=True)
class Drawing:
    """
    What is drawn, later parts on top of earlier ones.

    Attributes
    ----------
    width, height
        In pixels.
    label
        What is to be seen, in words, for those who do not see it.
    parts
        Lines, marks and words.

    """

    width: float
    height: float
    label: str
    parts: list[Line | Marks | Words] = field(default_factory=list)

    def svg(self) -> Markup:
        """As SVG with its own style, so that it can stand in a page or alone."""
        label = escape(for_terminal(self.label))
        begin = (
            f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}"><style>{_STYLE}</style>'
        )
        return Markup("".join([begin, *map(_svg, self.parts), "</svg>"]))

    def png(self) -> bytes:
        """
        As PNG, by matplotlib.

        Raises
        ------
        AlpsError
            When matplotlib is not installed.

        """
        if not can_write_png():
            raise AlpsError("PNG figures need matplotlib; pip install 'alps-learn[figures]'.")
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width / 100, self.height / 100))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        for part in self.parts:
            _draw(axes, part)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=200, metadata={"Software": None}, pil_kwargs={"compress_level": 1})
        return file.getvalue()


def can_write_png() -> bool:
    """Whether matplotlib is there."""
    return find_spec("matplotlib") is not None


def look_of(number: int) -> tuple[str, int]:
    """Colour and shape of the so many-th group: the first 45 differ."""
    return COLOURS[number % len(COLOURS)], number % N_SHAPES


def _svg(part: Line | Marks | Words) -> str:
    if isinstance(part, Words):
        turned = f' transform="rotate({-part.angle:g} {part.x:.1f} {part.y:.1f})"' if part.angle else ""
        colour = "" if part.colour == INK else f' style="fill:{part.colour}"'
        return (
            f'<text x="{part.x:.1f}" y="{part.y:.1f}" text-anchor="{part.anchor}" font-size="{part.size:g}"'
            f"{colour}{turned}>{escape(for_terminal(part.text))}</text>"
        )
    opacity = "" if part.opacity == 1 else f' opacity="{part.opacity:g}"'
    if isinstance(part, Marks):
        shape = _SVG_SHAPES[part.shape].format(f"{part.size:g}", f"{2 * part.size:g}")
        look = f'fill="{part.colour}"{opacity}'
        look += ' stroke="currentColor" stroke-width="1.2"' if part.outlined else ""
        places = [f"M{x:.1f} {y:.1f}{shape}" for x, y in part.points.tolist()]
        if not part.titles:
            return f'<path d="{"".join(places)}" {look}/>'
        titles = (escape(for_terminal(title)) for title in part.titles)
        paths = (
            f'<path d="{place}"><title>{title}</title></path>' for place, title in zip(places, titles, strict=True)
        )
        return f"<g {look}>{''.join(paths)}</g>"
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in part.points.tolist())
    if part.filled:
        return f'<path d="{path}z" fill="{part.colour}"{opacity}/>'
    dashes = ' stroke-dasharray="6 4"' if part.dashed else ""
    return f'<path d="{path}" fill="none" stroke="{part.colour}" stroke-width="{part.width:g}"{dashes}{opacity}/>'


def _draw(axes: object, part: Line | Marks | Words) -> None:
    colour = "black" if part.colour == INK else part.colour
    if isinstance(part, Words):
        axes.text(  # type: ignore[attr-defined]
            part.x, part.y, for_terminal(part.text).replace("$", r"\$"), color=colour, rotation=part.angle,
            fontsize=part.size * _POINTS_A_PIXEL * 0.95, ha=_ANCHORS[part.anchor], va="baseline",
            rotation_mode="anchor",
        )  # fmt: skip
        return
    x, y = part.points[:, 0], part.points[:, 1]
    if isinstance(part, Marks):
        edge = "black" if part.outlined else "none"
        axes.plot(  # type: ignore[attr-defined]
            x, y, linestyle="none", marker=_PNG_SHAPES[part.shape], color=colour, alpha=part.opacity,
            markersize=2 * part.size * _POINTS_A_PIXEL, markeredgecolor=edge, markeredgewidth=0.9,
        )  # fmt: skip
    elif part.filled:
        axes.fill(x, y, color=colour, alpha=part.opacity, linewidth=0)  # type: ignore[attr-defined]
    else:
        style, width = "--" if part.dashed else "-", part.width * _POINTS_A_PIXEL
        axes.plot(x, y, linestyle=style, color=colour, alpha=part.opacity, linewidth=width)  # type: ignore[attr-defined]
