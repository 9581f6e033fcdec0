"""The far end that jambonz is: it asks the signed webhook, streams the call by `listen`, and asks what comes then."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import uuid
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection

from centralino.calling import jambonz_verbs
from centralino.calling.audio_fork import AudioForkDoor, open_fork
from centralino.calling.door import CallRefused, Happening, Observer
from centralino.calling.far_end import Dialling
from centralino.calling.reaching import reachable

TIMEOUT_S = 10.0
SUBPROTOCOL = "audio.jambonz.org"


def signature(secret: str, at_s: int, body: bytes) -> str:
    """`Jambonz-Signature`, made here once more so that the server and its caller can disagree."""
    digest = hmac.new(secret.encode(), b".".join((str(at_s).encode(), body)), hashlib.sha256)
    return f"t={at_s},v1={digest.hexdigest()}"


class JambonzWebhook:
    """One call's webhooks. call: its attributes, as webhooks have them."""

    def __init__(self, to: Dialling, call: dict[str, Any]) -> None:
        self._server_url = to.server_url.rstrip("/")
        self._public_url = (to.public_url or to.server_url).rstrip("/")
        self._secret, self._call = to.secret("webhook_secret"), call

    def url(self, path: str) -> str:
        return self._public_url + path

    def reachable(self, url: str) -> str:
        return reachable(url, self._public_url, self._server_url)

    async def ask(self, url: str, **more: Any) -> jambonz_verbs.Instructions:
        """Raises CallRefused."""
        body = json.dumps({**self._call, **more}, separators=(",", ":"), ensure_ascii=False).encode()
        headers = {
            "Jambonz-Signature": signature(self._secret, int(time.time()), body),
            "Content-Type": "application/json",
        }
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
                answer = await client.post(self.reachable(url), content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CallRefused(f"no answer from {url} ({error!r}); is the server running there?") from error
        if answer.status_code != 200:
            raise CallRefused(f"{url} answered {answer.status_code}: {answer.text[:200]}; is webhook_secret the same?")
        try:
            return jambonz_verbs.parse(answer.json())
        except ValueError as error:
            raise CallRefused(f"{url}: {error}") from error


class JambonzDoor(AudioForkDoor):
    """A call in jambonz. call_id: its callSid. afterwards: the verbs that came after `listen`."""

    def __init__(
        self, socket: ClientConnection, rate_hz: int, observer: Observer, webhook: JambonzWebhook,
        plan: jambonz_verbs.Instructions,
    ) -> None:  # fmt: skip
        super().__init__(socket, rate_hz, observer)
        self._webhook, self._plan = webhook, plan

    @classmethod
    async def dial(cls, to: Dialling) -> JambonzDoor:
        """secrets: `webhook_secret`. Raises CallRefused and ValueError."""
        call_sid, account_sid = str(uuid.uuid4()), str(uuid.uuid4())
        call = {
            "direction": "inbound", "trace_id": secrets.token_hex(16), "caller_name": "", "call_sid": call_sid,
            "account_sid": account_sid, "from": to.caller, "to": to.line, "call_id": f"{uuid.uuid4()}@127.0.0.1",
            "sip_status": 100, "sip_reason": "Trying", "call_status": "trying",
        }  # fmt: skip
        webhook = JambonzWebhook(to, call)
        to.observer(Happening(0, "ringing", webhook.url("/jambonz/call")))
        plan = await webhook.ask(webhook.url("/jambonz/call"), sip={"headers": {}, "raw": ""}, defaults={})
        listen = plan.listen
        if listen is None:
            raise CallRefused(f"line {to.line!r}: the server answered with {', '.join(plan.others)}")
        auth, rate_hz = listen.get("wsAuth", {}), listen["bidirectionalAudio"]["sampleRate"]
        url = webhook.reachable(listen["url"])
        socket = await open_fork(url, auth.get("username", ""), auth.get("password", ""), SUBPROTOCOL)
        door = cls(socket, rate_hz, to.observer, webhook, plan)
        door.call_id = call_sid
        attributes = {
            "sampleRate": listen.get("sampleRate", 8000), "mixType": listen.get("mixType", "mono"),
            "callSid": call_sid, "direction": "inbound", "from": to.caller, "to": to.line, "callId": call["call_id"],
            "sipStatus": 200, "sipReason": "OK", "callStatus": "in-progress", "accountSid": account_sid,
        }  # fmt: skip
        await door.begin({**attributes, **listen.get("metadata", {})})
        return door

    async def after_call(self) -> None:
        """As jambonz does: ask the `actionHook`; where it gives no verbs, go on with those after `listen`."""
        by_caller = self.ended is not None and self.ended.by == "us"
        verbs, action = self._plan.others, (self._plan.listen or {}).get("actionHook")
        if action:
            state = {"call_status": "completed" if by_caller else "in-progress"}
            try:
                verbs = (await self._webhook.ask(action, **state)).others
            except CallRefused as refused:
                self.tell("protocol_error", f"the actionHook failed: {refused}")
        self.afterwards = () if by_caller else verbs
