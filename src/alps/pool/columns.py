"""Which column holds the texts: found when there is no doubt, asked for when there is."""

from __future__ import annotations

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal

WELL_KNOWN_NAMES = frozenset(
    {
        "abstract", "article", "body", "comment", "comment_text", "content", "description", "document",
        "headline", "message", "paragraph", "post", "premise", "question", "review", "review_text",
        "reviewtext", "sentence", "sentence1", "sms", "snippet", "summary", "texts", "tweet", "utterance",
        "verbatim",
    }
)  # fmt: skip


def find_text_column(names: list[str], wanted: str | None, source: str) -> str:
    """
    The name of the column that holds the texts: the one asked for, else the one that is found without doubt.

    Raises
    ------
    AlpsError
        When there is no such column or any doubt; lists the columns.

    """
    listed = listed_names(names)
    if wanted is not None and wanted not in names:
        asked = for_terminal(wanted, 40)
        raise AlpsError(f"{source} has no column '{asked}'; choose --text-column from: {listed}.")
    found = wanted or well_known_text_column(names)
    if found is None:
        doubt = "which column holds the texts is not clear"
        raise AlpsError(f"{source}: {doubt}; choose --text-column from: {listed}.")
    return found


def well_known_text_column(names: list[str]) -> str | None:
    """The column called `text`; else the only one; else the only one with a well-known name; else None."""
    called_text = [name for name in names if name.strip().lower() == "text"]
    well_known = [name for name in names if name.strip().lower() in WELL_KNOWN_NAMES]
    candidates = called_text or (names if len(names) == 1 else well_known)
    return candidates[0] if len(candidates) == 1 else None


def listed_names(names: list[str]) -> str:
    """Columns as a message lists them: the first thirty, safe for a terminal."""
    return ", ".join(for_terminal(name, 40) for name in names[:30]) + (", ..." if len(names) > 30 else "")


def check_text_type(data_type: pa.DataType, name: str, source: str) -> None:
    """
    Make sure that a column can hold texts.

    Raises
    ------
    AlpsError
        When it holds something else, such as numbers; names the type.

    """
    if pa.types.is_dictionary(data_type):
        data_type = data_type.value_type
    if not is_text(data_type) and not pa.types.is_null(data_type):
        shown = for_terminal(name, 40)
        raise AlpsError(
            f"{source}: column '{shown}' holds {for_terminal(str(data_type), 60)}, not text; "
            "name another --text-column or store it as text."
        )


def is_text(data_type: pa.DataType) -> bool:
    """Whether a type is one of Arrow's three kinds of string."""
    return bool(
        pa.types.is_string(data_type) or pa.types.is_large_string(data_type) or pa.types.is_string_view(data_type)
    )


def refuse_repeated_names(names: list[str], source: str) -> None:
    """
    Make sure that every column has a name of its own.

    Raises
    ------
    AlpsError
        When two columns have the same name.

    """
    for position, name in enumerate(names):
        if name in names[:position]:
            first = names.index(name) + 1
            shown = for_terminal(name, 40)
            raise AlpsError(
                f"{source}: columns {first} and {position + 1} are both called '{shown}'; rename one of them."
            )


def filled_names(names: list[str]) -> list[str]:
    """
    The names of a header; a column without one, such as the index that pandas writes, gets its number.

    >>> filled_names(["", "text"])
    ['column_1', 'text']
    """
    return [name if name.strip() else f"column_{position}" for position, name in enumerate(names, start=1)]
