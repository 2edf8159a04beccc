"""Plain text: one text a line, in a column called `text`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from alps.pool.input_file import InputFile
from alps.pool.text_file import line_blocks

_LINE_FEED = ord("\n")


def read_plain_text(file: InputFile) -> Iterator[pa.RecordBatch]:
    """Read one text a line; lines end at a line feed, a carriage return before it belongs to the line end."""
    for block in line_blocks(file):
        raw = np.frombuffer(block.data, np.uint8)
        ends = np.flatnonzero(raw == _LINE_FEED)
        has_return = (ends > 0) & (raw[ends - 1] == ord("\r"))
        keep = np.ones(len(raw), dtype=bool)
        keep[ends] = False
        keep[ends[has_return] - 1] = False
        offsets = np.concatenate([[0], np.cumsum(keep, dtype=np.int64)[ends]])
        texts = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(raw[keep]))
        yield pa.record_batch([texts], names=["text"])
