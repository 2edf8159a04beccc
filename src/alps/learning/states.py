"""Where every text of a pool stands: unlabelled -> pending -> labelled or skipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.labelled import Label, label_names


@dataclass
class States:
    """
    The texts that are not simply unlabelled, by id.

    Attributes
    ----------
    labels
        Id -> label of the labelled texts, in the order in which they were first labelled.
    pending
        Ids that were queried and not answered yet, in the order of the queries.
    skipped
        Ids that somebody could not or would not label.

    """

    labels: dict[str, Label] = field(default_factory=dict)
    pending: dict[str, None] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)

    def taken(self) -> list[str]:
        """Ids that no query may return."""
        return [*self.labels, *self.pending, *self.skipped]

    def class_counts(self) -> Counter[str]:
        """How many labelled texts each class has."""
        return Counter(name for label in self.labels.values() for name in label_names(label))

    def queried(self, ids: Iterable[str]) -> None:
        """Unlabelled texts become pending."""
        self.pending.update(dict.fromkeys(ids))

    def labelled(self, labels: Mapping[str, Label]) -> None:
        """Texts in any state become labelled; a second label takes the place of the first."""
        for name, label in labels.items():
            self.pending.pop(name, None)
            self.skipped.pop(name, None)
            self.labels[name] = label

    def skip(self, ids: Collection[str]) -> None:
        """
        Texts that are not labelled become skipped.

        Raises
        ------
        AlpsError
            When one is labelled: a label is taken back with `release` only.

        """
        for name in ids:
            if name in self.labels:
                raise AlpsError(f"The text '{for_terminal(name, 40)}' is labelled; release it before it is skipped.")
        for name in ids:
            self.pending.pop(name, None)
            self.skipped[name] = None

    def release(self, ids: Iterable[str]) -> None:
        """Texts in any state become unlabelled; their labels are forgotten."""
        for name in ids:
            for state in (self.labels, self.pending, self.skipped):
                state.pop(name, None)
