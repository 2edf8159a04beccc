"""What the command line names as the pool: one thing of any kind, or several files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alps.base.errors import AlpsError


def pool_source(sources: Sequence[str]) -> str | list[Path]:
    """
    What `read_pool` takes for the words on the command line.

    Raises
    ------
    AlpsError
        When there are none, one is nothing that can be read, or one of several is no file.

    """
    from alps.pool.data_sets import is_hub_name
    from alps.pool.read import DEMOS

    if not sources:
        raise AlpsError("There is nothing to read; name a file, or bbc-news to try it; see alps select --help.")
    places: list[Any] = []
    for source in sources:
        found = _places(source)
        if found is None and source not in DEMOS and not is_hub_name(source):
            demos = ", ".join(DEMOS)
            raise AlpsError(f"{source} does not exist; check the name and the folder, or try the demo {demos}.")
        places += [source] if found is None else found
    if len(sources) == 1:
        return sources[0]
    for place in places:
        if not isinstance(place, Path):
            raise AlpsError(f"{place} is read alone only; several sources must be files of this machine.")
    return places


def files_of(*sources: str | list[Path] | None) -> list[Path]:
    """The files of this machine that sources name."""
    return [place for source in sources for place in _places(source) or [] if isinstance(place, Path)]


def _places(source: Any) -> list[Any] | None:
    """What `find_places` says, but no URL is looked at: that may take long, and is done once, when it is read."""
    from alps.pool.places import find_places
    from alps.pool.url import Url, is_url

    return [Url(source)] if isinstance(source, str) and is_url(source) else find_places(source)
