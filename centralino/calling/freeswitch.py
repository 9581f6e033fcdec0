"""A call that FreeSWITCH's dialplan gives to mod_audio_fork, streaming both ways."""

from __future__ import annotations

import uuid

from centralino.calling.audio_fork import AudioForkDoor, open_fork
from centralino.calling.door import Happening
from centralino.calling.far_end import Dialling

PROPER_ENDS = ("bot_ended", "operator_ended")


class FreeswitchDoor(AudioForkDoor):
    """call_id: the channel's uuid. afterwards: what the script of docs/freeswitch.md does then."""

    @classmethod
    async def dial(cls, to: Dialling) -> FreeswitchDoor:
        """secrets: `username`, `password`, `subprotocol` and `sample_rate_hz`. Raises CallRefused and ValueError."""
        url = to.server_url.rstrip("/").replace("http", "ws", 1) + "/freeswitch/media"
        rate_hz = int(to.secret("sample_rate_hz"))
        to.observer(Happening(0, "ringing", url))
        socket = await open_fork(url, to.secret("username"), to.secret("password"), to.secret("subprotocol"))
        door = cls(socket, rate_hz, to.observer)
        door.call_id = str(uuid.uuid4())
        await door.begin({"line": to.line, "caller": to.caller, "call": door.call_id, "sampleRate": rate_hz})
        return door

    async def after_call(self) -> None:
        if self.ended and self.ended.by != "us":
            self.afterwards = ("hangup",) if self.end_reason in PROPER_ENDS else ("transfer",)
