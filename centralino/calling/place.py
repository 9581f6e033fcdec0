"""Places one call on a running server, over the real protocol and in real time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from centralino.calling.browser import BrowserDoor
from centralino.calling.conversation import Conversation, converse
from centralino.calling.door import Ended, Observer, nobody_watches
from centralino.calling.hearing import Hearing
from centralino.calling.measures import dead_air_ms, turns
from centralino.calling.recording import save_call
from centralino.calling.result import CallResult
from centralino.calling.script import Script
from centralino.calling.twilio import TwilioDoor
from voice.listening.recognizer import Recognizer

DEFAULT_CALLER = "+390200000000"


async def place_call(
    server_url: str,
    *,
    door: str,
    line: str,
    script: Script,
    twilio_auth_token: str | None = None,
    caller: str = DEFAULT_CALLER,
    public_url: str = "",
    recognizer: Recognizer | None = None,
    hears_live: bool = False,
    save_to: Path | None = None,
    observer: Observer | None = None,
) -> CallResult:
    """Dial a line, play a script, tell what came of it. Raises CallRefused, and ValueError for an unknown door.

    door: 'twilio' (needs the server's auth token; public_url: where Twilio would reach the server, '' = server_url) or
    'browser'. recognizer: writes down what the bot says, after the call or, with hears_live, during it (which takes
    time from a server on the same machine); it is not closed. save_to: a wav file for both voices.
    """
    observer = observer or nobody_watches
    connected: TwilioDoor | BrowserDoor
    if door == "twilio":
        if not twilio_auth_token:
            raise ValueError("the twilio door needs the server's Twilio auth token, to sign as Twilio does")
        connected = await TwilioDoor.dial(
            server_url, line=line, caller=caller, auth_token=twilio_auth_token, public_url=public_url, observer=observer
        )
    elif door == "browser":
        connected = await BrowserDoor.dial(server_url, line=line, caller=caller, observer=observer)
    else:
        raise ValueError(f"no door {door!r}; one of: twilio, browser")
    hearing = Hearing(connected.playout, recognizer, connected.tell) if recognizer else None
    try:
        conversation = await _talk(connected, script, hearing if hears_live else None)
    finally:
        await connected.close()
    if isinstance(connected, TwilioDoor):
        await connected.after_stream()
    ended = connected.ended or Ended("lost", "the connection broke", connected.clock.now_ms())
    if hearing:
        await hearing.catch_up(float("inf"))
    if save_to:
        save_call(save_to, conversation.frames, connected.playout, ended.at_ms)
    return _result(connected, door, line, conversation, ended, hearing)


async def _talk(door: TwilioDoor | BrowserDoor, script: Script, hearing: Hearing | None) -> Conversation:
    if hearing is None:
        return await converse(door, script, door.tell)
    listening = asyncio.create_task(hearing.live(door.clock, door.finished))
    try:
        return await converse(door, script, door.tell)
    finally:
        door.finished.set()
        await listening


def _result(
    door: TwilioDoor | BrowserDoor, name: str, line: str, conversation: Conversation, ended: Ended,
    hearing: Hearing | None,
) -> CallResult:  # fmt: skip
    doings = conversation.scene.doings
    return CallResult(
        door=name,
        line=line,
        call_id=door.call_id,
        language=door.language if isinstance(door, BrowserDoor) else "",
        recognizer=door.recognizer if isinstance(door, BrowserDoor) else "",
        transcript=tuple(door.told),
        heard=tuple(hearing.heard) if hearing else (),
        turns=turns(doings, door.playout),
        hung_up_by={"us": "caller", "them": "bot"}.get(ended.by, ended.by),
        ended_why=ended.reason,
        outcome=conversation.outcome,
        outcome_why=conversation.why,
        afterwards=door.afterwards if isinstance(door, TwilioDoor) else (),
        protocol_errors=tuple(door.protocol_errors),
        stutters=door.playout.stutters,
        dead_air_ms=dead_air_ms(doings, door.playout.bursts, ended.at_ms),
        duration_ms=ended.at_ms,
        own_frames=conversation.punctuality,
    )
