"""A scripted operator on the operators' real websocket: becomes available, accepts the first offer, talks, wraps up."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection

from centralino.calling.browser import RATE_HZ, open_socket
from centralino.calling.conversation import Conversation, converse
from centralino.calling.door import CallRefused, Ended, Observer, Told, nobody_watches
from centralino.calling.far_end import WebsocketDoor
from centralino.calling.measures import turns
from centralino.calling.operator_session import Credentials, operator_ticket
from centralino.calling.pacing import CallClock
from centralino.calling.result import Offer, OperatorResult
from centralino.calling.script import Script

WRAP_UP_TIMEOUT_S = 10.0


class OperatorDoor(WebsocketDoor):
    """The operators' websocket, for one call. The clock begins when the call is connected."""

    def __init__(self, socket: ClientConnection, observer: Observer) -> None:
        super().__init__(socket, RATE_HZ, observer)
        self.name = ""
        self.state = ""
        self.offer: Offer | None = None
        self.connected = asyncio.Event()
        self.state_changed = asyncio.Event()

    async def say(self, kind: str, **content: str) -> None:
        await self.send(json.dumps({"type": kind, **content}))

    async def send_frame(self, pcm: bytes) -> None:
        await self.send(pcm)

    async def send_key(self, key: str) -> None:
        raise ValueError(f"an operator's script cannot type {key!r}: the operators' door has no keys")

    async def echo_mark(self, name: str) -> None:
        raise AssertionError(f"the operators' door has no marks, got {name!r}")

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.say("hangup")

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            if not self.connected.is_set() or len(message) % 2:
                return self.protocol_error(f"{len(message)} bytes of sound, before 'connected' or half a sample")
            return self.hear(message)
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON: {message[:80]!r}")
        match frame:
            case {"type": "welcome", "operator": {"name": str(name)}}:
                self.name = name
            case {"type": "state", "state": "away" | "available" | "offered" | "on_call" | "wrap_up" as state}:
                self.state = state
                self.state_changed.set()
            case {"type": "waiting", "calls": list()}:
                pass
            case {"type": "offer", "offer": _, "call_id": str(), "queue": str(), "slots": dict(), "transcript": list()}:
                await self._accept(frame)
            case {"type": "offer_gone", "offer": offer}:
                if self.offer and self.offer.offer == str(offer) and not self.connected.is_set():
                    self.tell("offer_gone", str(frame.get("why", "")))
                    self.offer = None
            case {"type": "connected", "call_id": str(call_id)}:
                self.clock = CallClock()
                self.connected.set()
                self.tell("connected", call_id)
            case {"type": "transcript", "speaker": "caller" | "bot" | "operator" as speaker, "text": str(text)}:
                if frame.get("is_final"):
                    self.hear_transcript(speaker, text, float(frame.get("at_ms", 0)))
            case {"type": "ended", "reason": str(reason)}:
                self.end("them", reason)
            case {"type": "wrap_up" | "wrapped_up" | "forced" | "monitored" | "recording" | "destinations" | "webrtc"}:
                pass  # the state is told, too; who listens or records changes nothing of what is said
            case {"type": "to_bot_flows", "flows": list()}:
                pass  # a script keeps its caller
            case {"type": "draining"}:
                self.tell("draining")
            case {"type": "error", "message": str(what)}:
                self.protocol_error(f"the server complains: {what}")
            case _:
                self.protocol_error(f"not in the operators' protocol: {message[:120]}")

    async def _accept(self, frame: dict[str, Any]) -> None:
        if self.offer is not None:
            return
        self.offer = _offer(frame)
        self.tell("offer", self.offer.queue, reason=self.offer.reason, transcript_turns=len(self.offer.transcript))
        await self.say("accept", offer=frame["offer"])

    async def until_state(self, *wanted: str) -> None:
        """Wait until the server says that the operator is in one of these states."""
        while self.state not in wanted:
            self.state_changed.clear()
            await self.state_changed.wait()


def _offer(frame: dict[str, Any]) -> Offer:
    return Offer(
        offer=str(frame["offer"]),
        call_id=frame["call_id"],
        queue=frame["queue"],
        line=str(frame.get("line", "")),
        caller=str(frame.get("caller", "")),
        language=str(frame.get("language", "")),
        reason=str(frame.get("reason", "")),
        slots={str(name): str(value) for name, value in frame["slots"].items()},
        transcript=tuple(
            Told(float(turn.get("at_ms", 0)), str(turn.get("speaker", "")), str(turn.get("text", "")))
            for turn in frame["transcript"]
        ),
    )


async def run_operator(
    server_url: str,
    *,
    ticket_or_credentials: str | Credentials,
    script: Script,
    observer: Observer | None = None,
    offer_timeout_s: float = 120.0,
) -> OperatorResult:
    """Be available, take the first call offered, play the script, wrap up and leave.

    Raises CallRefused when the server does not let the operator in, or no call was connected within the time.
    """
    server_url = server_url.rstrip("/")
    if isinstance(ticket_or_credentials, Credentials):
        ticket = await operator_ticket(server_url, ticket_or_credentials)
    else:
        ticket = ticket_or_credentials
    door = OperatorDoor(await open_socket(server_url, f"/ws/operator?ticket={ticket}"), observer or nobody_watches)
    door.start()
    try:
        await door.say("available")
        await _connected(door, offer_timeout_s)
        if door.offer is None:
            raise CallRefused(f"operator {door.name!r} was put back into an earlier call that has not ended")
        conversation = await converse(door, script, door.tell)
        wrapped_up = await _wrap_up(door)
    finally:
        await door.close()
    return _result(door, door.offer, conversation, wrapped_up)


async def _connected(door: OperatorDoor, timeout_s: float) -> None:
    waits = [asyncio.create_task(door.connected.wait()), asyncio.create_task(door.finished.wait())]
    await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if door.connected.is_set():
        return
    if door.ended:
        raise CallRefused(f"the operators' websocket closed before a call: {door.ended.reason}")
    raise CallRefused(
        f"no call was connected to operator {door.name!r} within {timeout_s:.0f} s (state {door.state!r}); "
        f"{'; '.join(door.protocol_errors) or 'nobody was waiting in the queues of this operator'}"
    )


async def _wrap_up(door: OperatorDoor) -> bool:
    if door.ended and door.ended.by == "lost":
        return False
    try:
        async with asyncio.timeout(WRAP_UP_TIMEOUT_S):
            await door.until_state("wrap_up")
            await door.say("wrapped_up")
            await door.until_state("available", "offered")
            return True
    except TimeoutError:
        door.protocol_error(f"no way through wrap-up within {WRAP_UP_TIMEOUT_S:.0f} s: state {door.state!r}")
        return False


def _result(door: OperatorDoor, offer: Offer, conversation: Conversation, wrapped_up: bool) -> OperatorResult:
    ended = door.ended or Ended("lost", "the connection broke", door.clock.now_ms())
    return OperatorResult(
        operator=door.name,
        offer=offer,
        transcript=tuple(door.told),
        turns=turns(conversation.scene.doings, door.playout),
        hung_up_by={"us": "operator", "them": "other"}.get(ended.by, ended.by),
        ended_why=ended.reason,
        outcome=conversation.outcome,
        outcome_why=conversation.why,
        wrapped_up=wrapped_up,
        protocol_errors=tuple(door.protocol_errors),
        stutters=door.playout.stutters,
        duration_ms=ended.at_ms,
        own_frames=conversation.punctuality,
    )
