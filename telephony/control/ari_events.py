"""What Asterisk tells of the channels in our Stasis application, and who wants to know."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_UNREAD = 100
"""Events of one watch that nobody has read; digits beyond them are dropped."""


@dataclass(frozen=True)
class Entered:
    """A channel came into the application. args: what the dialplan or who originated it said in `Stasis(app,…)`;
    caller, dialled: the numbers."""

    channel: str
    args: tuple[str, ...] = ()
    caller: str = ""
    dialled: str = ""


@dataclass(frozen=True)
class Digit:
    channel: str
    key: str


@dataclass(frozen=True)
class Left:
    """A channel is no longer in the application. why: in Asterisk's words; hung_up: it is no more."""

    channel: str
    why: str
    hung_up: bool


ChannelEvent = Entered | Digit | Left


def event_of(message: str | bytes) -> ChannelEvent | None:
    """None for what is of no use here. Raises ValueError for what no Asterisk sends."""
    frame = json.loads(message)
    match frame:
        case {"type": "StasisStart", "channel": {"id": str(channel)} as about}:
            args = tuple(map(str, frame.get("args") or ()))
            return Entered(channel, args, _text(about, "caller", "number"), _text(about, "dialplan", "exten"))
        case {"type": "ChannelDtmfReceived", "digit": str(key), "channel": {"id": str(channel)}}:
            return Digit(channel, key)
        case {"type": "StasisEnd", "channel": {"id": str(channel)}}:
            return Left(channel, "left", hung_up=False)
        case {"type": "ChannelDestroyed", "channel": {"id": str(channel)}}:
            return Left(channel, str(frame.get("cause_txt") or "destroyed"), hung_up=True)
        case {"type": str()}:
            return None
    raise ValueError("an event without its type or its channel")


def _text(about: dict[str, Any], part: str, name: str) -> str:
    value = about.get(part)
    return str(value.get(name) or "") if isinstance(value, dict) else ""


class Watch:
    """The events of some channels, in their order. ringing: of one that is not in the application yet."""

    def __init__(self, channels: frozenset[str], ringing: bool) -> None:
        self.channels, self.ringing = channels, ringing
        self._events: asyncio.Queue[ChannelEvent] = asyncio.Queue()

    async def next(self) -> ChannelEvent:
        return await self._events.get()

    def tell(self, event: ChannelEvent) -> None:
        if not isinstance(event, Digit) or self._events.qsize() < MOST_UNREAD:
            self._events.put_nowait(event)


class Watches:
    """Who watches which channels."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []

    @property
    def channels(self) -> frozenset[str]:
        """All that are watched."""
        return frozenset().union(*(watch.channels for watch in self._watches))

    @contextlib.contextmanager
    def watching(self, *channels: str, ringing: bool = False) -> Iterator[Watch]:
        """A channel may be watched before there is one. ringing: that it is not in the application says nothing."""
        watch = Watch(frozenset(channels), ringing)
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def tell(self, event: ChannelEvent) -> bool:
        """Whether anybody watches this channel."""
        told = [watch for watch in self._watches if event.channel in watch.channels]
        for watch in told:
            watch.tell(event)
        return bool(told)

    def lose_all_but(self, channels: frozenset[str], why: str) -> None:
        """Tell that every other channel is gone."""
        for watch in self._watches:
            for channel in frozenset() if watch.ringing else watch.channels - channels:
                watch.tell(Left(channel, why, hung_up=True))
