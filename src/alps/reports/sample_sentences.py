"""Sentences that ALPS chose beside those that Random chose (Table 5)."""

from __future__ import annotations

from alps.base.text_safety import for_terminal
from alps.reports.run_texts import RunTexts
from alps.reports.score_curves import Panel
from alps.reports.table import Table
from alps.simulation.results import Curve

SENTENCE_PAIR = ("alps", "random")
_SHOWN, _WIDTH = 5, 200  # texts, and characters of each


def sample_sentences(panel: Panel, found: RunTexts, number: int) -> Table:
    """The first texts of the first batch of both, under the first seed that both ran with."""
    ours, theirs = panel.only(SENTENCE_PAIR).lines
    seeds = sorted({curve.cell.seed for curve in ours.curves} & {curve.cell.seed for curve in theirs.curves})
    rows: list[tuple[str, ...]] = []
    if seeds:
        texts = [_sentences(line.curves, seeds[0], found) for line in (ours, theirs)]
        rows = [(str(rank), *left, *right) for rank, (left, right) in enumerate(zip(*texts, strict=False), 1)]
    caption = (
        f"{panel.title}; split train; the first n = {len(rows)} of the k = {panel.settings.get('k')} texts that each "
        f"chose in round 1, seed {seeds[0] if seeds else 'none in common'}, with their gold labels."
    )
    columns = ("", "label", "text by alps", "label ", "text by random")
    return Table(
        f"table_5_panel_{number}", f"Table 5: sample sentences, {panel.dataset}", caption, columns, tuple(rows)
    )


def _sentences(curves: tuple[Curve, ...], seed: int, found: RunTexts) -> list[tuple[str, str]]:
    """Label and text of the first picks."""
    first = next(curve for curve in curves if curve.cell.seed == seed).rounds[0]
    texts = found.texts.take(found.places(first.picks[:_SHOWN]))
    return [(label, for_terminal(text, _WIDTH)) for label, text in zip(first.labels, texts, strict=False)]
