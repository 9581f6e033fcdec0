"""What calls have done elsewhere: other systems are asked over HTTP, SMS and e-mails are handed to their gateways.

A flowbook is written by people who may not know what a server can reach, and its requests hold what callers say. So
only hosts that the settings name are asked, at the address that was resolved and checked (`telephony.reachable`),
without redirects and proxies, within a time and a size; and only the variables that the settings name are filled in.
"""

from __future__ import annotations

import asyncio
import json
import os
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import httpx
import structlog

from dialogs.events import Message, Request, Responded
from dialogs.requesting import Ready, ready
from telephony.reachable import Refused, checked

log = structlog.get_logger()

LARGEST_ANSWER = 64 * 1024
"""Bytes of another system's answer; it goes into the history and into the call's state."""
DEEPEST_ANSWER = 20
MESSAGE_S = 10.0
"""How long a gateway may take to accept a message."""
AT_ONCE = 16
"""Requests and messages of all calls together; further ones wait, and their time runs."""


@dataclass(frozen=True)
class SmsGateway:
    """A webhook that gets {"to", "text", "from", "id"} as JSON. token: sent as `Authorization: Bearer`."""

    url: str
    token: str = field(default="", repr=False)
    sender: str = ""


@dataclass(frozen=True)
class MailGateway:
    """An SMTP server. starttls: whether the connection is encrypted before anything is said."""

    host: str
    sender: str
    port: int = 587
    starttls: bool = True
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Allowed:
    """hosts: that may be asked, 'crm.example.org' or with a port. inside: those of them that may have an address in a
    private network, or this machine. variables: that {env.NAME} may name."""

    hosts: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


class Errands:
    """A server's, for all its calls. environment: where {env.NAME} is looked up."""

    def __init__(
        self,
        allowed: Allowed | None = None,
        sms: SmsGateway | None = None,
        mail: MailGateway | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._allowed, self._sms, self._mail = allowed or Allowed(), sms, mail
        self._environment = environment
        self._free = asyncio.Semaphore(AT_ONCE)

    @property
    def channels(self) -> tuple[str, ...]:
        """On which messages can be sent."""
        return tuple(name for name, gateway in (("sms", self._sms), ("email", self._mail)) if gateway is not None)

    async def ask(
        self, request: Request, call_id: str, at_ms: int, slots: Mapping[str, Any] = MappingProxyType({})
    ) -> Responded:
        """Ask another system; whatever goes wrong is told in the answer. at_ms: the clock of the call, by now.

        A second attempt has the same Idempotency-Key, so that nothing is done twice.
        """
        try:
            filled = ready(request, self._secret, slots)
        except Refused as refused:
            return Responded(at_ms, request.id, False, error=str(refused))
        began_s = asyncio.get_running_loop().time()
        error, status, value, ok = "", 0, None, False
        for _ in range(1 + max(0, min(request.retries, 1))):
            try:
                async with asyncio.timeout(request.timeout_ms / 1000), self._free:
                    status, value = await self._once(filled, f"{call_id}-{request.id}")
            except TimeoutError:
                error = f"no answer within {request.timeout_ms} ms"
            except httpx.HTTPError as broken:
                error = f"no answer: {type(broken).__name__}"
            except (Refused, _Unusable) as unusable:
                error = str(unusable)
                break
            else:
                ok = 200 <= status < 300
                error = "" if ok else f"status {status}"
                if status < 500:
                    break
            if ok:
                break
        waited_ms = round((asyncio.get_running_loop().time() - began_s) * 1000)
        log.info("errand.asked", request=request.id, ok=ok, status=status, took_ms=waited_ms)
        return Responded(at_ms + waited_ms, request.id, ok, status, value if ok else None, error)

    async def _once(self, filled: Ready, key: str) -> tuple[int, Any]:
        target = await checked(filled.url, self._allowed.hosts, self._allowed.inside)
        headers = {**filled.headers, "Host": target.host, "Accept": "application/json"}
        if filled.method != "GET":
            headers["Idempotency-Key"] = key
        content = None if filled.body is None else json.dumps(filled.body, ensure_ascii=False).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=None) as client,  # noqa: S113 (see ask)
            client.stream(
                filled.method,
                target.url,
                params=dict(filled.query) or None,
                headers=headers,
                content=content,
                extensions={"sni_hostname": target.name},
            ) as answer,
        ):
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise _Unusable(f"the answer is larger than {LARGEST_ANSWER} bytes")
            ok = 200 <= answer.status_code < 300
            return answer.status_code, _json(body) if ok and body.strip() else None

    async def send(self, message: Message, key: str, at_ms: int) -> Responded:
        """Hand a message to its gateway, as it is written. key: its own; another attempt has the same, so that a
        gateway that took it and whose answer was lost sends it once."""
        error = ""
        try:
            async with asyncio.timeout(MESSAGE_S), self._free:
                if message.channel == "sms":
                    await self._send_sms(message, key)
                else:
                    await asyncio.to_thread(self._send_mail, message, key)
        except TimeoutError:
            error = f"the gateway did not answer within {MESSAGE_S:.0f} s"
        except (Refused, httpx.HTTPError, smtplib.SMTPException, OSError, ValueError) as broken:
            error = str(broken) if isinstance(broken, Refused) else f"not sent: {type(broken).__name__}"
        if error:
            log.warning("errand.message_not_sent", channel=message.channel, error=error)
        return Responded(at_ms, message.id, not error, error=error)

    async def _send_sms(self, message: Message, key: str) -> None:
        gateway = self._sms
        if gateway is None:
            raise Refused("no SMS gateway is configured; see docs/calling-systems.md")
        headers = {"Authorization": f"Bearer {gateway.token}"} if gateway.token else {}
        body = {"to": message.to, "text": message.text, "from": gateway.sender, "id": key}
        async with httpx.AsyncClient(trust_env=False, timeout=MESSAGE_S) as client:
            answer = await client.post(gateway.url, json=body, headers={**headers, "Idempotency-Key": key})
        if not answer.is_success:
            raise Refused(f"the SMS gateway answered {answer.status_code}")

    def _send_mail(self, message: Message, key: str) -> None:
        gateway = self._mail
        if gateway is None:
            raise Refused("no mail server is configured; see docs/calling-systems.md")
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = gateway.sender, message.to, message.subject
        name, host = sha256(key.encode()).hexdigest()[:32], gateway.sender.rpartition("@")[2].strip("> ")
        mail["Date"], mail["Message-ID"] = formatdate(), f"<{name}@{host}>"
        mail.set_content(message.text)
        with smtplib.SMTP(gateway.host, gateway.port, timeout=MESSAGE_S) as server:
            if gateway.starttls:
                server.starttls()
            if gateway.username:
                server.login(gateway.username, gateway.password)
            server.send_message(mail)

    def _secret(self, name: str) -> str:
        if name not in self._allowed.variables:
            raise Refused(f"{{env.{name}}} is not among the variables that flowbooks may use ([errands] variables)")
        value = self._environment.get(name, "")
        if not value:
            raise Refused(f"the variable {name} is not set")
        return value


class _Unusable(Exception):
    """An answer that cannot be used; asking again would not help."""


def _json(body: bytes) -> Any:
    try:
        value = json.loads(body)
        if _depth(value) > DEEPEST_ANSWER:
            raise _Unusable(f"the answer is nested more than {DEEPEST_ANSWER} deep")
    except (ValueError, RecursionError) as error:
        raise _Unusable("the answer is no JSON") from error
    return value


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
