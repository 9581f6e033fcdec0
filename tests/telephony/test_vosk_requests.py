"""What a client of vosk-server may send, and what it may get wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telephony.media import Command, MediaEvent, Pacing
from telephony.protocols import vosk_server
from telephony.protocols.vosk_server import Config, Eof, Options, Reset, Sound
from tests.telephony.mutations import check_mutations

SOUND = bytes(range(64))
SESSION: tuple[str | bytes, ...] = (
    '{"config": {"sample_rate": 16000, "words": true, "max_alternatives": 3, "phrase_list": ["sì", "no", "[unk]"]}}',
    SOUND,
    '{"reset" : 1}',
    SOUND,
    '{"eof" : 1}',
)


class Client:
    """The requests as a protocol, so that they are mutated as those of the others are."""

    name, rate_hz, pacing = "vosk_server", 16000, Pacing()

    def __init__(self) -> None:
        self.requests: list[vosk_server.Request] = []
        self.options = Options()

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        request = vosk_server.request_of(message)
        self.requests.append(request)
        if isinstance(request, Config):
            self.options = replace(self.options, **request.changes)
            assert vosk_server.LEAST_RATE_HZ <= self.options.rate_hz <= vosk_server.MOST_RATE_HZ
            assert 0 <= self.options.alternatives <= 100
        elif isinstance(request, Sound):
            assert len(request.pcm) % 2 == 0
        return ()

    def encode(self, command: Command) -> Sequence[str | bytes]:
        return ()


def test_a_whole_session() -> None:
    client = Client()
    for message in SESSION:
        client.decode(message)
    assert client.requests[1:] == [Sound(SOUND), Reset(), Sound(SOUND), Eof()]
    assert client.options == Options(16000, words=True, alternatives=3, phrases=("sì", "no"))


def test_mutations() -> None:
    check_mutations(SESSION, Client)
