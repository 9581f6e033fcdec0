"""Places one call on a running server, over the real protocol and in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from centralino.calling import ari
from centralino.calling.asterisk import AsteriskDoor
from centralino.calling.audiosocket import AudioSocketDoor
from centralino.calling.browser import BrowserDoor
from centralino.calling.conversation import Conversation, converse
from centralino.calling.door import CallRefused, Ended, Observer, nobody_watches
from centralino.calling.far_end import Dialling, FarEnd
from centralino.calling.freeswitch import FreeswitchDoor
from centralino.calling.genesys import GenesysDoor
from centralino.calling.hearing import Hearing
from centralino.calling.jambonz import JambonzDoor
from centralino.calling.measures import dead_air_ms, turns
from centralino.calling.plivo import PlivoDoor
from centralino.calling.recording import save_call
from centralino.calling.result import CallResult
from centralino.calling.script import Script
from centralino.calling.signalwire import SignalWireDoor
from centralino.calling.telnyx import TelnyxDoor
from centralino.calling.twilio import TwilioDoor
from centralino.calling.vonage import VonageDoor
from voice.listening.recognizer import Recognizer

DEFAULT_CALLER = "+390200000000"


async def _sip(to: Dialling) -> FarEnd:
    """Needs the extra `sip`; the other far ends do without it."""
    try:
        from centralino.calling.sip import SipDoor
    except ImportError as error:
        raise CallRefused(f"calling by SIP needs the extra: pip install 'centralino[sip]' ({error})") from error
    return await SipDoor.dial(to)


DOORS: Mapping[str, Callable[[Dialling], Awaitable[FarEnd]]] = {
    "twilio": TwilioDoor.dial,
    "browser": BrowserDoor.dial,
    "ari": ari.dial,
    "asterisk": AsteriskDoor.dial,
    "audiosocket": AudioSocketDoor.dial,
    "freeswitch": FreeswitchDoor.dial,
    "genesys": GenesysDoor.dial,
    "jambonz": JambonzDoor.dial,
    "plivo": PlivoDoor.dial,
    "signalwire": SignalWireDoor.dial,
    "sip": _sip,
    "telnyx": TelnyxDoor.dial,
    "vonage": VonageDoor.dial,
}
"""The far ends that can be played, by the names of the doors they call at."""


async def place_call(
    server_url: str,
    *,
    door: str,
    line: str,
    script: Script,
    twilio_auth_token: str | None = None,
    secrets: Mapping[str, str] | None = None,
    caller: str = DEFAULT_CALLER,
    public_url: str = "",
    recognizer: Recognizer | None = None,
    hears_live: bool = False,
    save_to: Path | None = None,
    observer: Observer | None = None,
) -> CallResult:
    """Dial a line, play a script, tell what came of it. Raises CallRefused, and ValueError for an unknown door.

    door: one of `DOORS`. secrets: what that door's settings have on the server (`Dialling`); twilio_auth_token: the one
    of Twilio's. public_url: where a phone system would reach the server, '' = server_url. recognizer: writes down what
    the bot says, after the call or, with hears_live, during it (which takes time from a server on the same machine); it
    is not closed. save_to: a wav file for both voices.
    """
    if door not in DOORS:
        raise ValueError(f"no door {door!r}; one of: {', '.join(DOORS)}")
    known = {"auth_token": twilio_auth_token or "", **(secrets or {})}
    connected = await DOORS[door](Dialling(server_url, line, caller, observer or nobody_watches, public_url, known))
    hearing = Hearing(connected.playout, recognizer, connected.tell) if recognizer else None
    try:
        conversation = await _talk(connected, script, hearing if hears_live else None)
    finally:
        await connected.close()
    await connected.after_call()
    ended = connected.ended or Ended("lost", "the connection broke", connected.clock.now_ms())
    if hearing:
        await hearing.catch_up(float("inf"))
    if save_to:
        save_call(save_to, conversation.frames, connected.playout, ended.at_ms)
    return _result(connected, door, line, conversation, ended, hearing)


async def _talk(door: FarEnd, script: Script, hearing: Hearing | None) -> Conversation:
    if hearing is None:
        return await converse(door, script, door.tell)
    listening = asyncio.create_task(hearing.live(door.clock, door.finished))
    try:
        return await converse(door, script, door.tell)
    finally:
        door.finished.set()
        await listening


def _result(
    door: FarEnd, name: str, line: str, conversation: Conversation, ended: Ended, hearing: Hearing | None
) -> CallResult:
    doings = conversation.scene.doings
    return CallResult(
        door=name,
        line=line,
        call_id=door.call_id,
        language=door.language,
        recognizer=door.recognizer,
        transcript=tuple(door.told),
        heard=tuple(hearing.heard) if hearing else (),
        turns=turns(doings, door.playout),
        hung_up_by={"us": "caller", "them": "bot"}.get(ended.by, ended.by),
        ended_why=ended.reason,
        outcome=conversation.outcome,
        outcome_why=conversation.why,
        afterwards=door.afterwards,
        protocol_errors=tuple(door.protocol_errors),
        stutters=door.playout.stutters,
        dead_air_ms=dead_air_ms(doings, door.playout.bursts, ended.at_ms),
        duration_ms=ended.at_ms,
        own_frames=conversation.punctuality,
    )
