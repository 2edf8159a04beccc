"""What the command line names as the pool: one thing of any kind, or several files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alps.base.errors import AlpsError


def pool_source(sources: Sequence[str]) -> str | list[Path]:
    """
    What `read_pool` takes for the words on the command line.

    Raises
    ------
    AlpsError
        When there are none, or several of which one is no file.

    """
    from alps.pool.places import find_places

    if not sources:
        raise AlpsError("There is nothing to read; name a file, or bbc-news to try it; see alps select --help.")
    if len(sources) == 1:
        return sources[0]
    files: list[Path] = []
    for source in sources:
        for place in find_places(source) or [Path(source)]:
            if not isinstance(place, Path):
                raise AlpsError(f"{place} is read alone only; several sources must be files of this machine.")
            files.append(place)
    return files


def files_of(*sources: str | list[Path] | None) -> list[Path]:
    """The files of this machine that sources name, where they are files."""
    from alps.pool.places import find_places

    return [place for source in sources for place in find_places(source) or [] if isinstance(place, Path)]
