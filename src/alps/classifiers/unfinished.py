"""
An output that is written piece by piece, before it has its name.

What is written stands in ``NAME.part``, and beside it in ``NAME.part.json``, the ledger, how far it is good. The ledger
is there first, so that a ``.part`` without one was never ours. ``NAME.part.lock`` is there while somebody writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from alps.base.atomic import atomic_file, check_writable
from alps.base.errors import AlpsError


@dataclass(frozen=True)
class Done:
    """How far the output is good: rows, bytes, and a digest of the texts of those rows."""

    settings: dict[str, Any]
    rows: int
    bytes: int
    digest: str


class Unfinished:
    """
    The files beside an output while it is not finished.

    Attributes
    ----------
    output
        The file to make; of a link, what it points at.
    part
        What is written.

    """

    def __init__(self, output: Path) -> None:
        self.output = output.resolve() if output.is_symlink() else output
        self.part, self._ledger, self._lock = (
            self.output.with_name(self.output.name + ending) for ending in (".part", ".part.json", ".part.lock")
        )

    def check(self, inputs: Sequence[Path], *, force: bool) -> None:
        """
        Refuse early what must not be written.

        Parameters
        ----------
        inputs
            The files that are read.
        force
            Whether an existing output may be replaced.

        Raises
        ------
        AlpsError
            When the output or a file beside it is read or is not ours, or the output cannot be written.

        """
        for path in (self.output, self.part, self._ledger, self._lock):
            if path.exists() and any(place.exists() and path.samefile(place) for place in inputs):
                raise AlpsError(f"{path} is read and would be replaced; write to another file.")
        check_writable(self.output, force=force)
        self._read()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        Keep others from writing; a process that is killed keeps nobody.

        Raises
        ------
        AlpsError
            When somebody else writes.

        """
        lock = FileLock(self._lock, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise AlpsError(
                f"Another run is writing {self.output}; wait for its end, or name another output."
            ) from None
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no file that is open
                self._lock.unlink()  # while it is held: who has opened it by now finds it gone, and does not get it
            lock.release()

    def begin(self, settings: dict[str, Any]) -> Done:
        """
        How far an earlier run with the same settings came; where there is none, begin anew.

        Raises
        ------
        AlpsError
            When one of the files is not ours.

        """
        done = self._read()
        if done is None or done.settings != settings or self._n_bytes() < done.bytes:
            done = Done(settings, 0, 0, "")
            self.note(done)
        return done

    def note(self, done: Done) -> None:
        """Write down how far the output is good."""
        with atomic_file(self._ledger, force=True) as temporary:
            temporary.write_text(json.dumps(asdict(done)), encoding="utf-8")

    def finish(self, *, force: bool) -> None:
        """
        Give the output its name.

        Raises
        ------
        AlpsError
            When somebody has made a file of that name meanwhile and `force` is not set.

        """
        check_writable(self.output, force=force)
        self.part.replace(self.output)
        self._ledger.unlink()

    def _read(self) -> Done | None:
        """What the ledger says; None where nothing has begun."""
        try:
            return Done(**json.loads(self._ledger.read_text(encoding="utf-8")))
        except FileNotFoundError:
            if not self.part.exists():
                return None
            strange = self.part
        except (OSError, TypeError, ValueError):
            strange = self._ledger
        raise AlpsError(
            f"{strange} is in the way and nothing that alps predict could go on with; move it away, or name another "
            "output."
        )

    def _n_bytes(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0
