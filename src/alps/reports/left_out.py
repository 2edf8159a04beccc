"""What a report has not, and what would give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alps.reports.score_curves import Panel
from alps.reports.table import Table

FROM_TEXTS = "Figures 1, 3, 4 and 6, Table 5"


@dataclass(frozen=True)
class LeftOut:
    """A table or figure that is not there: of which panel, which, and why."""

    panel: str
    what: str
    why: str


def without_strategies(panel: Panel, what: str, wanted: Sequence[str]) -> list[LeftOut]:
    """Nothing where the panel has all these strategies; otherwise that it lacks some of them."""
    there = {line.strategy for line in panel.lines}
    missing = [name for name in wanted if name not in there]
    if not missing:
        return []
    options = " ".join(f"--strategy {name}" for name in missing)
    return [LeftOut(panel.title, what, f"It needs {' and '.join(missing)}: run alps simulate again with {options}.")]


def left_out_table(found: Sequence[LeftOut]) -> Table:
    """All of them."""
    rows = tuple(dict.fromkeys((each.panel, each.what, each.why) for each in found))
    caption = "Tables and figures of the paper that these runs have nothing for." if rows else "Nothing."
    return Table("left_out", "What is left out, and why", caption, ("panel", "left out", "why"), rows)
