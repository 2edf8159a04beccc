"""Numbers of things in messages."""

from __future__ import annotations


def counted(n: int, what: str) -> str:
    """
    So many things, by their name in the singular.

    >>> counted(1, "text"), counted(0, "text")
    ('1 text', '0 texts')
    """
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
