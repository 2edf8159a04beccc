"""Compressed files: told by their first bytes when read, by their names when written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, cast

from alps.base.errors import AlpsError

PIECE_BYTES = 1 << 20
LONGEST_MARK = 10


class Compression(NamedTuple):
    """
    One way to compress.

    Attributes
    ----------
    name
        What messages call it.
    extension
        What it adds to the name of a file.
    mark
        What its files begin with; only bzip2's is also text, and none that a pool begins with.
    stream
        From an open file and its mode (``rb`` or ``wb``) to the plain bytes.

    """

    name: str
    extension: str
    mark: re.Pattern[bytes]
    stream: Callable[[BinaryIO, str], BinaryIO]


def _gzip(file: BinaryIO, mode: str) -> BinaryIO:
    import gzip

    # Neither the name nor the time goes into the file: equal tables give equal bytes.
    return cast("BinaryIO", gzip.GzipFile(filename="", mode=mode, fileobj=file, mtime=0))


def _bzip2(file: BinaryIO, mode: str) -> BinaryIO:
    import bz2

    return cast("BinaryIO", bz2.open(file, mode))


def _xz(file: BinaryIO, mode: str) -> BinaryIO:
    import lzma

    return cast("BinaryIO", lzma.open(file, mode))


def _zstandard(file: BinaryIO, mode: str) -> BinaryIO:
    import pyarrow as pa

    stream = pa.CompressedInputStream if mode == "rb" else pa.CompressedOutputStream
    return cast("BinaryIO", stream(file, "zstd"))


COMPRESSIONS = (
    Compression("gzip", ".gz", re.compile(rb"\x1f\x8b\x08"), _gzip),
    Compression("bzip2", ".bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), _bzip2),
    Compression("xz", ".xz", re.compile(rb"\xfd7zXZ\x00"), _xz),
    Compression("zstandard", ".zst", re.compile(rb"\x28\xb5\x2f\xfd"), _zstandard),
)


def compression_of_bytes(start: bytes) -> Compression | None:
    """Which compression a file has that begins with these bytes (`LONGEST_MARK` are enough)."""
    return next((row for row in COMPRESSIONS if row.mark.match(start)), None)


def compression_of_name(file_name: str) -> Compression | None:
    """Which compression the name of a file promises."""
    return next((row for row in COMPRESSIONS if PurePath(file_name).suffix.lower() == row.extension), None)


def without_compression(file_name: str) -> str:
    """
    A file name without the ending of its compression.

    >>> without_compression("reviews.csv.gz"), without_compression("reviews.csv")
    ('reviews.csv', 'reviews.csv')
    """
    compression = compression_of_name(file_name)
    return file_name if compression is None else file_name[: -len(compression.extension)]


def decompressed(file: BinaryIO, compression: Compression, name: str) -> Iterator[bytes]:
    """
    The plain bytes of a compressed file, piece by piece: what a small file unpacks to may be huge.

    Raises
    ------
    AlpsError
        When the file is damaged or cut short.

    """
    file.seek(0)
    try:
        stream = compression.stream(file, "rb")
        while piece := stream.read(PIECE_BYTES):
            yield piece
    except Exception as error:  # zlib, bz2, lzma and Arrow have no error in common
        how = f"is compressed with {compression.name} and damaged or cut short"
        raise AlpsError(f"{name} {how}; fetch or compress it again.") from error
