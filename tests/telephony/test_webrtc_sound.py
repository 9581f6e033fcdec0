"""What of an offer is taken, and sound on its way through Opus: in order, on the clock, never more than is due."""

from __future__ import annotations

import asyncio
import itertools
import socket

import numpy as np
import pytest

from telephony.operators.webrtc_side import NOT_INSTALLED, voices_or_why
from telephony.webrtc import voices
from telephony.webrtc.offer import BadOffer, one_voice
from telephony.webrtc.settings import IceServer, WebrtcSettings
from telephony.webrtc.voices import WebrtcVoices

pytest.importorskip("aiortc", reason="the extra is not installed: pip install '.[webrtc]'")

from aioice import Connection

from telephony.webrtc.candidates import NoPort, bound_to
from telephony.webrtc.incoming import MOST_AHEAD_MS, IncomingSound
from telephony.webrtc.opus import FRAME_BYTES, RATE_HZ, Decoder, Encoder
from telephony.webrtc.outgoing import FIRST_MS, MOST_MS, OutgoingSound, Spurts

FRAME = b"\x01\x01" * (FRAME_BYTES // 2)
SILENCE = bytes(FRAME_BYTES)
OFFER = (
    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:sha-256 AB\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=rtcp-mux\r\na=setup:actpass\r\n"
)


def tone(ms: int, hz: int = 440) -> bytes:
    at = np.arange(16 * ms) / RATE_HZ
    return (np.sin(2 * np.pi * hz * at) * 8000).astype("<i2").tobytes()


def loudest_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()])


def packets(pcm: bytes) -> list[bytes]:
    encoder = Encoder()
    coded = [encoder.encode(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm), FRAME_BYTES)]
    assert all(coded)
    return coded


def test_an_offer_of_one_voice_loses_its_addresses_and_nothing_else() -> None:
    sdp = f"{OFFER}a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\na=end-of-candidates\r\na=mid:0\r\n"
    assert one_voice(sdp) == f"{OFFER}a=mid:0\r\n"
    assert one_voice(sdp.replace("\r\n", "\n")) == one_voice(sdp)


@pytest.mark.parametrize(
    "more",
    ["m=video 9 UDP/TLS/RTP/SAVPF 96\n", "m=application 9 UDP/DTLS/SCTP 5000\n", "m=audio 9 X 1\n", "x\n" * 400],
)
def test_an_offer_of_more_is_refused(more: str) -> None:
    with pytest.raises(BadOffer):
        one_voice(OFFER + more)


@pytest.mark.parametrize("lacks", ["m=audio", "a=fingerprint", "a=ice-ufrag", "a=ice-pwd", "a=rtcp-mux", "a=setup"])
def test_an_offer_that_lacks_something_is_refused(lacks: str) -> None:
    with pytest.raises(BadOffer):
        one_voice(OFFER.replace(lacks, "a=other"))


def test_sound_passes_opus_both_ways() -> None:
    decoder = Decoder()
    heard = b"".join(map(decoder.decode, packets(tone(1000))))
    assert len(heard) > 30_000
    assert abs(loudest_hz(heard[6400:]) - 440) < 5


def test_what_is_no_opus_is_silently_nothing_and_the_next_packet_is_heard() -> None:
    decoder = Decoder()
    coded = packets(tone(200))
    assert decoder.decode(b"") == decoder.decode(b"\xff" * 10) == b""
    assert sum(len(decoder.decode(one)) for one in coded) > 5000


def test_packets_are_put_in_order_and_lost_ones_are_silence() -> None:
    now = itertools.count(0, 20)
    sound = IncomingSound(lambda: next(now))
    coded = packets(tone(200))
    order = [0, 2, 1, 4, 5, 6, 7, 8, 9]  # 3 is lost: given up when four more have come
    lengths = [len(sound.take(7, 65_530 + one & 0xFFFF, coded[one])) for one in order]
    assert lengths[1] == 0
    assert lengths[2] == 2 * FRAME_BYTES
    assert lengths[3:6] == [0, 0, 0]
    assert lengths[6] == 5 * FRAME_BYTES
    assert sound.lost == 1
    assert sound.take(7, 65_530, coded[0]) == b""  # too late
    assert sound.take(8, 5, coded[0]) != b""  # another stream begins anywhere


