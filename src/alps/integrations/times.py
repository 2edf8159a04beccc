"""Times that files of other tools name."""

from __future__ import annotations

from datetime import UTC, datetime

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal


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


def checked_time(at: str | None, name: str, where: str) -> str | None:
    """
    A time as a file has it; None where it has none.

    Raises
    ------
    AlpsError
        When it is not in ISO 8601; says where.

    """
    if not at:
        return None
    try:
        moment(at)
    except ValueError:
        raise AlpsError(
            f"{where}: '{name}' is '{for_terminal(at, 40)}', which is no time such as 2026-11-25T08:00:00+00:00; "
            "correct or remove it."
        ) from None
    return at
