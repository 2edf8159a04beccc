"""Files that are there whole or not at all: written under a temporary name, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alps.base.errors import AlpsError

TEMPORARY_SUFFIX = ".part"


@contextmanager
def atomic_file(path: Path, *, force: bool = False) -> Iterator[Path]:
    """
    Yield a temporary path beside `path`; on success it becomes `path`, on any failure it is removed.

    Parameters
    ----------
    path
        The file to make.
    force
        Whether an existing file may be replaced.

    Raises
    ------
    AlpsError
        When the file exists and `force` is not set, its folder is missing or not writable, or the disk is full.

    """
    path = path.resolve()  # what a link points at is replaced, not the link
    check_writable(path, force=force)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        _flush_to_disk(temporary)
        if force:
            os.replace(temporary, path)  # noqa: PTH105 - named in the design: atomic on every platform
        else:
            _name_new(temporary, path)
        with suppress(OSError):  # some file systems flush no folders
            _flush_to_disk(path.parent)
    except OSError as error:
        raise explain_os_error(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def atomic_folder(path: Path, *, force: bool = False) -> Iterator[Path]:
    """
    Yield a temporary folder beside `path`; on success it becomes `path`, on any failure it is removed.

    Parameters
    ----------
    path
        The folder to make.
    force
        Whether an existing folder may be replaced. It stays, under another name, until the new one is in its place.

    Raises
    ------
    AlpsError
        When the folder exists, is not empty and `force` is not set, its parent is missing, or the disk is full.

    """
    path = path.resolve()
    check_new_folder(path, force=force)
    temporary, old = (path.with_name(f".{path.name}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}") for _ in range(2))
    try:
        temporary.mkdir()
        yield temporary
        for file in temporary.rglob("*"):
            _flush_to_disk(file)
        if path.exists():
            path.rename(old)
        temporary.rename(path)
        with suppress(OSError):
            _flush_to_disk(path.parent)
    except OSError as error:
        raise explain_os_error(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)


def check_writable(path: Path, *, force: bool) -> None:
    """Refuse early, before the work is done, what `atomic_file` would refuse at its end."""
    if path.is_dir():
        raise AlpsError(f"{path} is a folder; name a file to write.")
    if path.exists() and not path.is_file():
        raise AlpsError(f"{path} is not an ordinary file; name a file to write.")
    if path.exists() and not force:
        raise AlpsError(f"{path} exists already; choose another name or add --force to replace it.")
    if not path.parent.is_dir():
        raise AlpsError(f"The folder {path.parent} does not exist; make it first or write elsewhere.")
    if not os.access(path.parent, os.W_OK):
        raise AlpsError(f"The folder {path.parent} is not writable; choose another place to write {path.name}.")


def check_new_folder(path: Path, *, force: bool) -> None:
    """Refuse early, before the work is done, what `atomic_folder` would refuse at its end."""
    path = path.resolve()
    taken = path.exists() and not (path.is_dir() and not any(path.iterdir()))
    if taken and not (force and path.is_dir()):
        way_out = "choose another name" + (" or add --force to replace it" if path.is_dir() else "")
        raise AlpsError(f"{path} exists already; {way_out}.")
    if not path.parent.is_dir():
        raise AlpsError(f"The folder {path.parent} does not exist; make it first or write elsewhere.")


def _name_new(temporary: Path, path: Path) -> None:
    """Give a file its name, unless somebody else has made a file of that name meanwhile."""
    if os.name == "nt":
        temporary.rename(path)  # there, it refuses a name that is taken
        return
    try:
        os.link(temporary, path)  # its error tells a taken name from a file system without links
    except FileExistsError:
        raise AlpsError(f"{path} was made by somebody else meanwhile; choose another name.") from None
    except OSError:
        os.replace(temporary, path)  # noqa: PTH105


def explain_os_error(error: OSError, path: Path) -> AlpsError:
    """Say in one sentence what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AlpsError(f"The disk is full while writing {path}; free some space or choose another place.")
    return AlpsError(f"{path} could not be written ({error.strerror or error}); choose another place.")


def _flush_to_disk(path: Path) -> None:
    # On Windows a file must be open for writing to be flushed.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
