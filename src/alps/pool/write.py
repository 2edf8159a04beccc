"""Write tables to files, whole or not at all, in the format that the name of the file tells."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from alps.base.atomic import atomic_file, check_writable
from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import refuse_repeated_names
from alps.pool.compression import compression_of_name
from alps.pool.formats import FORMATS, Format, format_of_name
from alps.pool.write_delimited import write_csv

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_name", "write_csv", "write_table"]


def write_table(table: pa.Table, path: Path, force: bool = False) -> None:
    """
    Write a file, whole or not at all; its name tells the format (`FORMATS`) and, as in `.csv.gz`, the compression.

    Raises
    ------
    AlpsError
        When the file exists and `force` is not set, cannot be written, has a name that tells no format that is
        written, or the format cannot hold the table.

    """
    row = _format_of(path)
    refuse_repeated_names(table.schema.names, for_terminal(str(path)))
    compression = compression_of_name(path.name)
    with atomic_file(path, force=force) as temporary, temporary.open("wb") as file:
        packed = nullcontext(file) if compression is None else closing(compression.stream(file, "wb"))
        with packed as stream:
            row.write(table, stream)


def check_name(path: Path) -> None:
    """
    Refuse early, before the work is done, a name that `write_table` would refuse at its end.

    Raises
    ------
    AlpsError
        When there is no such format to write, its package is missing, or the place is no place for a file.

    """
    check_writable(path, force=True)
    _format_of(path).check_packages()


def _format_of(path: Path) -> Format:
    row = format_of_name(path.name)
    if row is not None and row.writer is not None and (row.is_text or compression_of_name(path.name) is None):
        return row
    *some, last = (ending for row in FORMATS if row.writer is not None for ending in row.extensions[:1])
    endings = f"{', '.join(some)} or {last}"
    raise AlpsError(f"{for_terminal(str(path))} cannot be written; choose a name that ends in {endings}.")
