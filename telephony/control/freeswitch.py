"""Call control over FreeSWITCH's event socket (`uuid_…` commands of mod_commands, `originate`).

A phone that was rung and answered is parked, and mod_audio_fork brings its sound here, with our token in the metadata.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable
from typing import Any, ClassVar

import structlog

from telephony.control.contract import NUMBER, SIP_URI, CallControl, CannotDo, ControlFailed, Deed, Order
from telephony.control.esl import EslError, EventSocket
from telephony.control.legs import Leg, Outcome
from telephony.doors.freeswitch import FreeswitchCalling, FreeswitchSettings
from telephony.doors.house import House
from telephony.expected import Expected

log = structlog.get_logger()

ENDPOINT = re.compile(r"[a-z]{2,16}/[A-Za-z0-9_.+@/\-]{1,128}")
CAUSES = {
    "USER_BUSY": Outcome.BUSY,
    "CALL_REJECTED": Outcome.DECLINED,
    "NO_ANSWER": Outcome.NO_ANSWER,
    "NO_USER_RESPONSE": Outcome.NO_ANSWER,
    "ALLOTTED_TIMEOUT": Outcome.NO_ANSWER,
    "ORIGINATOR_CANCEL": Outcome.NO_ANSWER,
}
REF = re.compile(r"[A-Za-z0-9\-]{1,64}")


class FreeswitchControl(CallControl):
    name: ClassVar[str] = "freeswitch"

    def __init__(self, house: House, settings: FreeswitchSettings, calling: FreeswitchCalling) -> None:
        self._house, self._settings, self._calling = house, settings, calling
        self._socket = EventSocket(calling.host, calling.port, calling.password.get_secret_value())
        self.can = frozenset({Deed.HANG_UP, Deed.SEND_KEYS, Deed.HOLD, Deed.TRANSFER, Deed.DIAL, Deed.BRIDGE})
        self._ringing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._ringing:
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)
        await self._socket.close()

    def reaches(self, to: str) -> None:
        if ENDPOINT.fullmatch(to) or SIP_URI.fullmatch(to) or (NUMBER.fullmatch(to) and self._calling.dial):
            return
        why = "needs dial = 'sofia/gateway/NAME/{to}'" if NUMBER.fullmatch(to) else "is no endpoint like user/anna"
        raise CannotDo(self.name, Deed.DIAL, f"{to!r} {why} in [doors.freeswitch.calling]")

    async def hang_up(self, ref: str) -> None:
        try:
            await self._socket.api(f"uuid_kill {_ref(ref)}")
        except EslError as error:
            if "No such channel" not in str(error):
                raise ControlFailed(self.name, Deed.HANG_UP, str(error)) from None

    async def send_keys(self, ref: str, keys: str) -> None:
        await self._do(Deed.SEND_KEYS, self._socket.api(f"uuid_send_dtmf {_ref(ref)} {keys}"))

    async def hold(self, ref: str, held: bool) -> None:
        await self._do(Deed.HOLD, self._socket.api(f"uuid_hold {'' if held else 'off '}{_ref(ref)}"))

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        self.reaches(order.to)
        await self._do(Deed.TRANSFER, self._socket.api(f"uuid_setvar {_ref(ref)} sip_h_X-Call-Id {call_id}"))
        dialled = f"bridge:{self._endpoint(order.to)} inline"
        await self._do(Deed.TRANSFER, self._socket.api(f"uuid_transfer {_ref(ref)} {dialled}"))

    async def bridge(self, name: str, refs: tuple[str, ...]) -> None:
        if len(refs) != 2:
            raise ControlFailed(self.name, Deed.BRIDGE, "uuid_bridge joins two calls")
        await self._do(Deed.BRIDGE, self._socket.api(f"uuid_bridge {_ref(refs[0])} {_ref(refs[1])}"))

    async def unbridge(self, name: str, refs: tuple[str, ...]) -> None:
        for ref in refs:
            await self._do(Deed.BRIDGE, self._socket.api(f"uuid_park {_ref(ref)}"))

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.reaches(order.to)
        leg.ref = str(uuid.uuid4())
        shown = order.shown or self._calling.number
        variables = {
            "origination_uuid": leg.ref,
            "originate_timeout": str(order.ring_s),
            "ignore_early_media": "true",
            "sip_h_X-Call-Id": expected.call_id,
            "MOD_AUDIO_BASIC_AUTH_USERNAME": self._settings.username,
            "MOD_AUDIO_BASIC_AUTH_PASSWORD": self._settings.password.get_secret_value(),
            **({"origination_caller_id_number": shown} if shown else {}),
        }
        given = ",".join(f"{name}={value}" for name, value in variables.items())
        try:
            job = await self._socket.background(f"originate {{{given}}}{self._endpoint(order.to)} &park()")
        except EslError as error:
            raise ControlFailed(self.name, Deed.DIAL, str(error)) from None
        task = asyncio.create_task(self._answered(job, expected, leg))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def _answered(self, job: asyncio.Future[str], expected: Expected, leg: Leg) -> None:
        said = await job
        if not said.startswith("+OK"):
            cause = said.removeprefix("-ERR").strip()
            leg.tell(CAUSES.get(cause, Outcome.FAILED), cause)
            return
        try:
            await self._socket.api(f"uuid_audio_fork {leg.ref} start {self._fork(expected, leg.ref)}")
        except EslError as error:
            leg.tell(Outcome.FAILED, str(error))
            log.error("freeswitch.no_sound", call_id=expected.call_id, error=str(error))
            await self.hang_up(leg.ref)

    def _fork(self, expected: Expected, ref: str) -> str:
        """The words of mod_audio_fork behind `start`; its metadata must have no spaces."""
        rate = self._settings.sample_rate_hz
        about = {"line": expected.line.id, "call": ref, "token": expected.token, "sampleRate": rate}
        metadata = json.dumps(about, separators=(",", ":"))
        url = self._house.public_ws("/freeswitch/media")
        return f"{url} mono {rate} centralino {metadata} true true {rate}"

    def _endpoint(self, to: str) -> str:
        if NUMBER.fullmatch(to):
            return self._calling.dial.replace("{to}", to)
        return f"sofia/{self._calling.profile}/{to}" if to.startswith("sip") else to

    async def _do(self, deed: Deed, asked: Awaitable[Any]) -> None:
        try:
            await asked
        except EslError as error:
            raise ControlFailed(self.name, deed, str(error)) from None


def _ref(ref: str) -> str:
    """Raises ControlFailed for what could be more than one word of a command."""
    if not REF.fullmatch(ref):
        raise ControlFailed("freeswitch", Deed.HANG_UP, "this call's uuid is not known")
    return ref
