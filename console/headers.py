"""What every answer carries so that a browser runs nothing but our own files, and how much a request may carry.

Plain ASGI middleware: nothing is buffered, websockets pass untouched.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY_BYTES = 64 * 1024
"""The largest request body: sign-ins and carriers' webhooks are under 8 KiB."""

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    # No string can become markup or script: innerHTML and its like throw.
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


CONTENT_SECURITY_POLICY = _written(_POLICY)


def policy_of_the_app(style_nonce: str) -> str:
    """The policy of the page that `console/react` was built into. style_nonce: fresh for each answer.

    Wider by three things: style elements that carry the nonce (its components make some), pictures made in the page
    (QR codes), and one Trusted Types policy, `default`, which refuses all markup (`console/react/src/trustedTypes.ts`).
    """
    wider = {
        "style-src": f"'self' 'nonce-{style_nonce}'",
        "img-src": "'self' data: blob:",
        "trusted-types": "default",
    }
    return _written({**_POLICY, **wider})


HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds `HEADERS` where the answer has not set them itself, and `no-store` unless it says how to be cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Answers 413 to a request whose body is, or grows, larger than `largest_bytes`, before a route reads all of it.

    larger: paths that may carry more; one that ends with / stands for all below it. Their routes read a body only once
    they know who sends it.
    """

    def __init__(
        self, app: ASGIApp, largest_bytes: int = LARGEST_BODY_BYTES, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._usual_bytes, self._larger = largest_bytes, larger or {}
        self._below = tuple(path for path in self._larger if path.endswith("/"))

    def _largest(self, path: str) -> int:
        below = max((self._larger[one] for one in self._below if path.startswith(one)), default=self._usual_bytes)
        return self._larger.get(path, below)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest_bytes = self._largest(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > largest_bytes:
            await _too_large(send, largest_bytes)
            return
        # A body without a length (chunked) is counted as it arrives.
        received = 0
        started = False
        refused = False

        async def counted_receive() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest_bytes and not started:
                refused = True
                await _too_large(send, largest_bytes)
                return {"type": "http.disconnect"}
            return message

        async def watched_send(message: Message) -> None:
            nonlocal started
            if refused:
                return
            started = True
            await send(message)

        await self._app(scope, counted_receive, watched_send)


async def _too_large(send: Send, largest_bytes: int) -> None:
    body = b'{"detail":{"code":"too_large","message":"at most %d bytes are accepted"}}' % largest_bytes
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
