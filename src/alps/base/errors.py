"""The error that a user can cause, and the warning that a user should read."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class AlpsError(Exception):
    """
    A mistake or a circumstance that the user can do something about.

    The message is one sentence: what is wrong, where (file, row, column), and what to do. The command line prints
    it without a traceback and ends with exit code 2. Settings are named as on the command line: ``--text-column`` is
    the argument `text_column` in Python.
    """


class AlpsWarning(UserWarning):
    """Something the user cannot see but should know, such as texts that were cut at the length limit."""


def require(module: str, extra: str) -> ModuleType:
    """
    Import an optional dependency.

    Raises
    ------
    AlpsError
        When it is not installed; names the extra that brings it.

    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        message = f"The package {error.name} is not installed; run: pip install 'alps-learn[{extra}]'"
        raise AlpsError(message) from error
