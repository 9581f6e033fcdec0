"""SignalWire's cXML streams: Twilio's messages, with linear sound at 16 kHz where it was asked for, and keys to press.

Wire format: SignalWire's reference of `<Stream>`. Its media messages carry no `streamSid`, its marks no
`sequenceNumber`; neither is needed. The page does not tell the byte order of L16: those who use it take it for
little-endian samples.
"""

from __future__ import annotations

from collections.abc import Sequence

from telephony.media import Command, SendKeys
from telephony.protocols.codecs import MULAW, Codecs, linear
from telephony.protocols.twilio import TwilioMediaStreams

CODECS: Codecs = {("audio/x-mulaw", 8000): MULAW, ("audio/x-L16", 16000): linear(16000)}


class SignalWireStreams(TwilioMediaStreams):
    name = "signalwire"
    codecs = CODECS

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, SendKeys):
            return tuple(self._frame("dtmf", dtmf={"digit": key}) for key in command.keys)
        return super().encode(command)
