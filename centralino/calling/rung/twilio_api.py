"""Twilio's REST interface, as far as a server uses it: calls are created, changed and ended, and phones ring.

Wire format: Twilio's documentation "Call resource". What is created is fetched and streamed like a call that came in:
its markup is read by the same strict reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from centralino.calling import twiml
from centralino.calling.ari_rest import listening_at
from centralino.calling.far_end import Dialling
from centralino.calling.form_webhook import FormWebhook
from centralino.calling.rung.answering import ANSWERS, DECLINED, FAILED, NO_ANSWER, People
from centralino.calling.twilio import TwilioDoor

NEEDED = ("To", "From", "Twiml")


@dataclass
class TwilioApi:
    """to: where the server's webhooks and stream are. changes: (sid, form) of each update, in order."""

    account_sid: str
    auth_token: str
    to: Dialling
    people: People
    phones: dict[str, TwilioDoor] = field(default_factory=dict)
    """Who has answered, by the number that was called."""
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of their streams."""
    created: list[dict[str, str]] = field(default_factory=list)
    changes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    up: set[str] = field(default_factory=set)
    """Calls that came in and are up, which it can change like those that it rang."""
    broken: str = ""
    """'garbage' | 'error': answers nothing that can be understood, or 500."""
    answered_by: str = "human"
    """What its machine detection finds, where it was asked for."""
    _ringing: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def at(self, port: int) -> AsyncIterator[str]:
        """Its address while it answers there."""
        account = f"/2010-04-01/Accounts/{self.account_sid}/Calls"
        routes = [
            Route(f"{account}.json", self._create, methods=["POST"]),
            Route(f"{account}/{{sid}}.json", self._change, methods=["POST"]),
        ]
        async with listening_at("127.0.0.1", port, routes):
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                for task in self._ringing.values():
                    task.cancel()
                await asyncio.gather(*self._ringing.values(), return_exceptions=True)
                for phone in self.phones.values():
                    await phone.close()

    def _refusal(self, request: Request) -> Response | None:
        basic = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Basic {basic}"):
            return _error(401, 20003, "Authenticate")
        if self.broken == "error":
            return _error(500, 20500, "Internal Server Error")
        return Response("<html>", media_type="text/html") if self.broken else None

    async def _create(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if refusal := self._refusal(request):
            return refusal
        if missing := [name for name in NEEDED if not form.get(name)]:
            return _error(400, 21201, f"No {missing[0]} specified")
        try:
            plan = twiml.parse(form["Twiml"])
        except twiml.BadTwiml as error:
            return _error(400, 12100, str(error))
        sid = "CA" + secrets.token_hex(16)
        self.created.append(form)
        self._ringing[sid] = asyncio.create_task(self._ring(sid, form, plan))
        return JSONResponse({"sid": sid, "status": "queued", "to": form["To"], "from": form["From"]}, 201)

    async def _ring(self, sid: str, form: dict[str, str], plan: twiml.Instructions) -> None:
        to = form["To"].partition("?")[0]
        does = self.people.asked(to)
        ids = {"CallSid": sid, "AccountSid": self.account_sid}
        fields = {**ids, "To": form["To"], "From": form["From"], "Direction": "outbound-api"}
        webhook = FormWebhook(self.to, fields, TwilioDoor.proof(self.to))
        if does == NO_ANSWER:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(int(form["Timeout"])):
                    await asyncio.Event().wait()
        if does != ANSWERS:
            said = "failed" if does in (FAILED, DECLINED) else does
            return await webhook.tell(form["StatusCallback"], CallStatus=said)
        socket = await webhook.stream(plan.stream_url, TwilioDoor.upgrade(self.to, plan))
        self.parameters[to] = plan.parameters
        phone = self.phones[to] = TwilioDoor(socket, self.to, webhook, ids, plan)
        await phone.begin()
        if form.get("MachineDetection") == "Enable":
            await webhook.tell(form["AsyncAmdStatusCallback"], AnsweredBy=self.answered_by)

    async def _change(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if refusal := self._refusal(request):
            return refusal
        sid = request.path_params["sid"]
        ringing = self._ringing.get(sid)
        phone = next((phone for phone in self.phones.values() if phone.call_id == sid), None)
        rung = ringing is not None and not (ringing.done() and (phone is None or phone.ended))
        if not rung and sid not in self.up:
            return _error(404, 20404, f"The requested resource /Calls/{sid}.json was not found")
        self.changes.append((sid, form))
        if form.get("Status") == "completed":
            self.up.discard(sid)
            if ringing:
                ringing.cancel()
            if phone:
                await phone.hang_up()
        return JSONResponse({"sid": sid, "status": form.get("Status", "in-progress")})


def _error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "status": status}, status)
