"""The option ``--label-words``: ``positive=great,good`` says a class and the words that say it."""

from __future__ import annotations

from collections.abc import Sequence

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal


def parse_label_words(given: Sequence[str]) -> dict[str, list[str]]:
    """
    The words of each class.

    Raises
    ------
    AlpsError
        When a class has no words, or is named twice.

    >>> parse_label_words(["positive=great,good", "negative=bad"])
    {'positive': ['great', 'good'], 'negative': ['bad']}

    """
    words: dict[str, list[str]] = {}
    for one in given:
        label, _, listed = one.partition("=")
        label, found = label.strip(), [word.strip() for word in listed.split(",") if word.strip()]
        if not label or not found:
            raise AlpsError(f"--label-words '{for_terminal(one, 60)}' is not like positive=great,good; correct it.")
        if label in words:
            raise AlpsError(f"--label-words names '{for_terminal(label, 40)}' twice; put its words together.")
        words[label] = found
    return words
