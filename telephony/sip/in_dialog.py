"""What the far end of a call asks for while it lasts: hold, another codec, a key, news of a transfer, its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import structlog
from aiosipua import SipRequest
from aiosipua.dialog import dialog_matches, remote_cseq_valid

from telephony.sip import keypad, session_timer
from telephony.sip.messages import ALLOW, Address, answer
from telephony.sip.party import Party
from telephony.sip.refresh import Refresh
from telephony.sip.sdp import SDP, BadDescription
from telephony.sip.signalling import Gone, KeySent, MediaChanged
from telephony.sip.transfer import Transfer, progress_of

log = structlog.get_logger()

MOST_REQUESTS = 2000
"""In one call: a key a second for half an hour, and who sends more is broken."""


class Talking(Party, Protocol):
    """A leg with what these requests may concern."""

    refresh: Refresh
    transfer: Transfer | None


class InDialog:
    """One leg's. offered: we described the session, and the next ACK has their answer."""

    def __init__(self, leg: Talking) -> None:
        self._leg = leg
        self._invite = leg.invite
        self.offered = False
        self._taken = 0

    def take(self, request: SipRequest, source: Address) -> None:
        """A request of theirs, not a repeated one."""
        leg = self._leg
        if not dialog_matches(leg.dialog, request):
            return self._answer(request, 481)
        if request.method == "ACK":
            return self._acknowledge(request)
        if not remote_cseq_valid(leg.dialog, request):
            return self._answer(request, 500, {"Retry-After": "5"})
        leg.source = source
        self._taken += 1
        if self._taken > MOST_REQUESTS:
            leg.lost("too_many_requests", f"over {MOST_REQUESTS} SIP requests in one call")
        match request.method:
            case "BYE":
                self._bye(request)
            case "INVITE" | "UPDATE":
                self._renegotiate(request)
            case "INFO":
                key = keypad.key_of(request)
                self._answer(request, 415 if key is None else 200)
                if key and not leg.over:
                    leg.notify(KeySent(key))
            case "NOTIFY":
                progress = progress_of(request)
                self._answer(request, 200 if progress else 489)
                if progress and leg.transfer:
                    leg.transfer.told(progress)
            case "OPTIONS":
                self._answer(request, 200, {"Allow": ALLOW})
            case _:
                self._answer(request, 405, {"Allow": ALLOW})

    def _acknowledge(self, ack: SipRequest) -> None:
        leg = self._leg
        leg.signalling.acknowledged(self._invite)
        leg.dialog.confirm()
        if self.offered and leg.session and not leg.over:
            self.offered = False
            try:
                leg.session.answered(ack.text)
            except BadDescription as error:
                return leg.lost(error.code, str(error))
            self._media_changed()
        leg.acknowledged.set()

    def _bye(self, request: SipRequest) -> None:
        leg = self._leg
        self._answer(request, 200)
        leg.cancelled()
        if not leg.over:
            leg.notify(Gone("caller_hung_up"))
            leg.leave()

    def _renegotiate(self, request: SipRequest) -> None:
        """A re-INVITE or UPDATE: hold and its end, another address or codec, or only a sign of life."""
        leg = self._leg
        if leg.over:
            return self._answer(request, 481)
        if leg.session is None or leg.refresh.pending or self.offered:
            return self._answer(request, 491)
        if request.body and (request.content_type or "").partition(";")[0].strip().lower() != SDP:
            return self._answer(request, 415, {"Accept": SDP})
        try:
            timer = session_timer.wanted(request, leg.signalling.now_s())
            body = leg.session.answer(request.text) if request.body else ""
        except session_timer.TooShort:
            return self._answer(request, 422, {"Min-SE": str(session_timer.LEAST_S)})
        except BadDescription as error:
            log.info("sip.not_acceptable", ref=leg.ref, code=error.code, detail=str(error))
            return self._answer(request, 488)
        leg.refresh.timer = timer or leg.refresh.refreshed()
        if request.method == "INVITE":
            self._invite, self.offered = request, not request.body
            body = body or leg.session.offer()
        leg.ok(request, body)
        if request.body:
            self._media_changed()

    def _media_changed(self) -> None:
        session = self._leg.session
        if session and session.agreed:
            self._leg.notify(MediaChanged(session.agreed.media))

    def _answer(self, request: SipRequest, status: int, headers: Mapping[str, str] | None = None) -> None:
        if request.method != "ACK":
            leg = self._leg
            leg.signalling.answer(request, answer(request, status, tag=leg.dialog.local_tag, headers=headers))
