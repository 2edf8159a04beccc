"""The cache folder: where it is, what is in it, and clearing it."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from alps.base.atomic import TEMPORARY_SUFFIX
from alps.base.errors import AlpsError
from alps.shards.store import DESCRIPTION, is_shard, rows_of

VARIABLE = "ALPS_CACHE_DIR"
_STORE = re.compile("[0-9a-f]{32}")  # see `store_key`


@dataclass(frozen=True)
class StoreSize:
    """
    One store of the cache folder.

    Attributes
    ----------
    folder
        Where it is.
    settings
        What its values were computed with.
    n_shards, n_rows, n_bytes
        How much is in it.

    """

    folder: Path
    settings: dict[str, Any]
    n_shards: int
    n_rows: int
    n_bytes: int


def default_cache_folder() -> Path:
    """The folder named by the environment variable ``ALPS_CACHE_DIR``, else the platform's cache folder for alps."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("alps", appauthor=False)


def list_stores(folder: Path) -> list[StoreSize]:
    """The stores in a cache folder, largest first."""
    found = []
    for store in _stores(folder):
        shards = [path for path in store.iterdir() if is_shard(path)]
        try:
            settings = json.loads((store / DESCRIPTION).read_text())
        except (OSError, ValueError):
            settings = {}
        n_bytes = sum(_size(path) for path in store.iterdir())
        found.append(StoreSize(store, settings, len(shards), sum(map(rows_of, shards)), n_bytes))
    return sorted(found, key=lambda store: (-store.n_bytes, store.folder.name))


def clear(folder: Path) -> int:
    """
    Remove every store of a cache folder, and nothing else that may be in it.

    Returns
    -------
    int
        Bytes freed.

    Raises
    ------
    AlpsError
        When a store cannot be removed.

    """
    stores = list_stores(folder)
    for store in stores:
        try:
            for path in store.folder.iterdir():
                if _is_ours(path):
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise AlpsError(f"{store.folder} cannot be removed ({error.strerror}); remove it by hand.") from error
        with suppress(OSError):  # only when nothing else is in it
            store.folder.rmdir()
    with suppress(OSError):  # only when nothing else is in it
        folder.rmdir()
    return sum(store.n_bytes for store in stores)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # another process has just finished or removed it
        return 0


def _stores(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    named = [path for path in inside if _STORE.fullmatch(path.name) and path.is_dir()]
    return [path for path in named if (path / DESCRIPTION).is_file() or _has_shard(path)]


def _is_ours(path: Path) -> bool:
    """Whether a file of a store is one that we write: a shard, its description, or what a crash or damage left."""
    left_behind = path.name.endswith(TEMPORARY_SUFFIX) and path.name.startswith((".", *"0123456789"))
    return path.is_file() and (is_shard(path) or path.name == DESCRIPTION or left_behind)


def _has_shard(folder: Path) -> bool:
    return any(is_shard(path) for path in folder.iterdir())
