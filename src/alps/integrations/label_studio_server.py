"""Tasks to a Label Studio server and annotations from it, through its API (1.23; tokens old and new)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.integrations.entries import Classes, Entry, Suggestion, due_audit, entries_of
from alps.integrations.label_studio import entry_of_task, label_config, task_of
from alps.integrations.take_in import Tool, take_in
from alps.labelling.project import Project

NAME = "label-studio"
_TASKS_AT_ONCE = 500
_WAIT_SECONDS = 120
_SAME_TIME = timedelta(seconds=3)  # the server tells its time in whole seconds
_SETTING = "label_studio"


class LabelStudioServer:
    """
    A server of Label Studio.

    Parameters
    ----------
    url
        Its address, such as ``http://localhost:8080``.
    key
        A personal access token (which is exchanged for one that lives five minutes), or a legacy token.

    Raises
    ------
    AlpsError
        When the address is none.

    """

    def __init__(self, url: str, key: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise AlpsError(f"'{for_terminal(url, 80)}' is no address; give one such as http://localhost:8080.")
        self.url = url.rstrip("/")
        self.ahead = timedelta(0)  # of its clock before ours
        self._key = key

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """
        What the server answers, from JSON.

        Raises
        ------
        AlpsError
            When it cannot be reached or refuses.

        """
        if self._key.count(".") == 2:
            access = self._send("POST", "/api/token/refresh", {"refresh": self._key}, None)["access"]
            return self._send(method, path, content, f"Bearer {access}")
        return self._send(method, path, content, f"Token {self._key}")

    def _send(self, method: str, path: str, content: Any, authorization: str | None) -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": authorization} if authorization else {})}
        data = None if content is None else json.dumps(content).encode()
        request = Request(self.url + path, data, headers, method=method)
        try:
            with urlopen(request, timeout=_WAIT_SECONDS) as response:
                self._look_at_clock(response.headers.get("Date"))
                return json.loads(response.read() or b"null")
        except HTTPError as error:
            said = for_terminal(error.read().decode("utf-8", "replace"), 200)
            remedy = "check the key" if error.code in (401, 403) else "check the project and the server"
            raise AlpsError(f"{self.url} refused {method} {path} ({error.code}: {said}); {remedy}.") from None
        except (URLError, OSError, ValueError) as error:
            raise AlpsError(f"{self.url} cannot be reached ({error}); check the address and the server.") from None

    def _look_at_clock(self, date: str | None) -> None:
        """Note by how much the clock of the server is ahead of ours."""
        with suppress(ValueError, TypeError):
            shown = parsedate_to_datetime(date or "")
            ahead = (shown if shown.tzinfo else shown.replace(tzinfo=UTC)) - datetime.now(UTC)
            self.ahead = ahead if abs(ahead) > _SAME_TIME else timedelta(0)


def push(
    project: Project, server: LabelStudioServer, *, which: str = "batch",
    suggestions: Mapping[int, Suggestion] | None = None,
) -> tuple[int, int]:  # fmt: skip
    """
    Make the texts tasks of the server; a text that is there is passed over.

    With a batch goes what is due of the audit, spread among it, so that the audit has its share of what is labelled
    there: no picks, and without suggestions.

    The project on the server is made when it is first needed, with the classes of ours.

    Parameters
    ----------
    project
        The project.
    server
        The server.
    which, suggestions
        As in `entries_of`.

    Returns
    -------
    int, int
        The number of the project on the server, and how many tasks are new.

    Raises
    ------
    AlpsError
        When the server cannot be reached or refuses.

    """
    classes = Classes.of(project)
    number = _project_number(project, server, classes)
    there = {task.get("data", {}).get("alps_id") for task in _exported(server, number)}
    new = [entry for entry in entries_of(project, which, suggestions) if entry.id not in there]
    if which == "batch":
        new = _spread(new, due_audit(project, there, new))
    tasks = [task_of(entry, classes) for entry in new]
    for start in range(0, len(tasks), _TASKS_AT_ONCE):
        server.call("POST", f"/api/projects/{number}/import", tasks[start : start + _TASKS_AT_ONCE])
    return number, len(tasks)


def pull(project: Project, server: LabelStudioServer, number: int | None = None) -> Counter[str]:
    """
    Take in the annotations of the server; those that are here are passed over.

    Parameters
    ----------
    project
        The project.
    server
        The server.
    number
        Of the project on the server; the one that `push` made when None.

    Returns
    -------
    Counter
        As `take_in`.

    Raises
    ------
    AlpsError
        When the server cannot be reached or refuses, or nothing was pushed.

    """
    number = _known_number(project, server) if number is None else number
    if number is None:
        raise AlpsError(f"{project.path.name} was not pushed to {server.url}; push it, or name the --number there.")
    where = f"{server.url}, project {number}"
    tasks = _exported(server, number)
    tool = Tool(NAME, ahead=server.ahead, current=True)
    return take_in(project, (entry_of_task(task, where) for task in tasks), NAME, tool=tool)


def _spread(entries: list[Entry], others: list[Entry]) -> list[Entry]:
    """Both, each in its order, the others at even distances, as Label Studio shows tasks in the order of their ids."""
    places = [((i + 1) / (len(entries) + 1), entry) for i, entry in enumerate(entries)]
    places += [((i + 1) / (len(others) + 1), entry) for i, entry in enumerate(others)]
    return [entry for _, entry in sorted(places, key=lambda place: place[0])]


def _exported(server: LabelStudioServer, number: int) -> list[dict[str, Any]]:
    path = f"/api/projects/{number}/export?exportType=JSON&download_all_tasks=true"
    tasks: list[dict[str, Any]] = server.call("GET", path)
    return tasks


def _known_number(project: Project, server: LabelStudioServer) -> int | None:
    known = (project.setting(_SETTING) or {}).get(server.url)
    return None if known is None else int(known)


def _project_number(project: Project, server: LabelStudioServer, classes: Classes) -> int:
    """The project on the server that belongs to ours; classes that were added here are added there."""
    number = _known_number(project, server)
    content = {"label_config": label_config(classes)}
    if number is not None:
        if server.call("GET", f"/api/projects/{number}")["label_config"].strip() != content["label_config"].strip():
            server.call("PATCH", f"/api/projects/{number}", content)
        return number
    number = int(server.call("POST", "/api/projects", {**content, "title": str(project.setting("name"))[:50]})["id"])
    project.set(_SETTING, {**(project.setting(_SETTING) or {}), server.url: number})
    return number