def test_a_flood_is_not_decoded() -> None:
    sound = IncomingSound(lambda: 0)
    coded = packets(tone(1000))
    heard = sum(len(sound.take(1, n, coded[n % len(coded)])) for n in range(500))
    assert heard <= (MOST_AHEAD_MS + 40) * FRAME_BYTES // 20
    assert sound.refused > 300


def test_a_spurt_gathers_a_little_first_and_ends_in_silence() -> None:
    spurts = Spurts()
    assert spurts.next() == SILENCE
    spurts.add(FRAME)
    assert spurts.next() == SILENCE
    spurts.add(FRAME)
    assert [spurts.next() for _ in range(3)] == [FRAME, FRAME, SILENCE]


def test_what_is_too_short_to_be_gathered_is_heard_all_the_same() -> None:
    spurts = Spurts()
    spurts.add(FRAME[:100])
    frames = [spurts.next() for _ in range(FIRST_MS // 20 + 1)]
    assert frames[-1] == FRAME[:100].ljust(FRAME_BYTES, b"\0")
    assert frames[0] == spurts.next() == SILENCE


def test_sound_that_waits_too_long_is_dropped_the_oldest_first() -> None:
    spurts = Spurts()
    spurts.add(SILENCE + b"\x02" * FRAME_BYTES * (MOST_MS // 20))
    assert spurts.next() == b"\x02" * FRAME_BYTES
    assert sum(spurts.next() != SILENCE for _ in range(100)) == MOST_MS // 20 - 1


async def test_a_clock_that_stalls_sends_nothing_for_what_it_missed() -> None:
    sent: list[None] = []
    sound = OutgoingSound(lambda: sent.append(None))
    first = await sound.recv()
    assert (await sound.recv()).pts - first.pts == 960
    sound._due_s = asyncio.get_running_loop().time() - 1.0
    late = await sound.recv()
    assert (await sound.recv()).pts - late.pts == 960
    assert late.pts - first.pts >= 960 * 50
    assert len(sent) == 4


async def test_candidates_are_of_the_range_and_at_the_address_that_browsers_reach() -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    settings = WebrtcSettings(addresses=["127.0.0.1"], public_ip="203.0.113.9", first_port=port, last_port=port)
    connection = Connection(ice_controlling=False)
    bound_to(connection, settings)
    with pytest.raises(NoPort, match=f"no UDP port of {port}-{port} is free on 127.0.0.1"):
        await connection.gather_candidates()
    taken.close()
    connection = Connection(ice_controlling=False)
    bound_to(connection, settings)
    await connection.gather_candidates()
    assert [(one.host, one.port, one.type) for one in connection.local_candidates] == [("203.0.113.9", port, "host")]
    await connection.close()


def test_settings() -> None:
    assert voices_or_why(WebrtcSettings()) is None
    server = IceServer(urls=["turns:turn.example.com:443?transport=tcp"], username="u", credential="geheim")
    settings = WebrtcSettings(mode="prefer", ice_servers=[server, IceServer(urls=["stun:stun.example.com"])])
    assert "geheim" not in repr(settings)
    assert WebrtcVoices(settings).for_browsers() == [
        {"urls": ["turns:turn.example.com:443?transport=tcp"], "username": "u", "credential": "geheim"},
        {"urls": ["stun:stun.example.com"]},
    ]
    for wrong in (
        {"first_port": 2000, "last_port": 1999},
        {"addresses": ["here"]},
        {"ice_servers": [{"urls": ["x:y"]}]},
    ):
        with pytest.raises(ValueError, match=r"webrtc|last_port|address|pattern|IPv4"):
            WebrtcSettings.model_validate(wrong)


def test_where_the_extra_is_missing_calls_go_through_the_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    assert voices_or_why(WebrtcSettings(mode="prefer")) == NOT_INSTALLED
    with pytest.raises(voices.WebrtcUnavailable, match=r"pip install 'centralino\[webrtc\]'"):
        voices.voices_of(WebrtcSettings(mode="prefer"))
