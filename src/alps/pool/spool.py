"""Record batches in a temporary file that is mapped into memory: a pool may be larger than the memory."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from alps.base.atomic import explain_os_error
from alps.pool.unite import unite

IN_MEMORY_BYTES = 32 << 20


def spool(batches: Iterable[pa.RecordBatch], folder: Path | None = None, in_memory: int = IN_MEMORY_BYTES) -> pa.Table:
    """
    Gather record batches in one table; columns that differ from batch to batch are brought together by `unite`.

    Parameters
    ----------
    batches
        Read one at a time.
    folder
        Where the temporary file goes; the folder of the system for such files when None.
    in_memory
        How many bytes may stay in memory; what is larger goes to the file as a whole.

    Raises
    ------
    AlpsError
        When the disk is full. Nothing is left behind: the file has no name, or loses it with the process.

    """
    held: list[pa.RecordBatch] = []
    size = 0
    rest = iter(batches)
    for batch in rest:
        held.append(batch)
        size += batch.nbytes
        if size > in_memory:
            break
    else:
        return unite([pa.Table.from_batches([batch]) for batch in held])
    place = Path(tempfile.gettempdir()) if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        # On every platform the file vanishes with its last handle, and the memory map below holds one.
        with tempfile.TemporaryFile(dir=place) as file:
            _write(file, held)
            held.clear()
            _write(file, rest)
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise explain_os_error(error, place) from error
    return unite(_read(pa.py_buffer(mapped)))


def _write(file: BinaryIO, batches: Iterable[pa.RecordBatch]) -> None:
    """A stream of the Arrow IPC format for every run of batches with the same columns, one after another."""
    for schema, run in groupby(batches, key=lambda batch: batch.schema):
        with pa.ipc.new_stream(file, schema) as writer:
            for batch in run:
                writer.write_batch(batch)


def _read(buffer: pa.Buffer) -> list[pa.Table]:
    source = pa.BufferReader(buffer)
    tables = []
    while source.tell() < source.size():
        tables.append(pa.ipc.open_stream(source).read_all())
    return tables
