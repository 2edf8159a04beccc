"""Times as other programs write them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at: str) -> datetime:
    """
    The moment that a time in ISO 8601 names; UTC where it names no zone.

    Raises
    ------
    ValueError
        When it is no such time.

    """
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
