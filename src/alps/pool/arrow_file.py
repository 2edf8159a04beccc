"""Arrow's file format, which is also that of Feather, and its stream format: columns keep their types."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.checked import checked
from alps.pool.input_file import InputFile

_FILE_MARK = b"ARROW1"


def read_arrow(file: InputFile) -> Iterator[pa.RecordBatch]:
    """
    Read the batches of a file as they are.

    Raises
    ------
    AlpsError
        When the file is not Arrow, is damaged, or has text that is not UTF-8: names the row.

    """
    file.handle.seek(0)
    is_file = file.handle.read(len(_FILE_MARK)) == _FILE_MARK
    file.handle.seek(0)
    try:
        yield from checked(_batches_of_file(file) if is_file else _batches_of_stream(file), file.name)
    except (pa.ArrowException, OSError, MemoryError) as error:
        what = for_terminal(str(error).partition(". ")[0].rstrip("."), 120)
        raise AlpsError(f"{file.name} cannot be read as Arrow ({what}); check the file or --format.") from None


def _batches_of_file(file: InputFile) -> Iterator[pa.RecordBatch]:
    reader = pa.ipc.open_file(file.handle)
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _batches_of_stream(file: InputFile) -> Iterator[pa.RecordBatch]:
    yield from pa.ipc.open_stream(file.handle)
