"""A file to read: its name for messages and its bytes, or one sentence that says why not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from alps.base.atomic import explain_os_error
from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.pool.compression import LONGEST_MARK, PIECE_BYTES, compression_of_bytes, decompressed
from alps.pool.url import Url, pieces_of_url

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class InputFile:
    """
    An open file that can be read several times.

    Attributes
    ----------
    name
        How messages call it; safe for a terminal.
    handle
        Its bytes; every reader seeks to where it wants to start.

    """

    name: str
    handle: BinaryIO

    def close(self) -> None:
        """Let go of the file; a temporary copy disappears."""
        self.handle.close()


def open_input(place: Path | Url, spool_folder: Path | None = None) -> InputFile:
    """
    Open a file, what a URL names, or standard input when `place` is `-`.

    What can be read only once (standard input, a named pipe, a URL) and what is compressed is copied to a
    temporary file that disappears by itself.

    Raises
    ------
    AlpsError
        When it is missing, a folder, not readable, damaged or empty.

    """
    name = "standard input" if str(place) == STANDARD_INPUT else for_terminal(str(place))
    if isinstance(place, Url):
        handle = _copied(pieces_of_url(place), spool_folder)
    elif str(place) == STANDARD_INPUT:
        handle = _copied(_pieces(sys.stdin.buffer), spool_folder)
    else:
        handle = _opened(place, name)
        if not handle.seekable():
            with handle as pipe:
                handle = _copied(_pieces(pipe), spool_folder)
    handle.seek(0)
    compression = compression_of_bytes(handle.read(LONGEST_MARK))
    if compression is not None:
        with handle as packed:
            handle = _copied(decompressed(packed, compression, name), spool_folder)
    if not handle.seek(0, 2):
        handle.close()
        raise AlpsError(f"{name} is empty; give a file with one text or more.")
    return InputFile(name, handle)


def _opened(path: Path, name: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        if path.is_symlink():
            raise AlpsError(f"{name} is a link to a file that does not exist; mend the link.") from None
        raise AlpsError(f"{name} does not exist; check the name and the folder.") from None
    except (OSError, ValueError) as error:  # a zero character in the name is a ValueError
        if path.is_dir():  # Windows says "permission denied" for a folder
            pattern = for_terminal(str(path / "*.csv"))
            raise AlpsError(f"{name} is a folder; name one file in it, or several by a pattern ({pattern}).") from None
        what = getattr(error, "strerror", None) or error
        raise AlpsError(f"{name} cannot be read ({what}); check its permissions.") from None


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece


def _copied(pieces: Iterable[bytes], folder: Path | None) -> BinaryIO:
    place = Path(tempfile.gettempdir()) if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        copy = tempfile.TemporaryFile(dir=place)  # noqa: SIM115 - it lives as long as the InputFile
        try:
            copy.writelines(pieces)
            copy.flush()
        except BaseException:
            copy.close()
            raise
    except OSError as error:
        raise explain_os_error(error, place) from error
    return copy
