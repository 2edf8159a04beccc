"""As much of a Label Studio server as push and pull call, kept in memory; it answers as 1.23.2 did."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

LEGACY, REFRESH, ACCESS = "0123456789abcdef", "personal.access.token", "short"


class FakeLabelStudio(ThreadingHTTPServer):
    """A server on a free port of this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.projects: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, list[dict[str, Any]]] = {}
        self.ahead = 0.0  # seconds, of its clock
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def annotate(self, number: int, name: str, choice: str | None, **other: Any) -> None:
        """A person labels or skips a task."""
        task = next(task for task in self.tasks[number] if task["data"]["alps_id"] == name)
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}]
        at = "2026-11-22T07:34:52.820823Z"
        task.setdefault("annotations", []).append({
            "id": 100 + len(task["annotations"]) + task["id"] * 10, "completed_by": 1, "was_cancelled": choice is None,
            "result": result if choice else [], "created_at": at, "updated_at": at, **other,
        })  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: FakeLabelStudio

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        path, _, query = self.path.partition("?")
        parts = path.strip("/").split("/")
        if path == "/api/token/refresh":
            return self._send(200, {"access": ACCESS}) if sent == {"refresh": REFRESH} else self._send(401, {})
        if self.headers.get("Authorization") not in (f"Token {LEGACY}", f"Bearer {ACCESS}"):
            return self._send(401, {"detail": "Authentication credentials were not provided."})
        if self.command == "POST" and path == "/api/projects":
            number = len(self.server.projects) + 1
            self.server.projects[number] = {"id": number, **sent}
            self.server.tasks[number] = []
            return self._send(201, self.server.projects[number])
        number = int(parts[2])
        if number not in self.server.projects:
            return self._send(404, {"detail": "Not found."})
        if self.command == "PATCH":
            self.server.projects[number] |= sent
        if parts[3:] == ["import"]:
            for task in sent:
                tasks = self.server.tasks[number]
                tasks.append({"id": len(tasks) + 1, "annotations": [], **task})
            return self._send(201, {"task_count": len(sent)})
        if parts[3:] == ["export"]:
            assert query == "exportType=JSON&download_all_tasks=true"
            return self._send(200, self.server.tasks[number])
        return self._send(200, self.server.projects[number])

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the library's names

    def _send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What the clock of the server shows."""
        return super().date_time_string(time.time() + self.server.ahead if timestamp is None else timestamp)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
