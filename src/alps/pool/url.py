"""Files that are elsewhere: what fsspec can open, such as `s3://`, `gs://`, `https://` and `hf://`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from alps.base.errors import AlpsError, require
from alps.base.text_safety import for_terminal
from alps.pool.compression import PIECE_BYTES

_BEGINS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+(::[a-zA-Z0-9+.-]+)*://")
_USER = re.compile(r"//[^/]*@")
_QUERY = re.compile(r"(https?://[^?#]*)[?#].*")


@dataclass(frozen=True)
class Url:
    """The address of a file; as a string, without users, passwords and queries, which may hold secrets."""

    address: str

    def __str__(self) -> str:
        return _QUERY.sub(r"\1", _USER.sub("//", self.address))

    @property
    def name(self) -> str:
        """The name of the file: the last part of the path."""
        return PurePosixPath(str(self).partition("::")[0]).name


def is_url(source: str) -> bool:
    """
    Whether a string begins as a URL does.

    >>> is_url("s3://bucket/reviews.csv"), is_url("C:/reviews.csv")
    (True, False)
    """
    return _BEGINS.match(source) is not None


def matching(url: Url) -> list[Url]:
    """
    The files that a pattern names, sorted; only `*` is special, since `?` and `[` are common in URLs.

    Raises
    ------
    AlpsError
        When the files cannot be listed.

    """
    if "*" not in str(url):
        return [url]
    try:
        system, path = _system(url)
        return [Url(system.unstrip_protocol(found)) for found in sorted(system.glob(path))]
    except Exception as error:
        raise _explain(error, url) from None


def pieces_of_url(url: Url) -> Iterator[bytes]:
    """
    The bytes of a file, piece by piece.

    Raises
    ------
    AlpsError
        When it cannot be read; names the package that the protocol needs when that is what is missing.

    """
    try:
        system, path = _system(url)
        with system.open(path, "rb") as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece
    except Exception as error:
        raise _explain(error, url) from None


def _system(url: Url) -> tuple[Any, str]:
    system, path = require("fsspec", "urls").url_to_fs(url.address)
    return system, path


def _explain(error: Exception, url: Url) -> AlpsError:
    """
    One sentence of ours: every file system raises errors of its own, whose words may repeat the secrets of the URL.

    So the error itself goes no further either, not even as a cause.
    """
    if isinstance(error, AlpsError):
        return error
    name = for_terminal(str(url))
    missing = error.__cause__ if isinstance(error.__cause__, ModuleNotFoundError) else error
    if isinstance(missing, ModuleNotFoundError):
        return AlpsError(f"{name} needs the package {missing.name}; run: pip install {missing.name}")
    if isinstance(error, FileNotFoundError):
        return AlpsError(f"{name} was not found or cannot be reached; check the address and the connection.")
    kind = type(error).__name__
    return AlpsError(f"{name} cannot be read ({kind}); check the address, the connection and your credentials.")
