"""One offer at an operator's phone: it rings, tells what the call is about, and asks whether they take it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from history import Entry, HistoryUnavailable
from telephony.control.contract import ControlFailed, Order
from telephony.control.legs import Leg, Outcome
from telephony.control.transfers import PhoneOperator
from telephony.expected import Party, Send
from telephony.lines import Line
from telephony.media import Pacing
from telephony.operators.summary import summary, words
from telephony.phone_leg import PhoneLeg

if TYPE_CHECKING:
    from telephony.operators.phone_seat import PhoneSeat
    from telephony.operators.phones import Phones

log = structlog.get_logger()

CHOOSE_S = 15.0
"""How long an operator may take to press a key once everything was said; it is said again once, after half of it."""
TAKE, DECLINE = "1", "2"
REASONS = {
    Outcome.BUSY: "busy",
    Outcome.NO_ANSWER: "no_answer",
    Outcome.DECLINED: "declined",
    Outcome.FAILED: "dial_failed",
}


class PhoneOffer:
    """One offer at one phone."""

    def __init__(self, seat: PhoneSeat, operator: PhoneOperator, phones: Phones, offer: Mapping[str, Any]) -> None:
        self._seat, self._operator, self._phones = seat, operator, phones
        self._offer, self.call_id = str(offer["offer"]), str(offer["call_id"])
        self._about = offer
        self._line: Line = phones.line(str(offer["line"]))
        self._began_s = time.monotonic()
        self._rung: Leg | None = None
        self._phone: PhoneLeg | None = None
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._quiet = asyncio.Event()
        self._answered = asyncio.Event()
        self._left: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """How the phone's leg ended."""
        self._over = False
        self.taken = False

    async def run(self) -> None:
        """From the ringing to the end of the talk."""
        reason = "failed"
        try:
            reason = await self._bring()
            if not reason:
                await self._left
                if not self._over:
                    self._lost(self._left.result())
                return
            await self._note("transfer.failed", reason=reason)
            if self._over:
                return
            if reason == "declined":
                await self._seat.desk.answer(self._seat.id, self._offer, accept=False)
            else:
                await self._seat.desk.unanswered(self._seat.id, self._offer)
        except HistoryUnavailable as error:
            log.error("phone.history_unavailable", call_id=self.call_id, error=str(error))
        except Exception:
            log.exception("phone.internal_error", call_id=self.call_id, operator=self._seat.id)
            if not self._over:
                await self._seat.desk.unanswered(self._seat.id, self._offer)
        finally:
            await self._let_go()

    async def _bring(self) -> str:
        """Ring, tell, ask; '' when the operator has taken the call, else why not."""
        try:
            self._rung = await self._ring()
        except ControlFailed as error:
            log.error("phone.not_rung", call_id=self.call_id, operator=self._seat.id, error=str(error))
            return "dial_failed"
        if self._over:
            await self._rung.cancel("caller_left")
        outcome = await self._rung.outcome()
        if outcome is not Outcome.ANSWERED:
            return "caller_left" if self._over else REASONS[outcome]
        await self._answered.wait()
        key = await self._ask()
        if self._over:
            return "caller_left"
        if key != TAKE:
            return {"": "no_choice", DECLINE: "declined"}.get(key, "destination_left")
        self.taken = True
        await self._note("transfer.answered")
        await self._seat.desk.answer(self._seat.id, self._offer, accept=True)
        return ""

    async def _ring(self) -> Leg:
        phones, operator = self._phones, self._operator
        door = operator.door or phones.controls.dialling_door(phones.door_of(self.call_id), phones.settings.door)
        await self._note("transfer.started", door=door, way="warm")
        expected = phones.controls.expect_leg(self.call_id, self._line, operator.phone, door, self._begin)
        return await phones.controls.dial(expected, Order(operator.phone, phones.settings.number, operator.ring_s))

    def _begin(self, rate_hz: int, send: Send, pacing: Pacing) -> tuple[Party, Coroutine[Any, Any, str]]:
        phone = self._phone = PhoneLeg(
            self.call_id, rate_hz, send, pacing, self._phones.speaker, self._line.voice,
            self._keys.put_nowait, self._from_phone, self._quiet.set,
        )  # fmt: skip
        self._answered.set()
        return phone, self._live(phone)

    async def _live(self, phone: PhoneLeg) -> str:
        try:
            why = await phone.run()
        except asyncio.CancelledError:
            why = "server_stopped"
            raise
        finally:
            if not self._left.done():
                self._left.set_result(why)
            self._keys.put_nowait("left")
        return why

    async def _ask(self) -> str:
        """Say what it is about, and how to take it; the key that was pressed, '' for none, 'left' when they hung up."""
        assert self._phone
        about, language = self._about, self._line.language
        told = summary(language, about["queue"], about["caller"], about["reason"], about["slots"])
        for text in (f"{told} {words(language).choose}", words(language).choose):
            self._quiet.clear()
            self._phone.say(text, language)
            key = await self._key()
            if key:
                return key
        return ""

    async def _key(self) -> str:
        """The next key that means something, while it is said what to press and for a while after that."""
        quiet = asyncio.create_task(self._quiet.wait())
        try:
            while True:
                pressed = asyncio.create_task(self._keys.get())
                within_s = CHOOSE_S / 2 if quiet.done() else None
                done, _ = await asyncio.wait(
                    {pressed, quiet} if within_s is None else {pressed},
                    timeout=within_s,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if pressed in done and pressed.result() in (TAKE, DECLINE, "left"):
                    assert self._phone
                    self._phone.be_quiet()
                    return pressed.result()
                pressed.cancel()
                if not done:
                    return ""
        finally:
            quiet.cancel()

    # ------------------------------------------------------------------------------------------------ while they talk

    def connected(self) -> None:
        if self._phone:
            self._phone.be_quiet()

    def voice(self, pcm: bytes) -> None:
        if self._phone and self.taken:
            self._phone.voice(pcm)

    def _from_phone(self, pcm: bytes) -> None:
        if self.taken:
            self._seat.desk.sound_from_operator(self._seat.id, pcm)

    def _lost(self, why: str) -> None:
        if why == "hung_up":
            self._seat.desk.hang_up(self._seat.id)
        else:
            self._seat.desk.lose(self._seat.id)

    # ------------------------------------------------------------------------------------------------------ its end

    def gone(self, why: str) -> None:
        """The caller is gone, or the offer: whoever is on the phone is told."""
        if self._over:
            return
        self._over = True
        if self._phone:
            said = words(self._line.language)
            self._phone.be_quiet()
            self._phone.say(said.gone if why == "caller_left" else said.taken, self._line.language)
            self._phone.hang_up()
        elif self._rung:
            self._seat.start(self._rung.cancel(why))

    def ended(self) -> None:
        """The call is over: so is the phone's."""
        self._over = True
        if self._phone:
            self._phone.be_quiet()
            self._phone.hang_up()
        elif self._rung:
            self._seat.start(self._rung.cancel("ended"))

    async def _let_go(self) -> None:
        if self._rung and self._rung.open:
            await self._rung.cancel("ended")
        if self._phone:
            self._phone.hang_up()

    async def _note(self, kind: str, **payload: Any) -> None:
        at_ms = int(self._about.get("at_ms", 0)) + int((time.monotonic() - self._began_s) * 1000)
        entry = Entry(kind, {"operator": self._seat.id, **payload}, at_ms)
        await self._phones.journal.append(self.call_id, [entry])
