"""
The store: what was computed for a text is kept, and found again by the text's own digest.

A store is a folder whose name is a digest of everything that decides the values (`store_key`). In it are append-only
shards, each an Arrow IPC file with a column ``digest`` and the values. A shard's file name is its manifest entry: it
holds the number of rows and the digest of the content, and comes into being with the content, by one rename. So a
shard is either whole or not there, whatever is killed when; any number of processes may append at once; and damage is
found when a shard is read. Damaged shards are set aside and their texts computed again.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from alps.base.atomic import TEMPORARY_SUFFIX, atomic_file, explain_os_error
from alps.base.errors import AlpsError, AlpsWarning

DESCRIPTION = "store.json"
_MAPPED_AT_ONCE = 10_000  # shards; Linux maps some 65,000 files for a process, and 100 million texts have as many
_SHARD = re.compile(r"(?P<rows>\d+)-(?P<nonce>[0-9a-f]{8})-(?P<digest>[0-9a-f]{32})\.arrow")


def store_key(settings: Mapping[str, Any]) -> str:
    """
    The name of the store for these settings, 32 hexadecimal digits.

    >>> store_key({"model": "a"}) == store_key({"model": "b"})
    False
    """
    return hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16).hexdigest()


class Store:
    """
    Append-only shards of rows keyed by text digest.

    Parameters
    ----------
    folder
        The cache folder; the store is a folder of its own inside, made when first written to.
    settings
        Everything that decides the values, as JSON-able scalars; written beside the shards for `alps cache`.
    schema
        The columns of a shard. The first is ``digest``, 16 bytes.
    description
        What else to write there, such as the name of the model.

    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        schema: pa.Schema,
        description: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.description = {**settings, **description}
        self.schema = schema
        self.folder = folder / store_key(settings)

    def append(self, rows: pa.Table) -> None:
        """
        Add rows as one new shard; when this returns they are on disk.

        Raises
        ------
        AlpsError
            When the disk is full or the folder cannot be written. Shards written before stay good.

        """
        if not rows.num_rows:
            return
        content = _to_bytes(rows.select(self.schema.names).cast(self.schema))
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        path = self.folder / f"{rows.num_rows}-{secrets.token_hex(4)}-{digest}.arrow"
        self.prepare()
        with atomic_file(path) as temporary:
            temporary.write_bytes(content)

    def shards(self) -> Iterator[pa.Table]:
        """Every whole shard, memory-mapped. A damaged one is set aside with a warning."""
        try:
            paths = sorted(self.folder.iterdir())
        except OSError:
            return
        for path in paths:
            entry = _SHARD.fullmatch(path.name)
            table = _read(path, entry["digest"]) if entry else None
            if table is not None and table.schema.equals(self.schema):
                yield table

    def find(self, digests: pa.Array) -> pa.Table:
        """
        All stored rows of some texts.

        Parameters
        ----------
        digests
            Distinct text digests, 16 bytes each, (n,).

        Returns
        -------
        pa.Table
            The stored columns and ``row`` (int32): which of `digests` each stored row is for. A text may have no
            row, one, or several.

        """
        found = [self.schema.empty_table().append_column("row", pa.array([], pa.int32()))]
        every = iter(self.shards())
        while group := list(islice(every, _MAPPED_AT_ONCE)):
            shards = pa.concat_tables(group)
            row = pc.index_in(shards["digest"], value_set=digests)  # the table for it is built once a group
            found.append(shards.append_column("row", row).filter(pc.is_valid(row)))  # copies what it keeps
        return pa.concat_tables(found)

    def prepare(self) -> None:
        """
        Make the store's folder, so that what cannot be written is known before the work is done.

        Raises
        ------
        AlpsError
            When it cannot be made.

        """
        description = self.folder / DESCRIPTION
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explain_os_error(error, self.folder) from error
        if not description.exists():
            with suppress(AlpsError), atomic_file(description, force=True) as temporary:
                temporary.write_text(json.dumps(self.description, indent=1, sort_keys=True))


class NoStore(Store):
    """Keeps what is appended in memory, for callers that want nothing on disk."""

    def __init__(self, schema: pa.Schema) -> None:
        super().__init__(Path(), {}, schema)
        self._kept: list[pa.Table] = []

    def prepare(self) -> None:
        """Nothing to do."""

    def append(self, rows: pa.Table) -> None:
        """Add rows."""
        self._kept.append(rows.select(self.schema.names).cast(self.schema))

    def shards(self) -> Iterator[pa.Table]:
        """Every shard."""
        yield from self._kept


def is_shard(path: Path) -> bool:
    """Whether a file has the name of a whole shard."""
    return _SHARD.fullmatch(path.name) is not None


def rows_of(path: Path) -> int:
    """Rows of a shard, from its name."""
    entry = _SHARD.fullmatch(path.name)
    return int(entry["rows"]) if entry else 0


def _to_bytes(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def _read(path: Path, digest: str) -> pa.Table | None:
    """The rows of a shard; None where it is gone meanwhile (`alps cache clear`) or damaged."""
    try:
        content = pa.memory_map(str(path)).read_buffer()
    except FileNotFoundError:
        return None
    except OSError as error:  # which says nothing of its content
        raise AlpsError(f"The store's shard {path} could not be opened ({error}); run the command again.") from error
    if hashlib.blake2b(content, digest_size=16).hexdigest() == digest:
        return pa.ipc.open_file(content).read_all()
    content = None  # Windows renames no file that is mapped
    if path.exists():
        warnings.warn(
            f"The store's shard {path.name} is damaged; its texts are computed again.",
            AlpsWarning,
            stacklevel=2,
        )
        with suppress(OSError):
            path.rename(path.with_suffix(f".damaged{TEMPORARY_SUFFIX}"))
    return None
