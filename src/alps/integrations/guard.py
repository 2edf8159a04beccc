"""Who may talk to the ML backend: Label Studio, which knows the password and sends no more than it must."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

USER = "alps"
MAX_BODY_BYTES = 64 << 20  # Label Studio asks for predictions of hundreds of texts at once


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address that a server listens on."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True)
class Guard:
    """
    A layer around the application of the backend.

    Attributes
    ----------
    app
        The application.
    password
        What a request must carry by basic authentication, whatever it asks for; None where only this machine can ask.
    max_body_bytes
        How long a body may be.

    """

    app: ASGIApp
    password: str | None = None
    max_body_bytes: int = MAX_BODY_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(headers)
        body = b""
        if refusal is None:
            body, refusal = await self._read(receive)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_read() -> Message:
            return messages.pop() if messages else await receive()

        await self.app(scope, receive_read, send)

    def _refusal(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """The status and the sentence with which a request is refused before it is read."""
        # Label Studio's server sends neither header; a page in a browser sends one of them with all that it may do.
        if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
            return 403, "This server answers to Label Studio, not to pages."
        if self.password is not None and not _is_right(headers.get("authorization", ""), self.password):
            return 401, "Connect the model by the whole address that alps serve has printed; it has the password."
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or len(length) > 20 or int(length) > self.max_body_bytes:
            return self._too_long()
        return None

    async def _read(self, receive: Receive) -> tuple[bytes, tuple[int, str] | None]:
        """The whole body, as long as it is not too long."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return b"", (400, "The request broke off.")
            body += message.get("body", b"")
            if len(body) > self.max_body_bytes:
                return b"", self._too_long()
            if not message.get("more_body", False):
                return bytes(body), None

    def _too_long(self) -> tuple[int, str]:
        return 413, f"A request has at most {self.max_body_bytes} bytes; send fewer tasks at once."


def _is_right(header: str, password: str) -> bool:
    """Whether a header of basic authentication carries the password."""
    right = base64.b64encode(f"{USER}:{password}".encode())
    scheme, _, sent = header.partition(" ")
    return scheme.lower() == "basic" and hmac.compare_digest(sent.strip().encode("utf-8", "replace"), right)


async def _refuse(send: Send, status: int, sentence: str) -> None:
    content = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="alps"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
