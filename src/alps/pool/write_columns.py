"""Tables as Parquet and Arrow: columns keep their types."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """Write a table to an open file as Parquet."""
    import pyarrow.parquet as pq

    pq.write_table(table, file)


def write_arrow(table: pa.Table, file: BinaryIO) -> None:
    """Write a table to an open file in Arrow's file format, which is also that of Feather; it can be mapped."""
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
