"""One caller in our Stasis application, from the answer until they are hung up or go on in the dialplan.

The caller is answered and put into a bridge; a second channel brings the sound to one of our doors, and joins the
bridge. The door waits until then, so that the caller misses no word. When the bot has ended the call the caller is hung
up; when anything went wrong, or this server has no place, they go on behind `Stasis()`, where somebody waits for them.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from history import HistoryUnavailable
from telephony.control.ari import AriClient, AriError
from telephony.control.ari_events import Entered, Left, Watch, Watches
from telephony.doors.announcements import Announced
from telephony.doors.house import House
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.reception import Full

log = structlog.get_logger()

JOIN_S = 8.0
"""How long Asterisk may take to connect a call's sound."""
RATES_HZ = {"slin16": 16000, "slin": 8000}


@dataclass(frozen=True)
class Sound:
    """How a call's sound comes here. client: of websocket_client.conf; audiosocket: host:port; codec: of `RATES_HZ`."""

    over: Literal["websocket", "audiosocket"]
    client: str
    audiosocket: str
    codec: str


def bridge_of(ours: str, caller: str) -> str:
    return f"{ours}bridge-{caller}"


class _Gone(Exception):
    """The caller, or the channel of the sound, left before the two were joined."""


class AriCall:
    """arrived: the caller's channel; the first word of its `Stasis(app,…)`, else the number dialled, says the line.
    expected: for a channel of ours that was rung and has answered; it does not go on in the dialplan."""

    def __init__(
        self,
        house: House,
        ari: AriClient,
        watches: Watches,
        app: str,
        sound: Sound,
        arrived: Entered,
        expected: Expected | None = None,
    ) -> None:
        self._house, self._ari, self._watches, self._app, self._sound = house, ari, watches, app, sound
        self._expected = expected
        self._arrived, self._caller = arrived, arrived.channel
        self._media, self._bridge = f"{app}-sound-{self._caller}", bridge_of(f"{app}-", self._caller)
        self._caller_left = False

    async def run(self) -> None:
        with self._watches.watching(self._caller, self._media) as watch:
            announced = await self._announce()
            if announced is None:
                await self._as_far_as_possible(self._ari.continue_in_dialplan(self._caller))
                return
            try:
                await self._join(announced, watch)
                announced.ready.set()
                await self._until_one_left(watch)
            except (AriError, _Gone, TimeoutError) as error:
                why = str(error) or f"no sound within {JOIN_S:.0f} s"
                log.warning("ari.not_joined", channel=self._caller, error=why)
                await self._give_up(announced, why)
            finally:
                await self._part()

    async def _announce(self) -> Announced | None:
        if self._expected:
            return Announced(replace(self._expected, ref=self._caller), RATES_HZ[self._sound.codec])
        line = self._arrived.args[0] if self._arrived.args else self._arrived.dialled
        try:
            expected = await self._house.reception.expect(line, self._arrived.caller, "ari", self._caller)
        except (UnknownLine, Full, HistoryUnavailable) as error:
            log.error("ari.turned_away", channel=self._caller, reason=str(error))
            return None
        return Announced(expected, RATES_HZ[self._sound.codec])

    async def _join(self, announced: Announced, watch: Watch) -> None:
        name = str(uuid.uuid4())
        self._house.announcements.put(name, announced)
        await self._ari.answer(self._caller)
        await self._ari.create_bridge(self._bridge)
        await self._ari.add_to_bridge(self._bridge, self._caller)
        over_websocket = self._sound.over == "websocket"
        await self._ari.external_media(
            self._media,
            self._app,
            self._sound.client if over_websocket else self._sound.audiosocket,
            self._sound.codec,
            variables={"CENTRALINO_TOKEN": name, "CENTRALINO_REF": self._caller} if over_websocket else {},
            over=self._sound.over,
            data=name,
        )
        async with asyncio.timeout(JOIN_S):
            while not isinstance(event := await watch.next(), Entered):
                self._note(event)
        await self._ari.add_to_bridge(self._bridge, self._media)

    async def _until_one_left(self, watch: Watch) -> None:
        try:
            while True:
                self._note(await watch.next())
        except _Gone:
            return

    def _note(self, event: object) -> None:
        if isinstance(event, Left):
            self._caller_left = event.channel == self._caller
            raise _Gone(f"the {'caller' if self._caller_left else 'sound'} is gone: {event.why}")

    async def _give_up(self, announced: Announced, why: str) -> None:
        """The call whose sound has not begun."""
        expected = self._house.reception.claim(announced.expected.token)
        if expected is None:
            return
        reason = "caller_hung_up" if self._caller_left else "no_media"
        try:
            await self._house.reception.give_up(expected, reason, why)
        except HistoryUnavailable as error:
            log.error("ari.history_unavailable", call_id=expected.call_id, error=str(error))

    async def _part(self) -> None:
        """The caller first: they must not wait for the rest."""
        if not self._caller_left:
            done = self._expected is not None or self._house.reception.ended_properly(self._caller)
            away = self._ari.hang_up(self._caller) if done else self._ari.continue_in_dialplan(self._caller)
            await self._as_far_as_possible(away)
        await self._as_far_as_possible(self._ari.hang_up(self._media))
        await self._as_far_as_possible(self._ari.destroy_bridge(self._bridge))

    async def _as_far_as_possible(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except AriError as error:
            if error.status != 404:  # hung up meanwhile
                log.warning("ari.not_parted", channel=self._caller, error=str(error))
