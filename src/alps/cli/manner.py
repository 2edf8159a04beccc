"""How much the command line tells: `--quiet`, `--verbose` and `--debug`, anywhere on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alps.base.errors import AlpsError

_FLAGS = {"--quiet": "quiet", "-q": "quiet", "--verbose": "verbose", "-v": "verbose", "--debug": "debug"}


@dataclass(frozen=True)
class Manner:
    """
    How much is told on standard error.

    Attributes
    ----------
    quiet
        Nothing but errors.
    verbose
        Every stage with its seconds, and what was computed and kept.
    debug
        Tracebacks, and the warnings of other libraries.

    """

    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    def check(self) -> None:
        """
        Refuse a contradiction.

        Raises
        ------
        AlpsError
            When nothing and everything is to be told.

        """
        if self.quiet and self.verbose:
            raise AlpsError("--quiet and --verbose contradict each other; leave one of them out.")


def split_manner(arguments: Sequence[str]) -> tuple[Manner, list[str]]:
    """
    The manner that a command line asks for, and the line without it; what follows a lone `--` is left alone.

    >>> split_manner(["select", "a.csv", "--debug", "--", "-q"])
    (Manner(quiet=False, verbose=False, debug=True), ['select', 'a.csv', '--', '-q'])
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    asked = {_FLAGS[argument]: True for argument in arguments[:end] if argument in _FLAGS}
    rest = [argument for argument in arguments[:end] if argument not in _FLAGS]
    return Manner(**asked), [*rest, *arguments[end:]]
