"""Twilio's requests to a server's webhooks, signed as Twilio signs them.

The signature is made here once more, apart from the server's own code, so that the two can disagree.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import httpx

from centralino.calling import twiml
from centralino.calling.door import CallRefused
from centralino.calling.reaching import reachable

WEBHOOK_TIMEOUT_S = 15.0
"""Twilio gives a webhook 15 s."""


def signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """`X-Twilio-Signature`: base64(HMAC-SHA1(auth token, URL + each form field's name and value, by name))."""
    message = url + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.digest(auth_token.encode(), message.encode(), hashlib.sha1)).decode()


class TwilioWebhook:
    """One call's webhook requests.

    server_url: where they are sent; public_url: the server's address as Twilio knows it, which is what it signs.
    """

    def __init__(self, server_url: str, public_url: str, auth_token: str, fields: Mapping[str, str]) -> None:
        self._server_url, self._public_url, self._auth_token = server_url, public_url, auth_token
        self._fields = dict(fields)

    async def ask(self, url: str, **more: str) -> twiml.Instructions:
        """POST to a (public) URL; the TwiML of the answer. Raises CallRefused."""
        fields = {**self._fields, **more}
        sent_to = self.reachable(url)
        try:
            async with httpx.AsyncClient(timeout=WEBHOOK_TIMEOUT_S, trust_env=False) as client:
                answer = await client.post(
                    sent_to, data=fields, headers={"X-Twilio-Signature": signature(self._auth_token, url, fields)}
                )
        except httpx.HTTPError as error:
            raise CallRefused(f"no answer from {sent_to} ({error!r}); is the server running there?") from error
        if answer.status_code == 403:
            raise CallRefused(
                f"{sent_to} refused the signature (403): it is made with the auth token over {url}; both must be the "
                f"server's own. {answer.text[:200]}"
            )
        if answer.status_code != 200:
            raise CallRefused(f"{sent_to} answered {answer.status_code}: {answer.text[:300]}")
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in ("text/xml", "application/xml", "text/html"):
            raise CallRefused(f"{sent_to} answered with {kind or 'no content type'}; Twilio wants text/xml")
        try:
            return twiml.parse(answer.text)
        except twiml.BadTwiml as error:
            raise CallRefused(f"{sent_to}: {error}") from error

    def reachable(self, url: str) -> str:
        """The URL to use for a public URL: the same, but on `server_url` where the public one leads to the server."""
        return reachable(url, self._public_url, self._server_url)

    def signed(self, url: str) -> str:
        return signature(self._auth_token, url, {})
