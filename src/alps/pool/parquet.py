"""Parquet: columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.checked import checked
from alps.pool.input_file import InputFile

BATCH_ROWS = 8192


def read_parquet(file: InputFile) -> Iterator[pa.RecordBatch]:
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
    except (pa.ArrowException, OSError, MemoryError) as error:
        what = for_terminal(str(error).partition(". ")[0].rstrip("."), 120)
        raise AlpsError(f"{file.name} cannot be read as Parquet ({what}); check the file or --format.") from None
