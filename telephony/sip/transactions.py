"""What UDP does not do for SIP: repeat until answered, answer what is repeated (RFC 3261, section 17). Time comes in.

`send` puts bytes on the network; `due` is called some ten times a second. All of it is bounded and forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiosipua import SipRequest, SipResponse

from telephony.sip.messages import Address, TransactionKey, key_of, number_of
from telephony.sip.party import Party

Send = Callable[[bytes, Address], None]

T1_S = 0.5
T2_S = 4.0
LIFE_S = 64 * T1_S
"""How long a message is repeated, and an answered request is remembered."""
RINGING_S = 60.0
"""So much longer a far end may take over an INVITE that it has begun to ring for."""
MOST = 4000
"""Transactions of either kind remembered at once; a stranger begins none."""


@dataclass
class _Repeated:
    """again_s: when it is sent next, None when it need not be any more."""

    datagram: bytes
    to: Address
    until_s: float
    again_s: float | None
    wait_s: float = T1_S

    def repeat(self, now_s: float, send: Send) -> None:
        if self.again_s is not None and now_s >= self.again_s:
            send(self.datagram, self.to)
            self.wait_s = min(self.wait_s * 2, T2_S)
            self.again_s = now_s + self.wait_s


class Overloaded(RuntimeError):
    """Too many transactions at once."""


class Answered:
    """Requests of the far ends, and our answers to them."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._known: dict[TransactionKey, _Repeated] = {}
        self._requests: dict[TransactionKey, SipRequest] = {}

    def __len__(self) -> int:
        return len(self._known)

    def repeated(self, request: SipRequest) -> bool:
        """Whether it came before: then it gets its last answer again. So is an ACK that says our answer has arrived."""
        known = self._known.get(key_of(request))
        if known is None:
            return False  # the ACK of a 2xx has a branch of its own, too
        if request.method == "ACK":
            known.again_s = None
        elif known.datagram:
            self._send(known.datagram, known.to)
        return True

    def begin(self, request: SipRequest, source: Address, now_s: float) -> None:
        """Remember a request that may have an answer, and where it is to be sent. Raises Overloaded."""
        if len(self._known) >= MOST:
            raise Overloaded(f"{MOST} transactions at once")
        key = key_of(request)
        self._known[key] = _Repeated(b"", source, now_s + LIFE_S, None)
        if request.method == "INVITE":
            self._requests[key] = request

    def answer(self, request: SipRequest, response: SipResponse, now_s: float) -> None:
        """Send it, and again whenever the request comes again; a final one to an INVITE until its ACK has come."""
        known = self._known.get(key_of(request))
        if known is None:
            return  # so late that nobody waits for it any more
        known.datagram, known.until_s, known.wait_s = bytes(response), now_s + LIFE_S, T1_S
        final_to_invite = request.method == "INVITE" and response.status_code >= 200
        known.again_s = now_s + T1_S if final_to_invite else None
        self._send(known.datagram, known.to)

    def invite_of(self, cancel: SipRequest) -> SipRequest | None:
        """The INVITE that a CANCEL means, if it is remembered."""
        return self._requests.get(key_of(cancel)._replace(method="INVITE"))

    def acknowledged(self, invite: SipRequest) -> None:
        """The ACK of our 2xx came."""
        if known := self._known.get(key_of(invite)):
            known.again_s = None

    def due(self, now_s: float) -> list[SipRequest]:
        """Send what is due; INVITEs of which nobody acknowledged the final answer."""
        abandoned: list[SipRequest] = []
        for key, known in list(self._known.items()):
            if now_s < known.until_s:
                known.repeat(now_s, self._send)
                continue
            request = self._requests.get(key)
            if request is not None and not known.datagram:
                known.until_s = now_s + LIFE_S  # still being decided
                continue
            if request is not None and known.again_s is not None:
                abandoned.append(request)
            del self._known[key]
            self._requests.pop(key, None)
        return abandoned


def acknowledgement(invite: SipRequest, response: SipResponse) -> SipRequest:
    """The ACK of a refusal; the INVITE's transaction ends with it (RFC 3261, section 17.1.1.3)."""
    ack = SipRequest(method="ACK", uri=invite.uri)
    ack.headers.append("Via", invite.headers.get("via")[0])
    for name, value in (("From", invite), ("To", response), ("Call-ID", invite)):
        ack.headers.set_single(name, value.get_header(name) or "")
    ack.headers.set_single("CSeq", f"{number_of(invite)} ACK")
    ack.headers.set_single("Max-Forwards", "70")
    return ack


def acknowledgement_of_answer(leg: Party, number: int | None = None) -> SipRequest:
    """The ACK of a 200. number: the CSeq of the INVITE; None: of the one that began the call."""
    cseq = leg.dialog.local_cseq
    ack = leg.request("ACK")
    leg.dialog.local_cseq = cseq
    ack.headers.set_single("CSeq", f"{number_of(leg.invite) if number is None else number} ACK")
    return ack


class NoAnswer(RuntimeError):
    """The far end did not answer a request, however often it was repeated."""


class Asked:
    """Requests of ours, until their final answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._open: dict[TransactionKey, tuple[_Repeated, SipRequest, asyncio.Future[SipResponse]]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, request: SipRequest, to: Address, now_s: float) -> asyncio.Future[SipResponse]:
        """The final answer to it; NoAnswer after 32 s. Raises Overloaded."""
        if len(self._open) >= MOST:
            raise Overloaded(f"{MOST} transactions at once")
        answered: asyncio.Future[SipResponse] = asyncio.get_running_loop().create_future()
        datagram = bytes(request)
        self._open[key_of(request)] = (_Repeated(datagram, to, now_s + LIFE_S, now_s + T1_S), request, answered)
        self._send(datagram, to)
        return answered

    def rings(self, invite: SipRequest) -> bool:
        """Whether the far end has begun to answer an INVITE of ours."""
        found = self._open.get(key_of(invite))
        return found is None or found[0].again_s is None

    def take(self, response: SipResponse) -> bool:
        """Whether it belongs to a request that is open."""
        method = response.cseq.method if response.cseq else ""
        top = response.via[0]
        key = TransactionKey(top.branch or "", f"{top.host}:{top.port}", method)
        if key not in self._open:
            return False
        repeated, request, answered = self._open[key]
        if response.status_code < 200:
            if method == "INVITE" and repeated.again_s is not None:
                repeated.again_s, repeated.until_s = None, repeated.until_s + RINGING_S
            repeated.wait_s = T2_S
            return True
        del self._open[key]
        if method == "INVITE" and response.status_code >= 300:
            self._send(bytes(acknowledgement(request, response)), repeated.to)
        if not answered.done():
            answered.set_result(response)
        return True

    def due(self, now_s: float) -> None:
        for key, (repeated, request, answered) in list(self._open.items()):
            if answered.done():
                del self._open[key]
            elif now_s >= repeated.until_s:
                del self._open[key]
                answered.set_exception(NoAnswer(f"no answer to {request.method} from {repeated.to[0]}"))
            else:
                repeated.repeat(now_s, self._send)
