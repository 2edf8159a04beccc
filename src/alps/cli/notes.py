"""Warnings of ours as notes on standard error; those of other libraries only when debugging."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from alps.base.errors import AlpsWarning
from alps.cli.manner import Manner
from alps.cli.tell import tell


@contextmanager
def warnings_as_notes(manner: Manner) -> Iterator[None]:
    """Show each of our warnings as one line, unless nothing is to be told."""

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        if issubclass(category, AlpsWarning):
            if not manner.quiet:
                tell(f"Note: {message}")
        elif manner.debug:
            tell(warnings.formatwarning(message, category, filename, lineno, line))

    with warnings.catch_warnings():
        warnings.simplefilter("always", AlpsWarning)
        warnings.showwarning = show
        yield
