"""Record batches of others: sound, in UTF-8, and every column with a name of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.columns import is_text, refuse_repeated_names


def checked(batches: Iterator[pa.RecordBatch], source: str) -> Iterator[pa.RecordBatch]:
    """
    Pass record batches on, without the metadata of their makers.

    Raises
    ------
    AlpsError
        When two columns have the same name, and for a string that is not UTF-8: names its row, counted from 1.
    pyarrow.ArrowInvalid
        When a batch is damaged: its values would lie outside its memory.

    """
    n_rows = 0
    for batch in batches:
        refuse_repeated_names(batch.schema.names, source)
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                if is_text(column.type):
                    _refuse_other_encodings(column, name, n_rows, source)
                raise
        n_rows += batch.num_rows
        yield batch.replace_schema_metadata(None)


def _refuse_other_encodings(column: pa.Array, name: str, first_row: int, source: str) -> None:
    """Name the string that is not UTF-8; nothing if that is not what is wrong."""
    values = column.view(_bytes_type(column.type))
    values.validate(full=True)
    for row, value in enumerate(values.to_pylist(), start=first_row + 1):
        try:
            (value or b"").decode()
        except UnicodeDecodeError as error:
            where = f"{source}, row {row}, column '{for_terminal(name, 40)}'"
            byte = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
            raise AlpsError(f"{where}: {byte} is not UTF-8; write the file again in UTF-8.") from None


def _bytes_type(text_type: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(text_type):
        return pa.binary_view()
    return pa.large_binary() if pa.types.is_large_string(text_type) else pa.binary()
