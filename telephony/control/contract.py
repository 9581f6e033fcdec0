"""What can be done to a call beside its sound, in the same words for every phone system.

**How to dial.** `Reception.expect_outgoing` (a call of the bot) or `Controls.expect_leg` (a phone that joins a call)
gives an `Expected` with a single-use token. Then

    leg = await reception.controls.dial(expected, Order(to="+39051…", shown="+39051…", ring_s=30))
    outcome = await leg.outcome()          # ANSWERED, BUSY, NO_ANSWER, DECLINED, FAILED

rings it through the door that `expected.door` names (`controls.dialling_door` finds one that can). Once it is answered
its sound comes to that door like a caller's: an outgoing call's bot is talking when `outcome` returns ANSWERED.
Otherwise who expected the call ends it (`Reception.give_up`). `leg.cancel()` stops the ringing. Whatever happens,
`outcome` returns within `ring_s` and some seconds, and never raises; `dial` raises `ControlFailed` where the system
refuses at once.

**Where nothing of this is needed.** Hold with music, digits and joining two voices are done in our own sound wherever
it passes through us, so that they work on every door; a system's own way is used where it has a better one.

Nothing here repeats a request that may have had an effect. Everything takes at most `TIMEOUT_S`. What has ended already
is no error. Credentials come from the settings and are in no message and no log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from telephony.control.legs import Leg
from telephony.expected import Expected

NUMBER = re.compile(r"\+[0-9]{5,15}")
"""E.164."""
SIP_URI = re.compile(r"sips?:[A-Za-z0-9._+\-]{1,64}@[A-Za-z0-9.\-]{1,128}(:\d{1,5})?")
TIMEOUT_S = 5.0
"""Of one request to a phone system."""
LONGEST_RING_S = 60


class Deed(StrEnum):
    HANG_UP = "hang_up"
    SEND_KEYS = "send_keys"
    HOLD = "hold"
    TRANSFER = "transfer"
    DIAL = "dial"
    BRIDGE = "bridge"


class ControlFailed(RuntimeError):
    """A phone system did not do it. status: of HTTP or SIP, 0 when it could not be reached or has no numbers."""

    def __init__(self, system: str, deed: Deed, why: str, status: int = 0) -> None:
        super().__init__(f"{system}: {deed}: {status or ''} {why}".replace(":  ", ": "))
        self.system, self.deed, self.status = system, deed, status


class CannotDo(ControlFailed):
    """This system, as it is set up, never can. Raised when settings are read or lines are checked."""


@dataclass(frozen=True)
class Order:
    """A leg that is to be rung. to: a number (E.164) or an address in the system's words (`sip:anna@pbx.example`,
    `PJSIP/anna`); shown: the number that is shown to who is called."""

    to: str
    shown: str = ""
    ring_s: int = 30


class CallControl:
    """One phone system's. ref: its own id of a call. What it does not override, it cannot do.

    All methods raise ControlFailed; nothing else, whatever the system answers.
    """

    name: ClassVar[str]
    """Of its door."""
    can: frozenset[Deed] = frozenset()
    lacks: str = ""
    """What to set so that it can do more; for the messages of CannotDo."""

    async def hang_up(self, ref: str) -> None:
        raise self.refusal(Deed.HANG_UP)

    async def send_keys(self, ref: str, keys: str) -> None:
        """keys: of 0-9 * #."""
        raise self.refusal(Deed.SEND_KEYS)

    async def hold(self, ref: str, held: bool) -> None:
        """Who is called `ref` hears the system's own music, or no longer."""
        raise self.refusal(Deed.HOLD)

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        """Blind: the system connects the caller to `order.to` and our sound ends. Returns once the system has taken it
        on, or, where it tells, once it is answered; while it raises, the caller is still here."""
        raise self.refusal(Deed.TRANSFER)

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        """Begin to ring; sets `leg.ref`. The leg's sound comes to our door with `expected.token`.

        `expected.call_id`, which is short, goes along as a header or a parameter: with it the far end, or an operator's
        screen, finds the call in the history. A transcript goes nowhere.
        """
        raise self.refusal(Deed.DIAL)

    def reaches(self, to: str) -> None:
        """Raises CannotDo for an address that this system cannot ring."""
        if not NUMBER.fullmatch(to):
            raise CannotDo(self.name, Deed.DIAL, f"{to!r} is no number like +390511234567")

    async def stop_ringing(self, leg: Leg) -> None:
        """Hang up a leg that nobody has answered yet."""
        await self.hang_up(leg.ref)

    async def bridge(self, name: str, refs: tuple[str, ...]) -> None:
        """Everybody hears everybody, inside the system; a bridge of that name is made, or they join it."""
        raise self.refusal(Deed.BRIDGE)

    async def unbridge(self, name: str, refs: tuple[str, ...]) -> None:
        """These leave it, and go on by themselves."""
        raise self.refusal(Deed.BRIDGE)

    def verbs(self, name: str) -> list[dict[str, Any]] | None:
        """For systems that ask by webhook: what was laid down under a name that works once."""
        return None

    def also_called(self, ref: str, other: str) -> None:
        """The system has a second id for a call."""

    async def close(self) -> None:
        """No further requests."""

    def check(self, deed: Deed) -> None:
        """Raises CannotDo, with what to set."""
        if deed not in self.can:
            raise self.refusal(deed)

    def refusal(self, deed: Deed) -> CannotDo:
        return CannotDo(self.name, deed, self.lacks or "this phone system has no way to do it")
