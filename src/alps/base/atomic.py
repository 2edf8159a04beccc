"""
Files that are there whole or not at all: written under a temporary name, flushed to disk, then renamed.

Force replaces what can be made again. A database is never replaced by anything but a database, for it may be a project
with its labels; nor is a folder in which there is anything of another kind.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from alps.base.errors import AlpsError

TEMPORARY_SUFFIX = ".part"
_DATABASE = (b"SQLite format 3\0", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # how it and its write-ahead log begin


@dataclass(frozen=True)
class FolderKind:
    """
    A kind of folder that may be replaced, told from others by the names in it.

    Attributes
    ----------
    name
        What a folder is called that is of the kind.
    marks
        Patterns of which each has a file in every such folder; several sets of them where there are several sorts.
    files
        Patterns of all files that such a folder may have.

    """

    name: str
    marks: tuple[tuple[str, ...], ...]
    files: tuple[str, ...]

    def check(self, folder: Path) -> None:
        """
        Refuse to replace a folder that is not empty and not of the kind, or has something else in it.

        Raises
        ------
        AlpsError
            With what is wrong.

        """
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        if not names:
            return
        if not any(all(any(fnmatchcase(name, mark) for name in names) for mark in marks) for marks in self.marks):
            wanted = ", or ".join(" and ".join(marks) for marks in self.marks)
            raise AlpsError(
                f"{folder} is not replaced, as it is no folder of {self.name} (it has no {wanted}); choose another "
                "name or remove it yourself."
            )
        for name in names:
            if (folder / name).is_dir() or not any(fnmatchcase(name, pattern) for pattern in self.files):
                raise AlpsError(
                    f"{folder} is not replaced, as {name} in it is of no folder of {self.name}; choose another name or "
                    f"move {name} elsewhere."
                )


@contextmanager
def atomic_file(path: Path, *, force: bool = False, is_database: bool = False) -> Iterator[Path]:
    """
    Yield a temporary path beside `path`; on success it becomes `path`, on any failure it is removed.

    Parameters
    ----------
    path
        The file to make.
    force
        Whether an existing file may be replaced.
    is_database
        Whether it is a database that is made, which may replace one.

    Raises
    ------
    AlpsError
        When the file exists and `force` is not set or it is a database, its folder is missing or not writable, or the
        disk is full.

    """
    path = path.resolve()  # what a link points at is replaced, not the link
    check_writable(path, force=force, is_database=is_database)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        _flush_to_disk(temporary)
        if force:
            os.replace(temporary, path)  # noqa: PTH105 - named in the design: atomic on every platform
        else:
            _name_new(temporary, path)
        _flush_to_disk(path.parent)
    except OSError as error:
        raise explain_os_error(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def atomic_folder(path: Path, *, replaces: FolderKind | None = None) -> Iterator[Path]:
    """
    Yield a temporary folder beside `path`; on success it becomes `path`, on any failure it is removed.

    Parameters
    ----------
    path
        The folder to make.
    replaces
        The kind of folder that may be replaced. It stays, under another name, until the new one is in its place.

    Raises
    ------
    AlpsError
        When the folder exists, is not empty and is not of that kind, its parent is missing, or the disk is full.

    """
    path = path.resolve()
    check_new_folder(path, replaces=replaces)
    temporary, old = (path.with_name(f".{path.name}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}") for _ in range(2))
    try:
        temporary.mkdir()
        yield temporary
        for inner in temporary.rglob("*"):
            _flush_to_disk(inner)
        if path.exists():
            path.rename(old)
        temporary.rename(path)
        _flush_to_disk(path.parent)
    except OSError as error:
        raise explain_os_error(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)


def check_writable(path: Path, *, force: bool, is_database: bool = False) -> None:
    """Refuse early, before the work is done, what `atomic_file` would refuse at its end."""
    if path.is_dir():
        raise AlpsError(f"{path} is a folder; name a file to write.")
    if path.exists() and not path.is_file():
        raise AlpsError(f"{path} is not an ordinary file; name a file to write.")
    if path.exists() and not force:
        raise AlpsError(f"{path} exists already; choose another name or add --force to replace it.")
    if not is_database and _is_database(path):
        raise AlpsError(
            f"{path} is not replaced, as it is a database, such as a project with its labels; choose another name, or "
            "remove it yourself."
        )
    if not path.parent.is_dir():
        raise AlpsError(f"The folder {path.parent} does not exist; make it first or write elsewhere.")
    if not os.access(path.parent, os.W_OK):
        raise AlpsError(f"The folder {path.parent} is not writable; choose another place to write {path.name}.")


def check_new_folder(path: Path, *, replaces: FolderKind | None) -> None:
    """Refuse early, before the work is done, what `atomic_folder` would refuse at its end."""
    path = path.resolve()
    taken = path.exists() and not (path.is_dir() and not any(path.iterdir()))
    if taken and not path.is_dir():
        raise AlpsError(f"{path} exists already; choose another name.")
    if taken and replaces is None:
        raise AlpsError(f"{path} exists already; choose another name or add --force to replace it.")
    if replaces is not None:
        replaces.check(path)
    if not path.parent.is_dir():
        raise AlpsError(f"The folder {path.parent} does not exist; make it first or write elsewhere.")


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(max(map(len, _DATABASE))).startswith(_DATABASE)
    except OSError:  # there is none, or nobody may read it
        return False


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
    if path.is_dir():
        with suppress(OSError):  # Windows and some file systems flush no folders
            _flush(path, os.O_RDONLY)
    else:
        _flush(path, os.O_RDWR)  # Windows flushes only what is open for writing


def _flush(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
