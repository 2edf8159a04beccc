"""The three standard streams: closed, full, broken, or of an encoding that cannot show every text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alps.base.atomic import explain_os_error


@contextmanager
def standard_streams() -> Iterator[None]:
    """
    Open what is closed, and flush standard output at the end.

    Raises
    ------
    AlpsError
        When standard output cannot be written, such as on a full disk.
    SystemExit
        When whoever read standard output has left, as `head` does.

    """
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        sys.stdout = None  # or the interpreter would try to write once more at its end
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        raise explain_os_error(error, Path("standard output")) from error


def _open_closed() -> None:
    """A closed stream is None in Python, and its number would be given to the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
