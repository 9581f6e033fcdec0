"""Which doors a server opens: those that have a section in its settings.

A new carrier is one protocol in `telephony/protocols/`, one door here beside, and two lines in this file: its section
and its routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, model_validator

from telephony.doors import (
    asterisk,
    audiosocket,
    freeswitch,
    genesys,
    jambonz,
    plivo,
    signalwire,
    sip,
    telnyx,
    vonage,
    vosk_server,
)
from telephony.doors.ari import Ari, AriSettings
from telephony.doors.asterisk import AsteriskSettings
from telephony.doors.audiosocket import AudioSocketSettings
from telephony.doors.freeswitch import FreeswitchSettings
from telephony.doors.genesys import GenesysSettings
from telephony.doors.house import House
from telephony.doors.jambonz import JambonzSettings
from telephony.doors.plivo import PlivoSettings
from telephony.doors.signalwire import SignalWireSettings
from telephony.doors.telnyx import TelnyxSettings
from telephony.doors.twilio import TwilioSettings
from telephony.doors.vonage import VonageSettings
from telephony.doors.vosk_server import VoskServerSettings
from telephony.sip.settings import SipSettings


class DoorSettings(BaseModel):
    """`[doors.<name>]` in centralino.toml; CENTRALINO_DOORS__<NAME>__<SETTING> in the environment.

    A door without a section stays shut. Twilio's and the browser's are always open; `[doors.twilio]` is for call
    control.
    """

    model_config = ConfigDict(extra="forbid")

    ari: AriSettings | None = None
    asterisk: AsteriskSettings | None = None
    audiosocket: AudioSocketSettings | None = None
    freeswitch: FreeswitchSettings | None = None
    genesys: GenesysSettings | None = None
    jambonz: JambonzSettings | None = None
    plivo: PlivoSettings | None = None
    signalwire: SignalWireSettings | None = None
    sip: SipSettings | None = None
    telnyx: TelnyxSettings | None = None
    twilio: TwilioSettings | None = None
    vonage: VonageSettings | None = None
    vosk_server: VoskServerSettings | None = None

    @model_validator(mode="after")
    def _calls_of_ari_have_sound(self) -> DoorSettings:
        if self.ari and self.ari.sound == "websocket" and not self.asterisk:
            raise ValueError("[doors.ari] needs [doors.asterisk], where the sound of its calls comes in")
        if self.ari and self.ari.sound == "audiosocket" and not (self.audiosocket and self.audiosocket.port):
            raise ValueError("[doors.ari] with sound = 'audiosocket' needs [doors.audiosocket] with a port")
        return self


_WEB_DOORS: Mapping[str, Callable[[House, Any], APIRouter]] = {
    "asterisk": asterisk.routes,
    "audiosocket": audiosocket.routes,
    "freeswitch": freeswitch.routes,
    "genesys": genesys.routes,
    "jambonz": jambonz.routes,
    "plivo": plivo.routes,
    "signalwire": signalwire.routes,
    "telnyx": telnyx.routes,
    "vonage": vonage.routes,
    "vosk_server": vosk_server.routes,
}
"""By their sections' names."""


def web_doors(house: House, settings: DoorSettings) -> Iterator[APIRouter]:
    """The routes of the doors that come in through the web server."""
    for name, routes in _WEB_DOORS.items():
        if section := getattr(settings, name):
            yield routes(house, section)


def ports(house: House, settings: DoorSettings) -> Iterator[AbstractAsyncContextManager[object]]:
    """The doors that listen on ports of their own, or connect; each is open while its context is."""
    if settings.audiosocket:
        yield audiosocket.listening(house, settings.audiosocket)
    if settings.ari:
        yield Ari(house, settings.ari).open()
    if settings.sip:
        yield sip.port(house, settings.sip)
