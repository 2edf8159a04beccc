"""One line for the person at the terminal, on standard error, so that output can be piped."""

from __future__ import annotations

import sys
from contextlib import suppress

from alps.base.text_safety import for_terminal


def tell(line: str) -> None:
    """Write a line, made harmless; that nobody can read it is no reason to stop."""
    with suppress(OSError):
        sys.stderr.write(for_terminal(line) + "\n")
        sys.stderr.flush()
