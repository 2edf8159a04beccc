"""Giving memory back to the operating system."""

from __future__ import annotations

import ctypes
import sys


def return_free_memory() -> None:
    """
    Give back what has been freed, where the C library can (glibc).

    Batches of ever other sizes leave holes in the heap: without this, 40,000 texts through a small model ended at
    1.4 GB instead of half of it.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
