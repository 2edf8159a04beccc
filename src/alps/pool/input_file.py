"""A file to read: its name for messages and its bytes, or one sentence that says why not."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from alps.base.atomic import explain_os_error
from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal

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
        """Let go of the file; a temporary copy of standard input disappears."""
        self.handle.close()


def open_input(path: Path, spool_folder: Path | None = None) -> InputFile:
    """
    Open a file, or standard input when `path` is `-`.

    What can be read only once (standard input, a named pipe) is copied to a temporary file that disappears by
    itself.

    Raises
    ------
    AlpsError
        When it is missing, a folder, not readable or empty.

    """
    name = "standard input" if str(path) == STANDARD_INPUT else for_terminal(str(path))
    try:
        handle = sys.stdin.buffer if str(path) == STANDARD_INPUT else path.open("rb")
    except FileNotFoundError:
        raise AlpsError(f"{name} does not exist; check the name and the folder.") from None
    except IsADirectoryError:
        raise AlpsError(f"{name} is a folder; name one file in it.") from None
    except OSError as error:
        if path.is_dir():  # Windows says "permission denied" for a folder
            raise AlpsError(f"{name} is a folder; name one file in it.") from None
        raise AlpsError(f"{name} cannot be read ({error.strerror or error}); check its permissions.") from None
    if str(path) == STANDARD_INPUT or not handle.seekable():
        handle = _copied(handle, spool_folder)
    if not handle.seek(0, 2):
        handle.close()
        raise AlpsError(f"{name} is empty; give a file with one text or more.")
    return InputFile(name, handle)


def _copied(stream: BinaryIO, folder: Path | None) -> BinaryIO:
    place = Path(tempfile.gettempdir()) if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        copy = tempfile.TemporaryFile(dir=place)  # noqa: SIM115 - it lives as long as the InputFile
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
    except OSError as error:
        raise explain_os_error(error, place) from error
    return copy
