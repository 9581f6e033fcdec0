"""An operator's message to a caller: asked for, handed to its gateway, told in the call and as an interaction.

It is in the call's history before it leaves (`message.asked`), and so is what became of it (`message.sent` or
`message.failed`, as for the flowbook's `message` step). One that left is an interaction of its channel as well, in the
same thread as the call, as if another system had told of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from dialogs.events import Message
from history import Entry, Interaction, Journal, Timeline
from history.ingestion.envelope import received
from history.thread_decisions import NotTogether, join_threads
from telephony.errands import Errands
from telephony.following_up.recipients import Channel

log = structlog.get_logger()

ASKED, SENT, FAILED = "message.asked", "message.sent", "message.failed"
SOURCE = "centralino:desk"
"""No other system's events can come from it: names of sources have no colon."""


@dataclass(frozen=True)
class FollowUp:
    """id: made by who writes it, another one for each message; a second attempt has the same."""

    id: str
    channel: Channel
    to: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)

    @property
    def told(self) -> dict[str, str]:
        """As the history has it."""
        about = {"id": self.id, "channel": self.channel, "to": self.to, "text": self.text}
        return about | ({"subject": self.subject} if self.subject else {})


class AnotherMessage(ValueError):
    """This id was given to a message that says something else, or goes to somebody else."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FollowUps:
    """A server's. One message is under way once, and what has left is not sent again, however often it is asked for."""

    def __init__(
        self, errands: Errands, journal: Journal, timeline: Timeline, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._errands, self._journal, self._timeline, self._now = errands, journal, timeline, now
        self._under_way: dict[tuple[str, str], tuple[FollowUp, asyncio.Task[str]]] = {}
        self._handed_over: dict[tuple[str, str], tuple[str, datetime]] = {}
        """What became of those of which the history does not know yet: why not ('' for sent), and when."""

    @property
    def channels(self) -> tuple[str, ...]:
        """On which something can be sent."""
        return self._errands.channels

    async def send(self, call: Interaction, message: FollowUp, operator: str) -> str:
        """'' once its gateway has it, else why not; another attempt may then be made with the same message.

        It goes on when who waits for it is cancelled. Raises AnotherMessage and HistoryUnavailable.
        """
        key = call.id, message.id
        if key not in self._under_way:
            task = asyncio.create_task(self._send(call, message, operator))
            self._under_way[key] = message, task
            task.add_done_callback(lambda _: self._under_way.pop(key))
        known, task = self._under_way[key]
        if known != message:
            raise AnotherMessage(message.id)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way: gateways have seconds."""
        await asyncio.gather(*(task for _, task in self._under_way.values()), return_exceptions=True)

    async def _send(self, call: Interaction, message: FollowUp, operator: str) -> str:
        key = call.id, message.id
        events = [one for one in await self._timeline.events(call.id) if one.payload.get("id") == message.id]
        asked = next((one for one in events if one.type == ASKED), None)
        if asked and asked.payload != message.told:
            raise AnotherMessage(message.id)
        at = next((one.occurred_at for one in events if one.type == SENT), None)
        if at is None:
            if asked is None:
                await self._write(call, ASKED, message.told, operator, self._now())
            if key not in self._handed_over:
                whole = Message(0, message.channel, message.to, message.text, call.language, message.subject)
                handed = await self._errands.send(whole, f"{call.id}-{message.id}", 0)
                self._handed_over[key] = handed.error, self._now()
            error, at = self._handed_over[key]
            told = {**message.told, "error": error}
            await self._write(call, FAILED if error else SENT, told, operator, at)
            del self._handed_over[key]
            log.info("follow_up.handed_over", call_id=call.id, channel=message.channel, ok=not error)
            if error:
                return error
        await self._tell(call, message, operator, at)
        return ""

    async def _write(self, call: Interaction, kind: str, told: Mapping[str, str], operator: str, at: datetime) -> None:
        at_ms = max(0, int((at - call.started_at).total_seconds() * 1000))
        await self._journal.append(call.id, [Entry(kind, told, at_ms, operator, at)])

    async def _tell(self, call: Interaction, message: FollowUp, operator: str, at: datetime) -> None:
        """The interaction of its own; the same however often it is told."""
        data = {
            "channel": message.channel, "direction": "outbound", "language": call.language,
            "contact": {"points": [{"kind": "tel" if message.channel == "sms" else "email", "value": message.to}]},
            "subject": message.subject, "text": message.text, "thread": call.id, "outcome": "sent",
            "operator": operator,
        }  # fmt: skip
        event = received({
            "specversion": "1.0", "id": f"{call.id}/{message.id}", "source": SOURCE, "type": "message",
            "time": at.isoformat(), "data": data,
        })  # fmt: skip
        (new,) = await self._journal.receive([event], trusted=False)
        if new is not True:
            return
        try:
            await join_threads(self._journal, call.id, event.interaction_id, actor=operator)
        except NotTogether as error:  # of nobody meanwhile, say: it was erased
            log.info("follow_up.not_joined", call_id=call.id, why=str(error))
