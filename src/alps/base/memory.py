"""Giving memory back to the operating system."""

from __future__ import annotations

import ctypes
import sys


def return_free_memory() -> None:
    """Give back what has been freed, where the C library can (glibc)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
