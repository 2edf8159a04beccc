"""
CSV and TSV files that alps wrote itself, told by their columns.

Their writer guards texts that a spreadsheet would take for formulas (`alps.base.text_safety.for_spreadsheet`), and
only there is it known that an apostrophe before such a text is that guard. In a file from elsewhere it may belong to
the text, as in a tweet that quotes ``'@somebody``, and every value stays the string it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from alps.base.text_safety import from_spreadsheet

# What `alps select` writes, and `alps export` of a project; further columns may stand beside them.
_COLUMNS = (
    frozenset({"rank", "id", "text", "cluster_size"}),
    frozenset({"id", "text", "label", "state", "copy_of"}),
)


def is_our_own(names: Collection[str]) -> bool:
    """Whether the columns of a file are those of one that alps wrote."""
    predicted = "predicted_label" in names and any(name.startswith("probability_") for name in names)
    return predicted or any(columns.issubset(names) for columns in _COLUMNS)


def without_guards(cells: Iterable[str]) -> list[str]:
    """
    The cells as they were before the writer guarded them.

    >>> without_guards(["'@user hi", "'tis", "-3.5"])
    ['@user hi', "'tis", '-3.5']
    """
    return [from_spreadsheet(cell) for cell in cells]
