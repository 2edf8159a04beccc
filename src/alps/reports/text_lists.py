"""The chosen texts as lists of cards: the picks, and Random's texts beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from alps.reports.selection_evidence import SHOWN, Batch, Evidence
from alps.reports.shaded_text import ShadedText, shaded_text
from alps.reports.visible_text import one_line
from alps.selection import Basis

# Bytes of all texts in full, most of them the markup of tokens, so that a page of 200 picks stays below 5 MB; and the
# most of one text. Of 400 texts each has 7,000: 126 tokens, as many as are read by default, take some 6,500.
_BYTES = 2_800_000
_OF_ONE_TEXT = 100_000
_OF_ONE_MEMBER = 160
_OF_A_FURTHER_TEXT = 120
_FURTHER_TEXTS = 2_000  # listed in short behind those shown in full


@dataclass(frozen=True)
class Card:
    """
    One text on the page.

    Attributes
    ----------
    rank, id, text
        What it is.
    facts
        What is known of it, short sentences.
    members
        Texts it stands for, HTML.

    """

    rank: int
    id: str
    text: ShadedText
    facts: list[str]
    members: list[Markup]


@dataclass(frozen=True)
class TextList:
    """
    The texts of one batch.

    Attributes
    ----------
    kind, name
        ``picks`` or ``random``, and what a single one is called.
    cards
        The first `SHOWN`.
    further
        Beginnings of those that follow, HTML.
    n_left_out
        How many are not even listed.

    """

    kind: str
    name: str
    cards: list[Card]
    further: list[Markup]
    n_left_out: int


def text_lists(basis: Basis, evidence: Evidence) -> list[TextList]:
    """The picks, and Random's texts."""
    lists = []
    for batch in evidence.batches():
        limit = min(_BYTES // (len(batch.texts) * len(evidence.batches())), _OF_ONE_TEXT)
        cards = [_card(evidence, batch, i, limit, with_members=batch.kind == "picks") for i in range(len(batch.texts))]
        rows = basis.view.rows[batch.rows[SHOWN : SHOWN + _FURTHER_TEXTS]]
        further = [one_line(text, _OF_A_FURTHER_TEXT) for text in basis.pool.texts.take(rows).to_pylist()]
        lists.append(TextList(batch.kind, batch.name, cards, further, max(len(batch.rows) - SHOWN - _FURTHER_TEXTS, 0)))
    return lists


def _card(evidence: Evidence, batch: Batch, i: int, limit: int, *, with_members: bool) -> Card:
    facts = []
    spans = None if batch.spans is None else batch.spans[i]
    if spans is not None:
        looked_at = [span.nats for span in spans if span.evaluated or evidence.evaluation is None]
        of = f"{len(looked_at):,} of {len(spans):,}" if evidence.evaluation is not None else f"{len(spans):,}"
        facts.append(f"{of} {_plural(len(spans), 'token')}{'' if evidence.evaluation is None else ' evaluated'}")
        if looked_at:
            facts.append(f"{math.fsum(looked_at) / len(looked_at):.2f} nats each on average")
    members: list[Markup] = []
    if with_members and evidence.members is not None:
        size = int(evidence.members.sizes[i])
        facts.append(f"stands for {size:,} {_plural(size, 'text')}")
        members = [one_line(evidence.member_texts[row], _OF_ONE_MEMBER) for row in evidence.members.nearest[i].tolist()]
    return Card(i + 1, batch.ids[i], shaded_text(batch.texts[i], spans, limit), facts, members)


def _plural(n: int, word: str) -> str:
    return word if n == 1 else f"{word}s"
