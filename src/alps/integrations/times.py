"""Times that files of other tools name."""

from __future__ import annotations

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.base.times import moment


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
