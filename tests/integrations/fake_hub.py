"""As much of the hub's HTTP API as its own client calls to push a data set."""

from __future__ import annotations

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class FakeHub(ThreadingHTTPServer):
    """A hub on a free port of this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.made: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def _answer(self) -> None:
        body = self._body()
        if self.headers.get("Authorization") != "Bearer hf_right":
            return self._send(401, {"error": "Invalid credentials"})
        if self.path == "/api/repos/create":
            self.server.made.append(json.loads(body))
            return self._send(200, {"url": f"{self.server.url}/datasets/ann/films", "id": "ann/films"})
        if "/preupload/" in self.path:
            names = [file["path"] for file in json.loads(body)["files"]]
            common = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
            return self._send(200, {"files": [{"path": name, **common} for name in names]})
        if "/commit/" in self.path:
            for said in map(json.loads, body.splitlines()):
                if said["key"] == "file":
                    self.server.files[said["value"]["path"]] = base64.b64decode(said["value"]["content"])
            said = {
                "commitUrl": f"{self.server.url}/datasets/ann/films/commit/{'1' * 40}",
                "commitOid": "1" * 40,
                "success": True,
            }
            return self._send(200, {**said, "pullRequestUrl": None, "hookOutput": ""})
        if self.path.startswith("/api/validate-yaml"):
            return self._send(200, {"errors": [], "warnings": []})
        if self.command == "GET" and self.path.startswith("/api/datasets/ann/films"):
            return self._send(200, {"id": "ann/films", "sha": "0" * 40, "siblings": []})
        return self._send(404, {"error": "Not found"})

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
