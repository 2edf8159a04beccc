"""A UTF-8 file in blocks of whole lines or in pieces: bounded memory, and every complaint names the line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from alps.base.errors import AlpsError
from alps.pool.input_file import InputFile

# 1 MB: the arrays that split a block stay in the processor's cache (256 kB and 4 MB were 10-20 % slower).
BLOCK_BYTES = 1 << 20
LONGEST_LINE = 1 << 30

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = {  # the longer marks first: that of UTF-32 begins with that of UTF-16
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or Word document",
    b"\x1f\x8b": "compressed with gzip",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"%PDF": "a PDF document",
}
_LONGEST_MARK = 8


class Block(NamedTuple):
    """Whole lines: `data` ends with a line feed, `first_line` is the number (from 1) of its first line."""

    data: bytes
    first_line: int


def line_blocks(file: InputFile, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """
    Read a text file in blocks of whole lines; a line ends only at a line feed.

    The last line may lack its line feed; a byte order mark is left out.

    Raises
    ------
    AlpsError
        For what is not UTF-8 text: names the line and the byte.

    """
    _begin(file)
    line = 1
    for data in _ending_with_line_feed(file, block_bytes):
        _decoded(file.name, data, line)
        yield Block(data, line)
        line += data.count(b"\n")


def text_pieces(file: InputFile, piece_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    """
    Read a text file in pieces that end anywhere, for formats whose lines may be as long as the file.

    Raises
    ------
    AlpsError
        As `line_blocks`.

    """
    _begin(file)
    line, offset, waiting, at_end = 1, 0, b"", False
    while not at_end:
        piece = file.handle.read(piece_bytes)
        at_end = not piece
        data = waiting + piece
        text, n_bytes = _decoded(file.name, data, line, offset, whole=at_end)
        yield text
        line += text.count("\n")
        line_start = data.rfind(b"\n", 0, n_bytes) + 1
        offset = n_bytes - line_start if line_start else offset + n_bytes
        waiting = data[n_bytes:]


def _begin(file: InputFile) -> None:
    file.handle.seek(0)
    start = file.handle.read(_LONGEST_MARK)
    _refuse_other_kinds(file.name, start)
    file.handle.seek(len(_BYTE_ORDER_MARK) if start.startswith(_BYTE_ORDER_MARK) else 0)


def _ending_with_line_feed(file: InputFile, block_bytes: int) -> Iterator[bytes]:
    waiting: list[bytes] = []
    while chunk := file.handle.read(block_bytes):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join([*waiting, chunk[:cut]])
            waiting = []
        waiting.append(chunk[cut:])
        if len(waiting) * block_bytes > LONGEST_LINE:
            raise AlpsError(f"{file.name} has a line of more than 1 GB; is it really a text file?")
    if any(waiting):
        yield b"".join([*waiting, b"\n"])


def _refuse_other_kinds(name: str, start: bytes) -> None:
    for mark, encoding in _WIDE_MARKS.items():
        if start.startswith(mark):
            raise AlpsError(f"{name} is written in {encoding}; save it as UTF-8.")
    for mark, kind in _OTHER_KINDS.items():
        if start.startswith(mark):
            raise AlpsError(f"{name} is {kind}, not a text file; choose another --format, or save its table as CSV.")


def _decoded(name: str, data: bytes, line: int, offset: int = 0, *, whole: bool = True) -> tuple[str, int]:
    """
    The text of some bytes that begin in a line at an offset, and how many bytes it took.

    Only where `whole` is not set may the last character be cut, and is left.
    """
    zero = data.find(b"\0")
    if zero >= 0:
        line += data.count(b"\n", 0, zero)
        if 3 * data.count(b"\0", 0, 4096) >= len(data[:4096]):
            raise AlpsError(f"{name}, line {line}: every other byte is zero, as in UTF-16; save the file as UTF-8.")
        raise AlpsError(f"{name}, line {line}: it holds a zero byte; this is a binary file, give a text file.")
    try:
        return codecs.utf_8_decode(data, "strict", whole)
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        line += data.count(b"\n", 0, error.start)
        offset = error.start - line_start if line_start else offset + error.start
        raise AlpsError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} at offset {offset} of the line is not "
            "UTF-8; save the file as UTF-8 (it may be in Windows-1252 or Latin-1)."
        ) from None
