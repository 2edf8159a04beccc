"""Where the files of a pool are: a path, a pattern, a URL, or a list of paths."""

from __future__ import annotations

import os
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.input_file import STANDARD_INPUT
from alps.pool.url import Url, is_url, matching


def find_places(source: Any) -> list[Path | Url] | None:
    """
    The files that a source names, in the order in which they are read; None when it names none.

    A string is a path if there is such a file; else a URL, or a pattern (`*`, `?`, `[a-z]`, and `**` for any
    folders), whose files are sorted by name. A list is one of files when it holds paths (`os.PathLike`) only: a
    list of strings is a list of texts.

    Raises
    ------
    AlpsError
        When no file matches a pattern.

    """
    if isinstance(source, os.PathLike):
        return [Path(source)]
    if isinstance(source, list | tuple) and source and all(isinstance(item, os.PathLike) for item in source):
        return [Path(item) for item in source]
    if not isinstance(source, str):
        return None
    if source == STANDARD_INPUT or exists(source):
        return [Path(source)]
    places: list[Path | Url]
    if is_url(source):
        places = [*matching(Url(source))]
    elif _is_pattern(source):
        names = sorted(glob(source, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        places = [Path(name) for name in names if not Path(name).is_dir()]
    else:
        return None
    if not places:
        shown = for_terminal(str(Url(source)), 80)
        raise AlpsError(f"No file matches '{shown}'; check the pattern, or put a single text into a list.")
    return places


def exists(source: str | os.PathLike[str]) -> bool:
    """Whether there is something of that name, even if it is a link to nothing."""
    try:
        return os.path.lexists(source)
    except (OSError, ValueError):  # a text may be too long for a name, or hold a zero character
        return False


def _is_pattern(source: str) -> bool:
    """Whether a string is a pattern of one line; a text with a question mark is one as well, but matches nothing."""
    return has_magic(source) and "\0" not in source
