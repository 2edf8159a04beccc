"""Serve a project: the address, the port that is kept, and the end."""

from __future__ import annotations

import os
import socket
import webbrowser
from collections.abc import Callable
from threading import Timer

from alps.base.errors import AlpsError, require
from alps.labelling.batches import Batches, BatchSettings
from alps.labelling.project import Project
from alps.labelling.security import LOCAL_NAMES, token_of
from alps.labelling.training import Trainer, TrainingSettings

LOCAL = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")


def serve(
    project: Project,
    settings: BatchSettings | None,
    training: TrainingSettings | None = None,
    *,
    host: str = LOCAL,
    port: int | None = None,
    browser: bool = True,
    tell: Callable[[str], None],
) -> None:
    """
    Serve the page of a project until the process is asked to end.

    Parameters
    ----------
    project
        The project.
    settings
        How batches are chosen; None chooses none.
    training
        How models are trained meanwhile; None trains none.
    host
        The address to listen on.
    port
        The port; the one that the project had before, or any free one, when None.
    browser
        Whether to open the page.
    tell
        Is called with the address of the page.

    Raises
    ------
    AlpsError
        When the packages of the extra are missing, or the address cannot be listened on.

    """
    uvicorn = require("uvicorn", "label")
    require("fastapi", "label")
    from alps.labelling.server import create_app

    listening = _listen(project, host, port)
    try:
        bound, kept = listening.getsockname()[1], project.setting("port")
        if port is not None or kept is None:
            project.set("port", bound)
        elif bound != kept:
            tell(
                f"Port {kept}, which this project had before, is taken, perhaps by another alps label of it; "
                "what waits in a browser that was opened there is sent when this project is served there again."
            )
        shown = f"[{host}]" if ":" in host else host
        address = (
            f"http://{LOCAL if host in _EVERYWHERE else shown}:{bound}/#token={token_of(project.setting('secret'))}"
        )
        batches, trainer = Batches(project, settings), Trainer(project, training)
        app = create_app(
            project, batches, trainer, hosts={*LOCAL_NAMES, shown.lower(), socket.gethostname().lower()},
            any_address=host in _EVERYWHERE,
        )  # fmt: skip
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False, lifespan="off")
        tell(f"Label at {address}")
        batches.look()
        trainer.look()
        if browser:
            opening = Timer(0.3, webbrowser.open, [address])
            opening.daemon = True
            opening.start()
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            batches.close()
            trainer.close()
    finally:
        listening.close()


def _listen(project: Project, host: str, port: int | None) -> socket.socket:
    """A socket on the port asked for, on the one that was kept, or on any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = [port] if port is not None else [project.setting("port") or 0, 0]
    for number in wanted:
        # asyncio turns Nagle's algorithm off only where the protocol is named; with it each answer waits 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name != "nt":  # there it would let two servers have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, number))
            listening.listen(128)
        except (OSError, OverflowError) as error:
            listening.close()
            refusal = error
        else:
            return listening
    raise AlpsError(f"Nothing can listen on {host}:{wanted[-1]} ({refusal}); choose another --port or --host.")
