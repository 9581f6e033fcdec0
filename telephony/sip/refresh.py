"""Our side of a session timer: the far end is asked for a sign of life, and given up when it gives none."""

from __future__ import annotations

from dataclasses import replace

import structlog
from aiosipua import SipRequest

from telephony.sip import session_timer
from telephony.sip.messages import lists, number_of
from telephony.sip.party import Party
from telephony.sip.session_timer import SessionTimer
from telephony.sip.transactions import NoAnswer, Overloaded, acknowledgement_of_answer

log = structlog.get_logger()

GONE = frozenset({408, 481})
"""Answers that say that the far end has no such call (RFC 4028, section 10)."""


class Refresh:
    """One leg's. timer: as agreed on, None where the far end knows none. pending: a refresh waits for its answer."""

    def __init__(self, leg: Party) -> None:
        self._leg = leg
        self.timer: SessionTimer | None = None
        self.pending = False
        self._updates = not leg.invite.headers.get("allow") or lists(leg.invite, "allow", "UPDATE")

    def refreshed(self) -> SessionTimer | None:
        """The timer after a sign of life that named none."""
        return replace(self.timer, since_s=self._leg.signalling.now_s()) if self.timer else None

    def due(self, now_s: float) -> None:
        """Called now and then."""
        if self.timer is None or self._leg.over or not self._leg.acknowledged.is_set():
            return
        if now_s >= self.timer.ends_s:
            self._leg.lost("session_expired", f"no sign of life within the agreed {self.timer.interval_s} s")
        elif self.timer.refresh_due_s is not None and now_s >= self.timer.refresh_due_s and not self.pending:
            self.pending = True
            self._leg.signalling.start(self._ask(self.timer))

    async def _ask(self, timer: SessionTimer) -> None:
        """By UPDATE, or by re-INVITE with the same description where the far end does not take that."""
        leg = self._leg
        try:
            response = await leg.signalling.ask(lambda: self._request(timer), leg.source)
        except (NoAnswer, Overloaded) as error:
            leg.lost("session_expired", str(error))
            return
        finally:
            self.pending = False
        if leg.over:
            return
        if response.status_code < 300:
            self.timer = session_timer.agreed(response, timer, leg.signalling.now_s())
            if not self._updates:
                leg.signalling.send(acknowledgement_of_answer(leg, number_of(response)), leg.source)
        elif response.status_code in GONE:
            leg.lost("session_expired", f"the far end answered a refresh with {response.status_code}")
        elif self._updates and response.status_code in (405, 501):
            self._updates = False  # the next look asks by re-INVITE
        else:
            log.info("sip.refresh_refused", ref=leg.ref, status=response.status_code)
            self.timer = self.refreshed()  # it is alive

    def _request(self, timer: SessionTimer) -> SipRequest:
        body = "" if self._updates or self._leg.session is None else self._leg.session.offer()
        request = self._leg.request("UPDATE" if self._updates else "INVITE", body)
        request.headers.set_single("Supported", "timer")
        request.headers.set_single("Session-Expires", timer.header(we_ask=True))
        return request
