"""
How text stands in the cells of a workbook (ECMA-376 part 1, 22.9.2.19, ST_Xstring).

What XML cannot hold, and a carriage return, which XML would make a line feed, stand as `_x000D_`; a text that
already looks so has its underscore written in the same way.
"""

from __future__ import annotations

import re

_NEEDS_ESCAPE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def to_cell(text: str) -> str:
    r"""
    A text as a cell holds it.

    >>> to_cell("bell\a, _x0007_")
    'bell_x0007_, _x005F_x0007_'
    """
    return _NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def from_cell(text: str) -> str:
    """Undo `to_cell`, and what other programs escaped; a half of a surrogate pair, which is no character, stays."""
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)
