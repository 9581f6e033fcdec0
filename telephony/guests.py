"""People outside who are brought into a call: whom a caller is put through to, and whom an operator asks to join.

They are rung through a door that can dial, and their voices are joined with the others' in our own sound. Only those on
the settings' list can be rung: who asks names an entry, never a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from telephony.control.contract import ControlFailed, Deed, Order
from telephony.control.controls import Controls
from telephony.control.legs import Leg, Outcome
from telephony.control.transfers import Destination, TransferSettings
from telephony.expected import Party, Send
from telephony.lines import Line
from telephony.media import Pacing
from telephony.phone_leg import PhoneLeg
from voice.speaking.prompts import Speaker

log = structlog.get_logger()

REASONS = {
    Outcome.BUSY: "busy",
    Outcome.NO_ANSWER: "no_answer",
    Outcome.DECLINED: "declined",
    Outcome.FAILED: "dial_failed",
}


@dataclass(frozen=True)
class GuestNews:
    """What became of somebody who was rung. what: 'answered' | 'failed' | 'left' | 'handed_over' (the phone system has
    taken the caller there, and our sound ends). reason: for the history."""

    to: str
    what: str
    reason: str = ""


class Guests:
    """One call's. told: gets the news; must not block. heard: their voices, PCM16 at 16 kHz, by their names."""

    def __init__(
        self,
        call_id: str,
        line: Line,
        controls: Controls,
        settings: TransferSettings,
        speaker: Speaker,
        told: Callable[[GuestNews], None],
        heard: Callable[[str, bytes], None],
    ) -> None:
        self._call_id, self._line, self._controls, self._settings = call_id, line, controls, settings
        self._speaker, self._told, self._heard = speaker, told, heard
        self._rung: dict[str, Leg] = {}
        self._phones: dict[str, PhoneLeg] = {}
        self._works: set[asyncio.Task[None]] = set()

    def way_to(self, to: str) -> tuple[str, str]:
        """(way, door): 'joined' through a door that can dial, 'handed_over' to the caller's phone system where none
        can; ('', reason) when neither is possible."""
        destination = self._settings.destinations.get(to)
        if destination is None:
            return "", "unknown_destination"
        own = self._controls.door_of(self._call_id)
        door = destination.door or self._controls.dialling_door(own, self._settings.door)
        if door:
            return "joined", door
        control = self._controls.of(own)
        if control and Deed.TRANSFER in control.can:
            return "handed_over", own
        return "", "no_way"

    def ring(self, to: str, way: str, door: str) -> None:
        """`way` and `door` as `way_to` has them. News follows in any case."""
        destination = self._settings.destinations[to]
        if way == "joined":
            self._start(self._bring(to, destination, door))
        else:
            self._start(self._hand_over(to, destination, door))

    def voice(self, to: str, pcm: bytes) -> None:
        """Others' voices, to this guest."""
        if phone := self._phones.get(to):
            phone.voice(pcm)

    def let_go(self, to: str) -> None:
        """They leave the call, or are rung no longer."""
        if phone := self._phones.pop(to, None):
            phone.hang_up()
        elif (leg := self._rung.pop(to, None)) and leg.open:
            self._start(leg.cancel("caller_left"))

    async def close(self) -> None:
        """Everybody is let go."""
        for to in {*self._phones, *self._rung}:
            self.let_go(to)
        stopping = [task for task in self._works if not task.done()]
        if stopping:
            await asyncio.wait(stopping, timeout=1.0)
        for task in stopping:
            task.cancel()
        await asyncio.gather(*stopping, return_exceptions=True)

    # ---------------------------------------------------------------------------------------------------------- inside

    async def _bring(self, to: str, destination: Destination, door: str) -> None:
        expected = self._controls.expect_leg(self._call_id, self._line, destination.to, door, self._begin(to))
        order = Order(destination.to, self._settings.number, destination.ring_s)
        try:
            leg = self._rung[to] = await self._controls.dial(expected, order)
        except (ControlFailed, ValueError) as error:
            log.error("guest.not_rung", call_id=self._call_id, to=to, error=str(error))
            self._told(GuestNews(to, "failed", "dial_failed"))
            return
        outcome = await leg.outcome()
        if outcome is not Outcome.ANSWERED:
            log.info("guest.not_answered", call_id=self._call_id, to=to, outcome=outcome.value, detail=leg.detail)
            self._told(GuestNews(to, "failed", REASONS[outcome]))

    def _begin(self, to: str) -> Callable[[int, Send, Pacing], tuple[Party, Coroutine[Any, Any, str]]]:
        def begin(rate_hz: int, send: Send, pacing: Pacing) -> tuple[Party, Coroutine[Any, Any, str]]:
            phone = PhoneLeg(
                self._call_id, rate_hz, send, pacing, self._speaker, self._line.voice,
                pressed=lambda key: None, heard=lambda pcm: self._heard(to, pcm),
            )  # fmt: skip
            self._phones[to] = phone
            self._told(GuestNews(to, "answered"))
            return phone, self._live(to, phone)

        return begin

    async def _live(self, to: str, phone: PhoneLeg) -> str:
        why = "server_stopped"
        try:
            why = await phone.run()
            return why
        finally:
            if self._phones.pop(to, None):
                self._told(GuestNews(to, "left", "destination_left" if why == "hung_up" else why))

    async def _hand_over(self, to: str, destination: Destination, door: str) -> None:
        order = Order(destination.to, self._settings.number, destination.ring_s)
        try:
            control = self._controls.able(door, Deed.TRANSFER)
            await control.transfer(self._controls.ref_of(self._call_id), order, self._call_id)
        except ControlFailed as error:
            log.error("guest.not_handed_over", call_id=self._call_id, to=to, error=str(error))
            self._told(GuestNews(to, "failed", "dial_failed"))
        else:
            self._told(GuestNews(to, "handed_over"))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
