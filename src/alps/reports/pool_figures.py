"""The figures of a selection's page: the map of the pool, and how long and how surprising its texts are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from alps.base.text_safety import for_terminal
from alps.reports.selection_evidence import COMPARED, Evidence
from alps.reports.svg_histogram import Values, histogram
from alps.reports.svg_scatter import PointGroup, scatter
from alps.selection import Basis

_OF_A_TITLE = 70

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """
    A number of the texts of the pool and of each batch.

    Attributes
    ----------
    title, unit
        What it is.
    figure
        Its histogram.
    table
        By kind: lower quartile, median and upper quartile.
    n_sampled
        How many texts stand for the pool; None where all do.

    """

    title: str
    unit: str
    figure: Markup
    table: dict[str, list[str]]
    n_sampled: int | None


def draw_map(evidence: Evidence) -> Markup:
    """The pool's sample, Random's texts above it, and the picks on top."""
    batches = [(batch.kind, batch.name, batch.rows[:COMPARED]) for batch in evidence.batches()]
    chosen = np.concatenate([rows for _, _, rows in batches])
    groups = [_points(evidence, "pool", "", np.setdiff1d(evidence.sample, chosen))]
    groups += [_points(evidence, *batch) for batch in reversed(batches)]
    drawn = " and ".join(f"{len(rows):,} of {kind}" for kind, _, rows in batches)
    return scatter(groups, f"Map of {len(evidence.sample):,} texts of the pool, with {drawn}")


def _points(evidence: Evidence, kind: str, name: str, rows: Rows) -> PointGroup:
    beginnings = [for_terminal(evidence.beginnings[row], _OF_A_TITLE) for row in rows.tolist()]
    titles = [f"{name} {rank}: {text}" if name else text for rank, text in enumerate(beginnings, 1)]
    return PointGroup(kind, evidence.projection.points[np.searchsorted(evidence.mapped, rows)], titles)


def draw_distributions(basis: Basis, evidence: Evidence) -> list[Distribution]:
    """Tokens, and surprisal where the model gives it."""
    found = [_distribution(basis, evidence, "Length", "tokens", "n_tokens", evidence.n_tokens, "{:,.0f}")]
    if evidence.surprisal is not None:
        found.append(
            _distribution(basis, evidence, "Mean surprisal", "nats", "surprisal", evidence.surprisal, "{:.2f}")
        )
    return found


def _distribution(
    basis: Basis, evidence: Evidence, title: str, unit: str, fact: str, numbers: Numbers, form: str
) -> Distribution:
    is_whole = fact in basis.features.facts
    pool = basis.view.candidates if is_whole else evidence.sample
    groups = {"pool": _values(numbers, pool, basis.features.copies[pool])}
    for batch in evidence.batches():
        rows = batch.rows[:COMPARED]
        groups[batch.kind] = _values(numbers, rows, np.ones(len(rows)))
    table = {
        kind: [_shown(values.quantile(share), form) for share in (0.25, 0.5, 0.75)] for kind, values in groups.items()
    }
    medians = ", ".join(f"{kind} {quartiles[1]}" for kind, quartiles in table.items())
    label = f"{title} of the texts in {unit}, as shares of each set; medians: {medians}"
    n_sampled = None if is_whole or len(pool) == len(basis.view.candidates) else len(pool)
    return Distribution(title, unit, histogram(groups, label, unit), table, n_sampled)


def _values(numbers: Numbers, rows: Rows, weights: npt.NDArray[np.number]) -> Values:
    known = ~np.isnan(numbers[rows])
    return Values(numbers[rows[known]], weights[known].astype(np.float64))


def _shown(number: float, form: str) -> str:
    return "–" if math.isnan(number) else form.format(number)
