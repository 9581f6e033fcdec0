"""A call of ours: an INVITE, until it is answered, refused, or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiosipua import Dialog, SipRequest, SipResponse, generate_branch, generate_call_id, generate_tag
from aiosipua.dialog import DialogState
from aiosipua.headers import stringify_uri

from telephony.control.legs import Outcome
from telephony.sip.access import Admitted
from telephony.sip.agent import Agent
from telephony.sip.leg import Leg
from telephony.sip.messages import ALLOW, USER_AGENT, Address, tag_of
from telephony.sip.sdp import SDP, Session
from telephony.sip.transactions import NoAnswer, Overloaded, acknowledgement_of_answer

FIRST_WORD_S = 6.0
"""Within so long, four INVITEs, a far end says at least that it tries: a caller waits meanwhile."""
OUTCOMES = {
    403: Outcome.DECLINED,
    404: Outcome.FAILED,
    408: Outcome.NO_ANSWER,
    480: Outcome.NO_ANSWER,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,
    600: Outcome.BUSY,
    603: Outcome.DECLINED,
    607: Outcome.DECLINED,
}
"""What a refusal means for who called; any other is FAILED."""


class NotTaken(RuntimeError):
    """The far end did not take the call. status: of SIP, 0 when it did not answer at all."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status} {why}".strip() if status else why)
        self.outcome = OUTCOMES.get(status, Outcome.FAILED)


class Calling:
    """to, sender: SIP URIs; where: the address that the INVITE is sent to. headers: of ours, few and short."""

    def __init__(
        self, agent: Agent, to: str, sender: str, where: Address, session: Session, headers: Mapping[str, str]
    ) -> None:
        self._agent, self._to, self._sender, self._where = agent, to, sender, where
        self._session, self._headers = session, dict(headers)
        self.ref = generate_call_id("centralino")
        self._tag, self._number = generate_tag(), 0
        self._invite: SipRequest | None = None
        self.taken_back = False

    async def answered(self) -> Leg:
        """Ring until it is answered; sound is agreed on. Raises NotTaken and BadDescription."""
        try:
            response = await self._asked()
        except (NoAnswer, Overloaded) as error:
            raise NotTaken(408 if isinstance(error, NoAnswer) else 0, str(error)) from None
        if response.status_code >= 300:
            raise NotTaken(response.status_code, response.reason_phrase)
        leg = self._leg(response)
        self._agent.send(acknowledgement_of_answer(leg), leg.source)
        if self.taken_back:
            leg.hang_up("cancelled")
            raise NotTaken(487, "answered when it was taken back already")
        try:
            self._session.answered(response.text)
        except ValueError:
            leg.hang_up("no_common_codec")
            raise
        return leg

    async def _asked(self) -> SipResponse:
        asking = asyncio.create_task(self._agent.ask(self._request, self._where))
        try:
            await asyncio.wait({asking}, timeout=FIRST_WORD_S)
            if not asking.done() and self._invite and not self._agent.rings(self._invite):
                raise NotTaken(0, f"{self._where[0]} says nothing within {FIRST_WORD_S:.0f} s")
            return await asking
        finally:
            asking.cancel()

    async def take_back(self) -> None:
        """CANCEL; a far end that answers at the same moment is hung up."""
        self.taken_back = True
        if self._invite is None:
            return
        cancel = SipRequest(method="CANCEL", uri=self._invite.uri)
        cancel.headers.append("Via", self._invite.headers.get("via")[0])
        for name in ("From", "To", "Call-ID"):
            cancel.headers.set_single(name, self._invite.get_header(name) or "")
        cancel.headers.set_single("CSeq", f"{self._number} CANCEL")
        cancel.headers.set_single("Max-Forwards", "70")
        try:
            await self._agent.ask_once(cancel, self._where)
        except (NoAnswer, Overloaded):
            return  # then the INVITE is not answered either

    def _request(self) -> SipRequest:
        self._number += 1
        host, port = self._agent.contact(self._where)
        shown = f"[{host}]" if ":" in host else host
        request = SipRequest(method="INVITE", uri=self._to)
        headers = {
            "Via": f"SIP/2.0/UDP {shown}:{port};branch={generate_branch()};rport",
            "From": f"<{self._sender}>;tag={self._tag}",
            "To": f"<{self._to}>",
            "Call-ID": self.ref,
            "CSeq": f"{self._number} INVITE",
            "Max-Forwards": "70",
            "Contact": f"<sip:centralino@{shown}:{port}>",
            "Allow": ALLOW,
            "User-Agent": USER_AGENT,
            **self._headers,
            "Content-Type": SDP,
        }
        for name, value in headers.items():
            request.headers.set_single(name, value)
        request.text = self._session.offer()
        self._invite = request
        return request

    def _leg(self, response: SipResponse) -> Leg:
        assert self._invite is not None
        contacts = response.contact
        dialog = Dialog(
            call_id=self.ref, local_tag=self._tag, remote_tag=tag_of(response, "to"), local_uri=self._sender,
            remote_uri=self._to, remote_target=stringify_uri(contacts[0].uri) if contacts else self._to,
            route_set=list(reversed(response.headers.get("record-route"))), local_cseq=self._number,
            state=DialogState.CONFIRMED,
        )  # fmt: skip
        leg = Leg(self._agent, self._invite, self._where, Admitted(self._where[0], trusted_address=True), dialog)
        leg.session, leg.accepted = self._session, True
        leg.acknowledged.set()
        return leg
