"""A carrier's requests to a server's webhooks, as HTML forms with a proof of the carrier's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI

from centralino.calling.door import CallRefused
from centralino.calling.far_end import Dialling
from centralino.calling.reaching import reachable

WEBHOOK_TIMEOUT_S = 15.0
"""What Twilio gives a webhook; the others give it at least so much."""
XML_TYPES = ("text/xml", "application/xml", "text/html")

Proof = Callable[[str, Mapping[str, str], bytes], Mapping[str, str]]
"""The headers that prove a request: of its (public) URL, its fields, and the body they make."""


class FormWebhook:
    """One call's webhooks. fields: what all of them say; proof: see `Proof`."""

    def __init__(self, to: Dialling, fields: Mapping[str, str], proof: Proof) -> None:
        self._server_url = to.server_url.rstrip("/")
        self._public_url = (to.public_url or to.server_url).rstrip("/")
        self._fields, self._proof = dict(fields), proof

    def url(self, path: str) -> str:
        """The public one."""
        return self._public_url + path

    def reachable(self, url: str) -> str:
        return reachable(url, self._public_url, self._server_url)

    async def ask(self, url: str, **more: str) -> str:
        """POST to a (public) URL; the document that answers. Raises CallRefused."""
        answer = await self._post(url, more)
        if answer.status_code != 200:
            raise CallRefused(f"{url} answered {answer.status_code}: {answer.text[:300]}")
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in XML_TYPES:
            raise CallRefused(f"{url} answered with {kind or 'no content type'}; text/xml is wanted")
        return answer.text

    async def tell(self, url: str, **more: str) -> None:
        """POST what wants no answer. Raises CallRefused."""
        answer = await self._post(url, more)
        if answer.status_code // 100 != 2:
            raise CallRefused(f"{url} answered {answer.status_code}: {answer.text[:300]}")

    async def stream(self, url: str, headers: Mapping[str, str]) -> ClientConnection:
        """The websocket at a (public) URL. Raises CallRefused."""
        try:
            return await connect(self.reachable(url), additional_headers=headers, compression=None, proxy=None)
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise CallRefused(f"{url}: the stream was not connected ({error})") from error

    async def _post(self, url: str, more: Mapping[str, str]) -> httpx.Response:
        fields, sent_to = {**self._fields, **more}, self.reachable(url)
        body = urlencode(fields).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._proof(url, fields, body)}
        try:
            async with httpx.AsyncClient(timeout=WEBHOOK_TIMEOUT_S, trust_env=False) as client:
                answer = await client.post(sent_to, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CallRefused(f"no answer from {sent_to} ({error!r}); is the server running there?") from error
        if answer.status_code == 403:
            raise CallRefused(
                f"{sent_to} refused the signature (403): the secret it is made with, and {url} as the public address, "
                f"must be the server's own. {answer.text[:200]}"
            )
        return answer
