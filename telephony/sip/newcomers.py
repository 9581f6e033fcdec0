"""Requests that belong to no call yet: who may begin one, and what everybody else is told.

Nothing is kept for a stranger: they are answered from what they sent, and forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aiosipua import SipRequest

from telephony.sip.access import Access, Admitted, Challenged
from telephony.sip.leg import Leg
from telephony.sip.messages import ALLOW, Address, number_of, tag_of, unsupported
from telephony.sip.sdp import SDP
from telephony.sip.signalling import Signalling

MOST_LEGS = 1000


class Welcoming(Signalling, Protocol):
    """What a newcomer needs of the port."""

    @property
    def legs(self) -> tuple[Leg, ...]: ...

    def stateless(
        self, request: SipRequest, source: Address, status: int, headers: dict[str, str] | None = None
    ) -> None:
        """An answer that is forgotten at once."""
        ...

    def welcome(self, leg: Leg) -> None:
        """A new call. Raises Overloaded."""
        ...

    def leg_cancelled_by(self, cancel: SipRequest) -> Leg | None: ...


class Newcomers:
    """refused: told (door, why) of each who may not call; why: '' where they have been told often enough."""

    def __init__(self, agent: Welcoming, access: Access, refused: Callable[[str, str], None]) -> None:
        self._agent, self._access, self._refused = agent, access, refused

    def take(self, request: SipRequest, source: Address) -> None:
        """Raises Overloaded."""
        agent = self._agent
        match request.method:
            case "INVITE":
                self._invite(request, source)
            case "CANCEL":
                leg = agent.leg_cancelled_by(request)
                agent.stateless(request, source, 200 if leg else 481)
                if leg:
                    leg.cancelled()
            case "OPTIONS":
                agent.stateless(request, source, 200, {"Allow": ALLOW, "Accept": SDP, "Supported": "timer"})
            case _:
                agent.stateless(request, source, 405, {"Allow": ALLOW})

    def _invite(self, request: SipRequest, source: Address) -> None:
        agent = self._agent
        checked = self._access.check(request, source, agent.now_s())
        if isinstance(checked, Challenged):
            agent.stateless(request, source, 401, {"WWW-Authenticate": checked.header})
        elif not isinstance(checked, Admitted):
            self._refused("sip", "" if checked.silent else f"{source[0]}: {checked.why}")
            if not checked.silent:
                agent.stateless(request, source, 403)
        elif unknown := unsupported(request):
            agent.stateless(request, source, 420, {"Unsupported": ", ".join(unknown[:8])})
        elif any(_is_same_call(leg, request) for leg in agent.legs):
            agent.stateless(request, source, 482)  # it came by two ways: one of them is enough
        elif len(agent.legs) >= MOST_LEGS:
            agent.stateless(request, source, 503, {"Retry-After": "10"})
        else:
            agent.welcome(Leg(agent, request, source, checked))


def _is_same_call(leg: Leg, request: SipRequest) -> bool:
    ours = (leg.ref, leg.dialog.remote_tag, number_of(leg.invite))
    return ours == (request.call_id, tag_of(request, "from"), number_of(request))
