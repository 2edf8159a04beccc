"""Ctrl-C and a request to end: what was begun is cleaned up, and what was computed is kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # what typer's commands return, and shells expect, after SIGINT

_GO_ON = "the same command goes on from what was computed."
_SIGNALS = {signal.SIGINT: f"Interrupted; {_GO_ON}", signal.SIGTERM: f"Stopped; {_GO_ON}"}


class Stop:
    """Which signal asked for the end, if one did."""

    def __init__(self) -> None:
        self._signal: signal.Signals | None = None

    def __bool__(self) -> bool:
        return self._signal is not None

    @property
    def exit_code(self) -> int:
        """What a shell expects of a process that a signal ended: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + (self._signal or 0)

    @property
    def sentence(self) -> str:
        """What happened, and how to go on."""
        return _SIGNALS[self._signal or signal.SIGINT]

    def handle(self, number: int, _: FrameType | None) -> None:
        """Unwind the stack, so that temporary files go; the second time, end at once."""
        if self:
            os._exit(self.exit_code)
        self._signal = signal.Signals(number)
        raise KeyboardInterrupt


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Yield what tells whether a signal came; an exception that passes by then is likely its consequence."""
    stop = Stop()
    before = {number: signal.signal(number, stop.handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
