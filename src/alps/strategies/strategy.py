"""What a row of the table of strategies says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Strategy:
    """
    A way to choose texts: a representation and a selector.

    Attributes
    ----------
    name
        What `--strategy` takes.
    summary
        When to use it, one sentence.
    representation
        Where the features come from: a module of `alps.representations`, or ``package.module`` of another package, with
        a function ``represent``. None where the selector looks at no features.
    selector
        A module of `alps.selectors`, or of another package, with a function ``select``.
    needs
        What it looks through: ``masked language model``, ``encoder``, ``classifier``, or beside that a ``fine-tuned
        encoder``; whether it asks the user for ``label words``; nothing for Random.
    uses_labelled
        Whether the selector looks at the texts that are known already: labelled, excluded, asked, or chosen by another
        part of a mixture.
    needs_labels
        Whether it looks at those of them only that have a label.
    keeps_order
        Whether the picks stay in the selector's own order, because it is random or the method's; otherwise they are put
        in an order of which every prefix covers the pool.
    schedule
        ``every round``, or ``all at once``: what a `Learner` queries is chosen by one selection and handed out in
        batches.
    gives_weights
        Whether each pick counts in training by the size of its cluster; see `Selection.weights`.
    multi_label
        Whether it serves where a text may have several labels; a strategy that looks at no predictions always does.
    first_batch
        The strategy that chooses the first batch of one that needs a classifier.
    cost
        Of one batch: t iterations, n texts, m labelled or sampled ones, k picks, l token positions, d features, C
        classes.
    source
        Paper and section.
    representation_options, selector_options
        Options that make this row differ from another of the same modules.
    representation_defaults
        Options of the representation that are so unless somebody says otherwise.

    """

    name: str
    summary: str
    representation: str | None
    selector: str
    needs: frozenset[str] = frozenset()
    uses_labelled: bool = False
    needs_labels: bool = False
    keeps_order: bool = False
    schedule: str = "every round"
    gives_weights: bool = False
    multi_label: bool = True
    first_batch: str = "random"
    cost: str = ""
    source: str = ""
    representation_options: Mapping[str, Any] = field(default_factory=dict)
    selector_options: Mapping[str, Any] = field(default_factory=dict)
    representation_defaults: Mapping[str, Any] = field(default_factory=dict)
