"""Ctrl-C and a request to end, at several moments of a real process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.processes import CAN_FORK, alps_in_child, environment_for, finish, start, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix" or not CAN_FORK, reason="sends signals")

SIGNALS = {signal.SIGINT: (130, "Interrupted"), signal.SIGTERM: (143, "Stopped")}
ALL_TOKENS = ("--strategy", "alps-tokens")


def stopped(number: signal.Signals, after: bytes, wait: float, tiny: list[str], folder: Path) -> tuple[int, list[str]]:
    """Exit code and last lines of a command that got a signal some seconds after it had said something."""
    places = [str(folder / f".{name}") for name in ("stdin", "stdout", "stderr")]
    arguments = ["select", "bbc-news", "-k", "200", *ALL_TOKENS, "-o", "queries.csv", "-v", *tiny]
    process = start(alps_in_child, arguments, folder, places, environment_for(folder))
    err = folder / ".stderr"
    assert wait_until(lambda: err.exists() and after in err.read_bytes(), process)
    time.sleep(wait)
    assert process.pid is not None
    os.kill(process.pid, number)
    return finish(process), err.read_text().splitlines()


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize(
    ("after", "wait"),
    [(b"", 0.15), (b"", 0.4), (b"token surprisal: 0 of", 0.0), (b"token surprisal: 0 of", 0.5)],
    ids=["at start", "while reading", "when computing begins", "while computing"],
)
def test_a_signal_ends_cleanly(number: signal.Signals, after: bytes, wait: float, tiny, tmp_path: Path) -> None:
    code, lines = stopped(number, after, wait, tiny, tmp_path)
    expected, word = SIGNALS[number]
    assert code == expected, lines
    assert lines[-1] == f"{word}; the same command goes on from what was computed."
    assert not any("Traceback" in line for line in lines)
    assert (tmp_path / ".stdout").read_bytes() == b""
    assert not list(tmp_path.glob("*queries*"))
    assert not list(tmp_path.rglob("*.part"))


def test_the_same_command_goes_on(tiny: list[str], tmp_path: Path) -> None:
    code, _ = stopped(signal.SIGINT, b"token surprisal: 0 of", 1.0, tiny, tmp_path)
    assert code == 130
    places = [str(tmp_path / f".again-{name}") for name in ("stdin", "stdout", "stderr")]
    arguments = ["select", "bbc-news", "-k", "20", *ALL_TOKENS, "-o", "queries.csv", *tiny]
    assert finish(start(alps_in_child, arguments, tmp_path, places, environment_for(tmp_path))) == 0
    assert (tmp_path / "queries.csv").is_file()
