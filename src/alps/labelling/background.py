"""A process beside the server: one at a time, tried again after a failure, and never in the way of labelling."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

_FIRST_WAIT, _LONGEST_WAIT = 10.0, 600.0  # seconds after a failure, doubled each time


class Background:
    """
    Runs one of our modules again and again.

    Parameters
    ----------
    module
        What is run as ``python -m MODULE ARGUMENTS``; a mistake is the last line of its standard error.

    Attributes
    ----------
    failure
        Why the last run failed; None when it did not, or before there was one.

    """

    def __init__(self, module: str) -> None:
        self.failure: str | None = None
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._n_failures = 0
        self._not_before = 0.0

    @property
    def running(self) -> bool:
        """Whether a run goes on; `look` finds out how it ended."""
        return self._process is not None

    @property
    def ready(self) -> bool:
        """Whether a run may begin now."""
        return self._process is None and time.monotonic() >= self._not_before

    def begin(self, *arguments: str) -> None:
        """Begin a run."""
        self._errors.truncate(0)
        self._errors.seek(0)
        command = [sys.executable, "-m", self._module, *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors
        )

    def look(self) -> bool:
        """Note how a run ended; True when one has ended since the last look."""
        if self._process is None or self._process.poll() is None:
            return False
        if self._process.returncode == 0:
            self.failure, self._n_failures, self._not_before = None, 0, 0.0
        else:
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            self.failure = lines[-1] if lines else f"The process ended with code {self._process.returncode}."
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**self._n_failures)
            self._n_failures, self._not_before = self._n_failures + 1, time.monotonic() + wait
        self._process = None
        return True

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
        self._errors.close()
