"""A caller is put through, or somebody is brought in: what the call and its history make of it.

Who is rung and how is in `guests.py`. Whatever fails, the caller is still here, and the dialog is told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from dialogs.events import Event, Handoff, NotPutThrough, PutThrough
from telephony.guests import GuestNews, Guests
from telephony.handover import Handover
from telephony.record import CallRecord
from telephony.talk import OPERATOR, Talk

log = structlog.get_logger()


class PuttingThrough:
    """One call's. talk: makes a talk in which the caller is alone. tell_operator: shows something at their console.
    end: ends the call, for the reason given."""

    def __init__(
        self,
        guests: Guests,
        handover: Handover,
        record: CallRecord,
        now_ms: Callable[[], int],
        talk: Callable[[], Talk],
        tell_operator: Callable[[dict[str, Any]], None],
        end: Callable[[str], Awaitable[None]],
    ) -> None:
        self._guests, self._handover, self._record, self._now_ms = guests, handover, record, now_ms
        self._talk, self._tell_operator, self._end = talk, tell_operator, end
        self._invited: dict[str, str] = {}
        """By whom, for guests whom an operator asked to join."""

    async def begin(self, handoff: Handoff) -> Event | None:
        """Put the caller through to `handoff.to`; they hear music meanwhile. What the dialog must hear at once."""
        to = handoff.to
        await self._handover.let_go("put_through")
        way, door = self._guests.way_to(to)
        if not way:
            await self._record.add("transfer.failed", {"to": to, "reason": door, "way": "blind"})
            return NotPutThrough(self._now_ms(), to, door)
        await self._record.add("transfer.started", {"to": to, "door": door, "way": "blind", "how": way})
        self._handover.ring(to)
        self._guests.ring(to, way, door)
        return None

    async def invite(self, to: str, operator: str) -> None:
        """The operator who talks asks somebody to join."""
        way, door = self._guests.way_to(to)
        if way != "joined" or to in self._invited or self._handover.talk is None:
            reason = door if not way else "no_way" if way != "joined" else "already_there"
            await self._record.add("transfer.failed", {"to": to, "reason": reason, "way": "conference", "by": operator})
            self._tell_operator({"type": "guest", "to": to, "state": "failed", "reason": reason})
            return
        await self._record.add("transfer.started", {"to": to, "door": door, "way": "conference", "by": operator})
        self._invited[to] = operator
        self._tell_operator({"type": "guest", "to": to, "state": "ringing"})
        self._guests.ring(to, way, door)

    async def dismiss(self, to: str) -> None:
        """The operator lets a guest go, or has them rung no longer."""
        self._guests.let_go(to)
        await self._part(to, "dismissed")

    @property
    def has_guests(self) -> bool:
        """Whether somebody else is in the call, or is rung to join it."""
        talk = self._handover.talk
        return bool(self._invited) or (talk is not None and len(talk.people) > 2)

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """Whom the operator asked to join, and whether they have, for a console that comes back."""
        talk = self._handover.talk
        joined = talk.people if talk else ()
        return [{"type": "guest", "to": to, "state": "joined" if to in joined else "ringing"} for to in self._invited]

    def operator_may_leave(self) -> bool:
        """Whether the caller would still talk to somebody."""
        talk = self._handover.talk
        return talk is not None and OPERATOR in talk.people and len(talk.people) > 2

    async def news(self, news: GuestNews) -> Event | None:
        """What became of somebody who was rung; what the dialog must hear of it, if anything."""
        match news.what:
            case "answered":
                return await self._answered(news.to)
            case "handed_over":
                await self._record.add("transfer.completed", {"to": news.to})
                await self._end("transferred")
            case "failed":
                return await self._failed(news)
            case "left":
                return await self._left(news)
        return None

    async def close(self) -> None:
        """The call is over. Raises HistoryUnavailable."""
        to = self._handover.ringing
        self._handover.rings_no_more()
        await self._guests.close()
        if to:
            await self._record.add("transfer.failed", {"to": to, "reason": "caller_left", "way": "blind"})

    # ---------------------------------------------------------------------------------------------------------- inside

    async def _answered(self, to: str) -> Event | None:
        if to not in self._invited and self._handover.ringing != to:
            self._guests.let_go(to)  # nobody waits for them any more
            return None
        await self._record.add("transfer.answered", {"to": to})
        if self._handover.talk is None:
            self._handover.talk = self._talk()
        try:
            self._handover.talk.join(to, lambda pcm: self._guests.voice(to, pcm))
        except ValueError as error:
            log.warning("transfer.full", to=to, error=str(error))
            self._guests.let_go(to)
            return await self._failed(GuestNews(to, "failed", "full"))
        if to in self._invited:
            self._tell_operator({"type": "guest", "to": to, "state": "joined"})
            return None
        self._handover.rings_no_more()
        return PutThrough(self._now_ms(), to)

    async def _failed(self, news: GuestNews) -> Event | None:
        operator = self._invited.pop(news.to, "")
        blind = self._handover.ringing == news.to
        way = {"way": "blind" if blind else "conference", **({"by": operator} if operator else {})}
        await self._record.add("transfer.failed", {"to": news.to, "reason": news.reason, **way})
        if operator:
            self._tell_operator({"type": "guest", "to": news.to, "state": "failed", "reason": news.reason})
        if not blind:  # who was dismissed while it rang is nobody's loss
            return None
        self._handover.rings_no_more()
        return NotPutThrough(self._now_ms(), news.to, news.reason)

    async def _left(self, news: GuestNews) -> Event | None:
        await self._part(news.to, news.reason)
        talk = self._handover.talk
        if talk is None or len(talk.people) > 1:
            return None
        if news.reason == "destination_left":
            await self._end("transferred")
            return None
        self._handover.talk = None
        await talk.close()
        return NotPutThrough(self._now_ms(), news.to, news.reason)

    async def _part(self, to: str, reason: str) -> None:
        talk, operator = self._handover.talk, self._invited.pop(to, "")
        if talk and to in talk.people:
            talk.leave(to)
            await self._record.add("transfer.left", {"to": to, "reason": reason})
        if operator:
            self._tell_operator({"type": "guest", "to": to, "state": "left", "reason": reason})
