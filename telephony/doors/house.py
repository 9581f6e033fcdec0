"""What every door finds in the house: the reception behind it, and the address on its outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import structlog
from starlette.websockets import WebSocket

from telephony.door import Refused
from telephony.doors.announcements import Announcements
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.reception import Forwarded, Full, Reception

log = structlog.get_logger()

Proof = Literal["address", "announcement", "credentials", "password", "signature", "subprotocol", "ticket", "token"]
"""What a connection that was turned away did not show. credentials: of SIP, an address or a password."""

SORRY = "Ci scusiamo, al momento non possiamo rispondere. La preghiamo di richiamare più tardi."


@dataclass(frozen=True)
class House:
    """public_url: where phone systems reach this server; human_number: who takes the calls that it cannot.

    refused: how many connections each door has turned away because they did not prove who they are; refusals: the same
    by door and what was missing. announcements: calls whose connection will show nothing but a name.
    """

    reception: Reception
    public_url: str
    human_number: str = ""
    sorry: str = SORRY
    sorry_language: str = "it-IT"
    refused: Counter[str] = field(default_factory=Counter, compare=False)
    refusals: Counter[tuple[str, Proof]] = field(default_factory=Counter, compare=False)
    announcements: Announcements = field(default_factory=Announcements, compare=False)

    def public(self, path: str, query: str = "") -> str:
        return self.public_url.rstrip("/") + path + (f"?{query}" if query else "")

    def public_ws(self, path: str, query: str = "") -> str:
        parts = urlsplit(self.public(path, query))
        return urlunsplit(parts._replace(scheme="wss" if parts.scheme == "https" else "ws"))

    def human_for(self, line: str = "", ref: str = "", error: Exception | None = None) -> str:
        """The number of who takes a call instead of the bot: where a closed line (`error`) forwards it, else what its
        line says (known by the line's name, or by the phone system's id of a call that was taken), else the house's."""
        if isinstance(error, Forwarded):
            return error.number
        try:
            of_line = self.reception.lines.get(line).human_number if line else self.reception.human_number_of(ref)
        except UnknownLine:
            of_line = ""
        return of_line or self.human_number

    async def admit(self, line: str, caller: str, door: str, ref: str) -> Expected:
        """Begin a call whose first message is its announcement. Raises Refused and HistoryUnavailable."""
        try:
            expected = await self.reception.expect(line, caller, door, ref)
        except UnknownLine as error:
            raise Refused(str(error)) from None
        except Full as error:
            raise Refused(str(error), close=1013) from None
        claimed = self.reception.claim(expected.token)
        if claimed is None:
            raise Refused("the call is gone")
        return claimed

    async def claim(self, token: str, ref: str, door: str) -> Expected:
        """The call that a webhook announced and whose sound begins now. Raises Refused, and counts it."""
        expected = self.reception.claim(token, ref)
        why = "the token is unknown, used or too old"
        if expected and (expected.ref, expected.door) == (ref, door):
            return expected
        if expected:
            why = "the token belongs to another call"
            await self.reception.give_up(expected, "wrong_call", why)
        self.count_refused(door, "", "token")
        raise Refused(why)

    async def refuse(self, socket: WebSocket, door: str, why: str, missing: Proof) -> None:
        """Before the upgrade: the far end gets HTTP 403, and no sound or model was touched for it."""
        self.count_refused(door, why, missing)
        await socket.close(1008, why[:120])

    def count_refused(self, door: str, why: str, missing: Proof) -> None:
        """why: for the log; '' when it has heard of this far end often enough."""
        self.refused[door] += 1
        self.refusals[door, missing] += 1
        if why:
            log.warning("door.refused_upgrade", door=door, reason=why)
