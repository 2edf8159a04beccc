"""
Real processes, quickly.

Importing torch and transformers takes seconds, so where the platform can, one server imports them once and every
process of the tests is a fork of it: a process of its own, with its own files, signals and limits, that can be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

DEADLINE = 400.0  # seconds; only ever reached when something hangs
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_CONTEXT: Any = multiprocessing.get_context("forkserver" if CAN_FORK else "spawn")
_PRELOADED = [
    "alps.cli.main",
    "alps.cli.progress",
    "alps.pool.write",
    "alps.representations.surprisal",
    "alps.selection",
    "alps.selectors.kmeans",
    "alps.shards.cache",
    "transformers.models.auto.modeling_auto",
    "transformers.models.bert.modeling_bert",
]


@dataclass(frozen=True)
class Result:
    """How a process ended, and what it wrote."""

    code: int
    out: str
    err: str


def start(function: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Call a function of a module in a process of its own."""
    if CAN_FORK:
        _CONTEXT.set_forkserver_preload(_PRELOADED)
    process: BaseProcess = _CONTEXT.Process(target=function, args=arguments)
    process.start()
    return process


def finish(process: BaseProcess) -> int:
    """Wait for the end of a process; its exit code."""
    process.join(DEADLINE)
    assert process.exitcode is not None, "the process hangs"
    return process.exitcode


def wait_until(condition: Callable[[], bool], process: BaseProcess | subprocess.Popen[Any] | None = None) -> bool:
    """Wait until something holds (True) or the process has ended without it (False)."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if isinstance(process, subprocess.Popen):
            ended = process.poll() is not None
        else:
            ended = process is not None and not process.is_alive()
        if ended:
            return condition()
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.001)
    return True


def environment_for(folder: Path) -> dict[str, str]:
    """Where the command keeps its values in a test, and nothing from a network."""
    return {"ALPS_CACHE_DIR": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}


def run_alps(
    arguments: Sequence[str],
    folder: Path,
    *,
    standard_input: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    file_limit: int | None = None,
    real: bool = False,
) -> Result:
    """
    Run `alps` in a folder.

    Parameters
    ----------
    arguments
        Of the command line.
    folder
        Where it runs; its cache is in there unless the environment says otherwise.
    standard_input
        What is piped in.
    environment
        Further environment variables.
    file_limit
        The most bytes of a file (POSIX); beyond it the system refuses to write.
    real
        Whether to go through the installed command and a new interpreter: slower by the imports.

    """
    settings = {**environment_for(folder), **(environment or {})}
    if real or not CAN_FORK:
        process = subprocess.run(
            [*command(), *arguments], cwd=folder, env={**os.environ, **settings}, capture_output=True,
            input=standard_input or b"", timeout=DEADLINE, check=False,
        )  # fmt: skip
        return Result(process.returncode, process.stdout.decode(), process.stderr.decode())
    places = [folder / f".{name}" for name in ("stdin", "stdout", "stderr")]
    places[0].write_bytes(standard_input or b"")
    child = start(alps_in_child, list(arguments), folder, [str(place) for place in places], settings, file_limit)
    code = finish(child)
    out, err = (place.read_bytes().decode() for place in places[1:])
    for place in places:
        place.unlink()
    return Result(code, out, err)


def command() -> list[str]:
    """The installed command."""
    name = "alps.exe" if os.name == "nt" else "alps"
    return [str(Path(sys.executable).with_name(name))]


def alps_in_child(
    arguments: list[str],
    folder: Path,
    standard_files: list[str],
    environment: Mapping[str, str],
    file_limit: int | None = None,
) -> None:
    """Become `alps`: what the installed command does, after the imports."""
    os.chdir(folder)
    os.environ.update(environment)
    for number, path in enumerate(standard_files):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | (0 if number == 0 else os.O_APPEND), 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, errors="backslashreplace", buffering=1)  # noqa: SIM115
    if file_limit is not None:
        limit_file_size(file_limit)
    sys.argv = ["alps", *arguments]
    from alps.cli.main import main

    main()


def limit_file_size(n_bytes: int) -> None:
    """Let the system refuse to write more to a file than this; a stand-in for a full disk."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
