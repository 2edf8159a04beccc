"""A figure: a drawing, what it shows, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from alps.reports.drawing import Drawing, can_write_png
from alps.reports.table import Table


@dataclass(frozen=True)
class Figure:
    """
    What a figure shows.

    Attributes
    ----------
    name
        Of its files, without an ending.
    section
        Which figure of the paper it is; figures of one section stand together.
    title, caption
        What it shows: data set, split, k, strategies and how many of each.
    drawing
        The picture.
    columns, rows
        The numbers in it.

    """

    name: str
    section: str
    title: str
    caption: str
    drawing: Drawing
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def files(self) -> dict[str, bytes]:
        """Its single files by name: SVG, CSV, and PNG where matplotlib is there."""
        table = Table(self.name, self.title, self.caption, self.columns, self.rows)
        contents = {f"{self.name}.svg": str(self.drawing.svg()).encode(), f"{self.name}.csv": table.csv().encode()}
        if can_write_png():
            contents[f"{self.name}.png"] = self.drawing.png()
        return contents
