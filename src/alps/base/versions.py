"""Versions of Python and of packages, for the record of how something was made."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

PYTHON = "python"


def versions(*names: str) -> dict[str, str]:
    """
    Name -> version; `PYTHON` is the interpreter's.

    >>> sorted(versions("python", "numpy"))
    ['numpy', 'python']
    """
    return {name: _version(name) for name in names}


@cache
def _version(name: str) -> str:
    """Read once: to look for one in the metadata takes milliseconds, and every selection asks for several."""
    return platform.python_version() if name == PYTHON else version(name)
