"""Operators who take calls by phone: each sits at the desk whenever nobody sits at their console."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from telephony.control.controls import Controls
from telephony.control.transfers import TransferSettings
from telephony.late_writing import Appends
from telephony.lines import Line, Lines
from telephony.operators.desk import Desk
from telephony.operators.phone_offer import CHOOSE_S
from telephony.operators.phone_seat import PhoneSeat
from telephony.operators.presence import Presence
from voice.speaking.prompts import Speaker

log = structlog.get_logger()

LOOK_S = 1.0
TELLING_S = 25
"""How long a summary may take to be said, twice at most."""


class Phones:
    def __init__(
        self,
        settings: TransferSettings,
        desk: Desk,
        lines: Callable[[], Lines],
        journal: Appends,
        speaker: Speaker,
        controls: Controls,
    ) -> None:
        self.settings, self.desk, self._lines = settings, desk, lines
        self.journal, self.speaker, self.controls = journal, speaker, controls
        self._seats: dict[str, PhoneSeat] = {}

    def line(self, line_id: str) -> Line:
        return self._lines().get(line_id)

    def door_of(self, call_id: str) -> str:
        """By which door the caller came, '' when it is not known."""
        return self.controls.door_of(call_id)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self.look()
                await asyncio.sleep(LOOK_S)
        finally:
            for seat in self._seats.values():
                await seat.stop()

    def look(self) -> None:
        """Sit down wherever a seat is free."""
        for operator_id, operator in self.settings.operators.items():
            if self.desk.is_taken(operator_id):
                continue
            seat = self._seats[operator_id] = PhoneSeat(operator_id, operator, self)
            offer_ms = int((operator.ring_s + TELLING_S + CHOOSE_S) * 1000)
            name = operator.name or operator_id.title()
            self.desk.sit(
                operator_id, name, operator.queues, seat, operator.skills, offer_ms, calls_back=False,
                wrap_up_ms=operator.wrap_up_s * 1000,
            )  # fmt: skip
            self.desk.choose(operator_id, Presence.AVAILABLE)
            log.info("phone.seated", operator=operator_id)
