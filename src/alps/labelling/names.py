"""Names that people give, to classes and to themselves, and the keys that stand for classes."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.labelled import BETWEEN_LABELS

MAX_NAME_CHARACTERS = 200
MAX_ID_CHARACTERS = 1000  # of the id of a text
_DIGITS = "1234567890"
_COMMAND_KEYS = "zsfnwbgar"  # see page/keys.js


def keys_of(names: Sequence[str]) -> list[str]:
    """One key for each class: the digits, then a letter of its name, then any letter; none where all are taken."""
    keys = [*_DIGITS[: len(names)]]
    free = dict.fromkeys(letter for letter in ascii_lowercase if letter not in _COMMAND_KEYS)
    for name in names[len(_DIGITS) :]:
        wanted = [letter for letter in name.lower() if letter in free]
        keys.append(next(iter(wanted or free), ""))
        free.pop(keys[-1], None)
    return keys


def checked_name(name: str, what: str) -> str:
    """
    The name of a class or an annotator, without white space around it.

    Raises
    ------
    AlpsError
        When nothing is left, it is too long, not one line of text, or has in it what stands between labels.

    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_CHARACTERS or any(ord(character) < 32 for character in name):
        raise AlpsError(f"The name of {'an annotator' if what == 'annotator' else 'a class'} is one line of 1 to "
                        f"{MAX_NAME_CHARACTERS} characters.")  # fmt: skip
    if BETWEEN_LABELS in name:
        raise AlpsError(f"The name '{for_terminal(name, 40)}' has a '{BETWEEN_LABELS}' in it, which stands between "
                        "several names; choose another.")  # fmt: skip
    return name
