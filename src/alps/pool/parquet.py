"""Parquet: columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import is_text
from alps.pool.input_file import InputFile

BATCH_ROWS = 8192


def read_parquet(file: InputFile, text_column: str | None = None) -> Iterator[pa.RecordBatch]:
    """
    Read Parquet, a few thousand rows at a time.

    Raises
    ------
    AlpsError
        When the file is not Parquet, is damaged, or has text that is not UTF-8: names the row.

    """
    import pyarrow.parquet as pq

    file.handle.seek(0)
    try:
        yield from checked(pq.ParquetFile(file.handle).iter_batches(BATCH_ROWS), file.name)
    except (pa.ArrowException, OSError) as error:
        what = for_terminal(str(error).partition(". ")[0].rstrip("."), 120)
        raise AlpsError(f"{file.name} cannot be read as Parquet ({what}); check the file or --format.") from None


def checked(batches: Iterator[pa.RecordBatch], source: str) -> Iterator[pa.RecordBatch]:
    """
    Pass record batches on, without the metadata of their makers, when their strings are UTF-8.

    Raises
    ------
    AlpsError
        For a string that is not: names its row, counted from 1.

    """
    n_rows = 0
    for batch in batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if is_text(column.type):
                _check_utf8(column, name, n_rows, source)
        n_rows += batch.num_rows
        yield batch.replace_schema_metadata(None)


def _check_utf8(column: pa.Array, name: str, first_row: int, source: str) -> None:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        kind = pa.binary_view() if pa.types.is_string_view(column.type) else pa.large_binary()
        for row, value in enumerate(column.cast(kind).to_pylist(), start=first_row + 1):
            try:
                (value or b"").decode()
            except UnicodeDecodeError as error:
                where = f"{source}, row {row}, column '{for_terminal(name, 40)}'"
                byte = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
                raise AlpsError(f"{where}: {byte} is not UTF-8; write the file again in UTF-8.") from None
        raise
