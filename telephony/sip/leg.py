"""One call: its dialog, from the INVITE, which is the far end's or ours, to the BYE.

What happens to it is told as notices; it decides nothing about the call itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import structlog
from aiosipua import Dialog, SipRequest, create_dialog_from_request, generate_tag

from telephony.sip import session_timer
from telephony.sip.access import Admitted
from telephony.sip.in_dialog import InDialog
from telephony.sip.messages import ALLOW, Address, answer, lists, parameters_of, user_of
from telephony.sip.refresh import Refresh
from telephony.sip.sdp import SDP, Session
from telephony.sip.signalling import Gone, Notice, Signalling
from telephony.sip.transactions import NoAnswer, Overloaded
from telephony.sip.transfer import Transfer

log = structlog.get_logger()

_HOST = re.compile(r"@([^;:>\s]+)")


class Leg:
    """ref: the Call-ID; caller, called: the users of the URIs; parameters: the INVITE's X-… headers.

    dialog: of an INVITE of ours, which the far end has answered. notify: gets its notices; must not block.
    acknowledged: set by the ACK of our 200, and when the leg is over.
    """

    def __init__(
        self,
        signalling: Signalling,
        invite: SipRequest,
        source: Address,
        admitted: Admitted,
        dialog: Dialog | None = None,
    ) -> None:
        self.signalling, self.invite, self.source, self.admitted = signalling, invite, source, admitted
        self.dialog: Dialog = dialog or create_dialog_from_request(invite, local_tag=generate_tag())
        self.ref = self.dialog.call_id
        self.session: Session | None = None
        self.notify: Callable[[Notice], None] = lambda notice: None
        self.accepted = self.over = False
        self.acknowledged = asyncio.Event()
        self.transfer: Transfer | None = None
        self.refresh = Refresh(self)
        self.requests = InDialog(self)

    @property
    def caller(self) -> str:
        """Whom a trusted network asserts to be calling, else who says to be."""
        asserted = self.invite.get_header("p-asserted-identity") if self.admitted.trusted_address else None
        return user_of(asserted or "") or user_of(self.invite.get_header("from") or "")

    @property
    def called(self) -> tuple[str, ...]:
        """The user of the request, and of To where that is another."""
        users = (user_of(self.invite.uri), user_of(self.invite.get_header("to") or ""))
        return tuple(dict.fromkeys(filter(None, users)))

    @property
    def parameters(self) -> Mapping[str, str]:
        return parameters_of(self.invite)

    @property
    def offer(self) -> str | None:
        """Their session description; None: they want ours first."""
        return self.invite.text if self.invite.body else None

    def accept(self, session: Session, headers: Mapping[str, str]) -> None:
        """200. Raises BadDescription when there is nothing to agree on, TooShort for their session timer."""
        timer = session_timer.wanted(self.invite, self.signalling.now_s())
        body = session.offer() if self.offer is None else session.answer(self.offer)
        self.requests.offered = self.offer is None
        self.session, self.accepted, self.refresh.timer = session, True, timer
        self.ok(self.invite, body, headers)

    def refuse(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        """A final answer other than 200; nothing happens when there was one."""
        if not (self.over or self.accepted):
            self.signalling.answer(self.invite, answer(self.invite, status, tag=self.dialog.local_tag, headers=headers))
            self.leave()

    def move_to(self, number: str) -> None:
        """302: the far end is to try this number at its own domain, the one it called us by."""
        host = _HOST.search(self.invite.get_header("to") or "")
        self.refuse(302, {"Contact": f"<sip:{number}@{host[1] if host else self.source[0]}>"})

    def cancelled(self) -> None:
        """CANCEL, or BYE before our final answer; after that it has no effect."""
        if not (self.accepted or self.over):
            self.refuse(487)
            self.notify(Gone("cancelled"))

    def hang_up(self, reason: str) -> None:
        """BYE, once they have acknowledged the 200; a call that is not answered yet is refused."""
        if not self.accepted:
            self.refuse(480)
        elif not self.over:
            self.over = True
            self.signalling.start(self._bye(reason))

    def lost(self, code: str, detail: str) -> None:
        """They do not answer any more, or never did."""
        if not self.over:
            self.acknowledged.set()
            self.notify(Gone(code, detail))
            self.hang_up(code)

    def leave(self) -> None:
        """Nothing more is sent or taken."""
        self.over = True
        self.acknowledged.set()
        if self.transfer:
            self.transfer.left()
        self.signalling.forget(self.dialog.local_tag)

    def request(self, method: str, body: str = "") -> SipRequest:
        """A request of ours in this dialog. body: a session description."""
        host, port = self.signalling.contact(self.source)
        request: SipRequest = self.dialog.create_request(method, via_host=host, via_port=port)
        request.headers.set_single("Contact", self._contact())
        if body:
            request.headers.set_single("Content-Type", SDP)
            request.text = body
        return request

    def ok(self, request: SipRequest, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        """200 to what begins or refreshes the session."""
        more = {"Contact": self._contact(), "Allow": ALLOW, "Supported": "timer", **(headers or {})}
        if timer := self.refresh.timer:
            more["Session-Expires"] = timer.header(we_ask=False)
            if lists(request, "supported", "timer"):
                more["Require"] = "timer"
        self.signalling.answer(request, answer(request, 200, tag=self.dialog.local_tag, body=body, headers=more))

    def _contact(self) -> str:
        host, port = self.signalling.contact(self.source)
        return f"<sip:centralino@{f'[{host}]' if ':' in host else host}:{port}>"

    async def _bye(self, reason: str) -> None:
        try:
            await self.acknowledged.wait()
            await self.signalling.ask(lambda: self._bye_request(reason), self.source)
        except (NoAnswer, Overloaded) as error:
            log.info("sip.bye_not_answered", ref=self.ref, error=str(error))
        finally:
            self.leave()

    def _bye_request(self, reason: str) -> SipRequest:
        bye = self.request("BYE")
        text = "".join(letter for letter in reason if letter.isalnum() or letter in "_ -")[:64]
        bye.headers.set_single("Reason", f'SIP;cause=200;text="{text}"')
        return bye
