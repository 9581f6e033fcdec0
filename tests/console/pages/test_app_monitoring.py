"""A supervisor on the wall's page listens, whispers and barges in: real sockets, Chromium's microphone, real mixing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import text

from history import new_id
from telephony.overhearing import Overhearing
from telephony.talk import Talk
from tests.console.pages.app import barriers, built
from tests.console.pages.conftest import WaitingCaller, tone
from tests.console.pages.test_app_wall import picture, the_wall
from tests.console.pages.test_desk import at_the_desk

pytestmark = built


class TalkingCaller(WaitingCaller):
    """Whose call really joins the voices; what the caller hears is kept."""

    def __init__(self, desk: Any, call_id: str, turns: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(desk, call_id, turns)
        self.heard_here = bytearray()
        self.written: list[str] = []
        self.secret = False
        talk = Talk(None, 16_000, self.now_ms, self._heard, lambda pcm: desk.sound_to_operator(call_id, pcm), print)
        self.handover = SimpleNamespace(talk=talk)
        record = SimpleNamespace(turns=turns, add=self._add)
        self.overhearing = Overhearing(cast(Any, self.handover), cast(Any, record), lambda: self.secret)

    async def _heard(self, command: Any) -> None:
        self.heard_here += command.pcm

    async def _add(self, kind: str, payload: Mapping[str, Any], actor: str) -> int:
        self.written.append(kind)
        return len(self.written)

    def from_operator(self, pcm: bytes) -> None:
        self.handover.talk.operator_sound(pcm)

    def say(self, pcm: bytes) -> None:
        self.handover.talk.caller_sound(pcm)

    async def over(self) -> None:
        await self.handover.talk.close()
        self.hang_up()


async def test_a_supervisor_listens_whispers_and_barges_in(live: Any, pages: Any) -> None:
    desk = await at_the_desk(live, pages)
    wall = await the_wall(live, pages)
    caller = await live.caller(new_id(), kind=TalkingCaller)
    await desk.get_by_role("button", name="Rispondi").click()
    # The desk's microphone is the same file as the supervisor's: the operator is mute, so that a voice is the other's.
    await desk.get_by_role("button", name="Silenzia").click()
    await wall.get_by_role("button", name="Ascolta: Anna").click()
    notice = wall.get_by_role("dialog")
    await notice.get_by_text("Chi lavora è stato informato").wait_for()
    await notice.get_by_text("Lo permette: accordo sindacale.").wait_for()
    await notice.get_by_text("Anna vede che la chiamata è ascoltata, e da chi.").wait_for()
    assert await barriers(wall) == []
    assert await audited(live) == []
    await notice.get_by_role("button", name="Ho letto: ascolta").click()
    panel = wall.get_by_role("region", name="Chiamata di Anna")
    await panel.get_by_text("solo ascolto: nessuno La sente").wait_for()
    await panel.get_by_text("Vorrei un operatore").wait_for()
    await pages.until(lambda: caller.overhearing._supervisor is not None)
    caller.overhearing.show(
        {"type": "transcript", "speaker": "caller", "text": "mi sente", "at_ms": 9, "is_final": False}
    )
    await panel.get_by_text("mi sente").wait_for()
    caller.heard_here.clear()
    await asyncio.sleep(0.5)
    assert not any(caller.heard_here)

    await panel.get_by_role("button", name="Parla solo a Anna").click()
    await panel.get_by_text("La sente solo l'operatore").wait_for()
    assert not any(caller.heard_here)
    await panel.get_by_role("button", name="Parla a tutti").click()
    await panel.get_by_text("La sentono tutti").wait_for()
    await pages.until(lambda: any(caller.heard_here))  # Chromium's microphone, through the supervisor's socket
    assert await barriers(wall) == []
    await picture(wall, "wall-listening-1280-light")

    caller.secret = True
    caller.overhearing.look()
    await panel.get_by_text("Adesso si dice qualcosa di riservato").wait_for()
    assert await audited(live) == ["listen", "whisper", "barge"]
    caller.say(tone(440, 0.1))
    await caller.over()
    await panel.get_by_text("La chiamata con l'operatore è finita.").wait_for()
    await pages.until(lambda: caller.written == ["supervisor.joined", "supervisor.left"])
    await panel.get_by_role("button", name="Chiudi").click()
    await panel.wait_for(state="detached")


async def test_leaving_the_page_ends_it(live: Any, pages: Any) -> None:
    desk = await at_the_desk(live, pages)
    wall = await the_wall(live, pages)
    caller = await live.caller(new_id(), kind=TalkingCaller)
    await desk.get_by_role("button", name="Rispondi").click()
    await wall.get_by_role("button", name="Ascolta: Anna").click()
    await wall.get_by_role("button", name="Ho letto: ascolta").click()
    await wall.get_by_text("solo ascolto: nessuno La sente").wait_for()
    await wall.get_by_role("link", name="Storico").click()
    await pages.until(lambda: caller.overhearing._supervisor is None)
    await pages.until(lambda: audited_ends(live))
    await caller.over()


async def audited(live: Any) -> list[str]:
    """The modes in the audit log."""
    query = text("SELECT detail FROM audit_log WHERE action = 'call.monitored' ORDER BY seq")
    rows = await live.house.timeline.read(lambda connection: connection.execute(query).all())
    return [json.loads(row.detail)["mode"] for row in rows]


async def audited_ends(live: Any) -> bool:
    return await audited(live) == ["listen", "end"]
