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
    b"SQLite format 3\0": "an SQLite database",
}
_BINARY_KINDS = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"\x7fELF": "a program",
}
_LONGEST_MARK = 16
# The control bytes that no text needs: all but tab, line feed, vertical tab, form feed, carriage return and escape.
_CONTROL_BYTES = bytes({*range(32), 127} - {*b"\t\n\v\f\r\x1b"})
# Of random or compressed bytes, 27 of 256 are such; a text in an old 8-bit encoding has none.
_FEWEST_CONTROL_BYTES, _LEAST_SHARE = 4, 0.05


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
    for mark, kind in _BINARY_KINDS.items():
        if start.startswith(mark):
            raise _binary(name, kind)


def _binary(name: str, kind: str = "a binary file") -> AlpsError:
    return AlpsError(f"{name} is {kind}, not a text file; name a file of texts, or choose another --format.")


def _is_utf16(data: bytes) -> bool:
    """Whether a third of the bytes or more are zero, and nearly all of those stand in every other place."""
    start = data[:4096]
    fewer, more = sorted(start[place::2].count(b"\0") for place in (0, 1))
    return 3 * (fewer + more) >= len(start) and 10 * fewer <= more


def _is_binary(data: bytes) -> bool:
    """Whether bytes that are not UTF-8 text are no text of another encoding either, by the share of control bytes."""
    start = data[:4096]
    n_control = len(start) - len(start.translate(None, _CONTROL_BYTES))
    return n_control >= max(_FEWEST_CONTROL_BYTES, _LEAST_SHARE * len(start))


def _decoded(name: str, data: bytes, line: int, offset: int = 0, *, whole: bool = True) -> tuple[str, int]:
    """
    The text of some bytes that begin in a line at an offset, and how many bytes it took.

    Only where `whole` is not set may the last character be cut, and is left.
    """
    zero = data.find(b"\0")
    if zero >= 0:
        where, offset = _place(name, data, zero, line, offset)
        if _is_utf16(data):
            raise AlpsError(f"{where}: every other byte is zero, as in UTF-16; save the file as UTF-8.")
        if _is_binary(data):
            raise _binary(name)
        raise AlpsError(f"{where}: there is a NUL byte (0x00) at offset {offset} of the line; remove it.")
    try:
        return codecs.utf_8_decode(data, "strict", whole)
    except UnicodeDecodeError as error:
        if _is_binary(data):
            raise _binary(name) from None
        where, offset = _place(name, data, error.start, line, offset)
        raise AlpsError(
            f"{where}: byte 0x{data[error.start]:02x} at offset {offset} of the line is not "
            "UTF-8; save the file as UTF-8 (it may be in Windows-1252 or Latin-1)."
        ) from None


def _place(name: str, data: bytes, at: int, line: int, offset: int) -> tuple[str, int]:
    """The file and the line of a byte, and its offset in the line, of bytes that begin in a line at an offset."""
    line_start = data.rfind(b"\n", 0, at) + 1
    line += data.count(b"\n", 0, at)
    return f"{name}, line {line}", at - line_start if line_start else offset + at
