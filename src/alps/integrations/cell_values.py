"""What a spreadsheet makes of the name of a class: of TRUE a truth value and of 05 a number, which are other words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?")
_TRUTHS = ("true", "false")


def meant(word: str, names: Iterable[str]) -> str:
    """
    The only name that has the value of a word; the word itself where there is none, or several.

    >>> meant("true", ["TRUE", "no"]), meant("5", ["05", "1.0"]), meant("1", ["1.0", "01"]), meant("Bad", ["bad"])
    ('TRUE', '05', '1', 'Bad')
    """
    value = _value(word)
    found = {name for name in names if _value(name) == value}
    return found.pop() if value is not None and len(found) == 1 else word


def _value(word: str) -> str | Decimal | None:
    if word.lower() in _TRUTHS:
        return word.lower()
    return Decimal(word) if _NUMBER.fullmatch(word) else None
