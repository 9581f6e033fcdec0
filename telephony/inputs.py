"""What a call takes in, one after the other: what the caller, the desk, the playback and the clock tell it."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import LookedUp, Responded
from telephony.guests import GuestNews
from telephony.media import Held, HungUp, KeyPressed
from telephony.operators.desk import DeskEvent
from telephony.outbound.answering.greeting import Who
from telephony.prompts import PlaybackEvent
from voice.listening.heard import ListenerEvent


@dataclass(frozen=True)
class Failed:
    """A part that the dialog relies on did not do its work. part: as in `dialogs.events.PartFailed`."""

    part: str
    detail: str


@dataclass(frozen=True)
class Tick:
    """Time to look at the clock."""


@dataclass(frozen=True)
class WindUp:
    """The server stops soon. human: a person takes the call when its sound is over."""

    human: bool


@dataclass(frozen=True)
class Broken:
    """The connection broke, or the far end spoke nonsense."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Said:
    """Of an article that an operator has the bot say into their talk."""

    event: PlaybackEvent


@dataclass(frozen=True)
class AnsweredBy:
    """The phone system has found out who answered a call of ours."""

    who: Who


Input = (
    AnsweredBy
    | ListenerEvent
    | PlaybackEvent
    | Said
    | DeskEvent
    | KeyPressed
    | Held
    | HungUp
    | LookedUp
    | Responded
    | Failed
    | Tick
    | WindUp
    | Broken
    | GuestNews
)
