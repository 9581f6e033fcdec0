"""A call in a phone system that a server drives over ARI. The system itself is in `ari_pbx.py`."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace

from centralino.calling.ari_pbx import AriPbx, Channel
from centralino.calling.ari_rest import ari
from centralino.calling.asterisk import AsteriskDoor
from centralino.calling.asterisk_words import Words
from centralino.calling.audiosocket import AudioSocketDoor
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, FarEnd

LISTENING_S = 40.0
"""A server comes back to its phone system within 30 s."""
ANSWERED_S = 10.0
PARTED_S = 5.0
RATES_HZ = {"slin": 8000, "slin16": 16000}


async def dial(to: Dialling) -> FarEnd:
    """Be the phone system, until the call is over. call_id: the caller's channel. afterwards: what the server did with
    the caller ('hangup', 'continue' in the dialplan), and what it left behind.

    secrets: `url` (listened on here), `username`, `password`, `app`, and of the doors for the sound
    `asterisk.username`, `asterisk.password` or `audiosocket.host`, `audiosocket.port`. Raises CallRefused, ValueError.
    """
    async with contextlib.AsyncExitStack() as stack:
        brought: asyncio.Queue[FarEnd] = asyncio.Queue()

        async def connect(channel: Channel, given: Mapping[str, str]) -> None:
            door = await _sound(channel, given, to)
            stack.push_async_callback(_stop, asyncio.create_task(follow(pbx, channel, door)))
            brought.put_nowait(door)

        pbx, url = AriPbx(to.secret("app"), connect), to.secret("url")
        try:
            await stack.enter_async_context(ari(pbx, url, to.secret("username"), to.secret("password")))
            to.observer(Happening(0, "ringing", url))
            async with asyncio.timeout(LISTENING_S):
                await pbx.listening.wait()
        except (OSError, TimeoutError) as error:
            raise CallRefused(f"no server connects to {url} ({error!r})") from error
        caller = Channel(f"{time.time():.0f}.{uuid.uuid4().hex[:4]}", "PJSIP/trunk-00000001", to.caller, to.line)
        await pbx.ring(caller, to.line)
        door = await _answered(brought, caller)
        door.call_id = caller.id
        door.parting = _InAri(pbx, caller, stack.pop_all())  # type: ignore[attr-defined]
        return door


async def _answered(brought: asyncio.Queue[FarEnd], caller: Channel) -> FarEnd:
    answered, refused = asyncio.create_task(brought.get()), asyncio.create_task(caller.gone.wait())
    await asyncio.wait({answered, refused}, timeout=ANSWERED_S, return_when=asyncio.FIRST_COMPLETED)
    for task in (answered, refused):
        task.cancel()
    if not answered.done() or answered.cancelled():
        raise CallRefused(f"the server did not take the call (the caller: {caller.fate or 'waits'})")
    return answered.result()


async def _sound(channel: Channel, given: Mapping[str, str], to: Dialling) -> FarEnd:
    """The external media channel's connection to the server. Raises OSError as Asterisk would not get through."""
    over = "audiosocket" if given["encapsulation"] == "audiosocket" else "asterisk"
    own = {name.removeprefix(f"{over}."): value for name, value in to.secrets.items() if name.startswith(f"{over}.")}
    at_door = replace(to, secrets=own)
    try:
        if over == "audiosocket":
            return await AudioSocketDoor.connect(at_door, RATES_HZ[given["format"]], given["data"])
        variables = {name: value for name, value in given.items() if name.isupper()}
        words = Words(plain=False, channel=channel.id)
        return await AsteriskDoor.connect(at_door, "/asterisk/media", given["format"], words, channel.id, variables)
    except CallRefused as refused:
        raise OSError(str(refused)) from refused


async def follow(pbx: AriPbx, channel: Channel, door: FarEnd) -> None:
    """The channel and its connection live and die together."""
    joined, gone, over = (asyncio.create_task(event.wait()) for event in (channel.joined, channel.gone, door.finished))
    try:
        await asyncio.wait({joined, gone, over}, return_when=asyncio.FIRST_COMPLETED)
        if joined.done() and door.playout.ends_ms:
            door.protocol_error("sound came before the caller was joined to it: they miss it")
        await asyncio.wait({gone, over}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            door.end("them", "hung up over ARI")
            await door.disconnect()
        else:
            await pbx.vanish(channel)
    finally:
        for task in (joined, gone, over):
            task.cancel()


class _InAri:
    def __init__(self, pbx: AriPbx, caller: Channel, stack: contextlib.AsyncExitStack) -> None:
        self._pbx, self._caller, self._stack = pbx, caller, stack

    async def hang_up(self, door: FarEnd) -> None:
        await self._pbx.vanish(self._caller)

    async def after_call(self, door: FarEnd) -> tuple[str, ...]:
        """What became of the caller, once the server has tidied up."""
        async with self._stack:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PARTED_S):
                    await self._caller.gone.wait()
                    await self._pbx.empty.wait()
            left = [*(f"bridge {one}" for one in self._pbx.bridges), *(f"channel {one}" for one in self._pbx.channels)]
            return (self._caller.fate or "waits", *left)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
