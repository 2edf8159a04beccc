"""
Who may talk to the server.

The page runs in a browser in which other pages run as well. So each request must name this server (`Host`, against DNS
rebinding), must not come from another page (`Origin`, `Sec-Fetch-Site`), must be JSON where it changes something (which
no form can send), and must carry the cookie that the token in the address of the page was exchanged for. The cookie
names the annotator and is signed with the secret of the project, so that it holds when the server is started again.

One browser may know several projects that are served at one address, one after the other, and it sends the cookies of
all of them. So each answer names the project, and a request that names another one is refused: what was answered on
the page of one project never goes to another.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1 << 20
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
OPEN_PATHS = ("/", "/dashboard", "/api/session")
PROJECT = "x-alps-project"  # the header that names the project
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


def sign(secret: str, annotator: str) -> str:
    """The value of the cookie of an annotator."""
    name = base64.urlsafe_b64encode(annotator.encode()).decode()
    return f"{name}.{_mark(secret, name)}"


def verify(secret: str, cookie: str) -> str | None:
    """The annotator that a cookie names; None where it is not one of ours."""
    name, _, mark = cookie.partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(secret, name).encode()):
        return None
    return base64.urlsafe_b64decode(name).decode()


def token_of(secret: str) -> str:
    """What the address of the page carries; the secret itself never leaves the file."""
    return hmac.new(secret.encode(), b"token", sha256).hexdigest()[:32]


def _mark(secret: str, name: str) -> str:
    return hmac.new(secret.encode(), f"cookie {name}".encode("utf-8", "replace"), sha256).hexdigest()


@dataclass(frozen=True)
class Guard:
    """
    A layer around the application that lets only the page of this server through.

    Attributes
    ----------
    app
        The application.
    hosts
        The names by which this server may be called, without the port; an address of IP is fine as well where
        `any_address` is set.
    any_address
        Whether the server listens on all addresses of the machine.
    annotator_of
        The annotator that the value of a cookie names, or None.
    cookie
        The name of the cookie.
    project
        The id of the project.

    """

    app: ASGIApp
    hosts: Collection[str]
    any_address: bool
    annotator_of: Callable[[str], str | None]
    cookie: str
    project: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = (PROJECT.encode(), self.project.encode())
                message["headers"] = [*message.get("headers", []), *HEADERS, ours]
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        body = b""
        if refusal is None:
            body, refusal = await _read(receive)
        if refusal is not None:
            await _refuse(send_with_headers, *refusal)
            return
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_read() -> Message:
            return messages.pop() if messages else await receive()

        await self.app(scope, receive_read, send_with_headers)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """The status and the sentence with which a request is refused; None lets it through."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 403, "This server does not answer to that name; use the address that alps label has printed."
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return 403, "Another page has sent this request."
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "Another page has sent this request."
        if headers.get(PROJECT, self.project) != self.project:
            return 421, "Another project is served at this address now."
        if scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0] != "application/json":
            return 415, "Send JSON."
        scope["annotator"] = self._annotator(headers.get("cookie", ""))
        path = scope["path"]
        if path not in OPEN_PATHS and not path.startswith("/static/") and scope["annotator"] is None:
            return 401, "Open the page with the whole address that alps label has printed."
        return None

    def _is_ours(self, host: str) -> bool:
        name, colon, port = host.rpartition(":")
        name = name if colon and port.isdigit() else host
        if name.lower() in self.hosts:
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self.any_address

    def _annotator(self, header: str) -> str | None:
        """Whose cookie it is; those of other servers on this machine come along, in any shape."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie:
                return self.annotator_of(value.strip('"'))
        return None


async def _read(receive: Receive) -> tuple[bytes, tuple[int, str] | None]:
    """The whole body, as long as it is not too long."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body, (400, "The request broke off.")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return b"", (413, f"A request has at most {MAX_BODY_BYTES} bytes; send fewer events at once.")
        if not message.get("more_body", False):
            return body, None


async def _refuse(send: Send, status: int, sentence: str) -> None:
    content = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
