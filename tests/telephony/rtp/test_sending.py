"""What goes out by RTP: steady packets, keys between them, hold, and the clock that asks for them."""

from __future__ import annotations

import asyncio
import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from telephony.rtp import packets
from telephony.rtp.codecs import G722_CODEC, PCMA, PCMU
from telephony.rtp.keys import KeysHeard
from telephony.rtp.pacer import MOST_CAUGHT_UP, Pacer, turns_due
from telephony.rtp.packets import Packet
from telephony.rtp.sending import LONGEST_QUEUE_MS, Sender
from voice import g711


def sent(sender: Sender, ticks: int) -> list[Packet | None]:
    return [packets.read(packet) if packet else None for packet in (sender.tick() for _ in range(ticks))]


def test_silence_and_sound_make_one_steady_stream() -> None:
    sender = Sender(PCMA, 8, 101)
    loud = b"\x00\x20" * 200  # 25 ms
    before = sent(sender, 2)
    sender.sound(loud)
    stream = [packet for packet in (*before, *sent(sender, 3)) if packet]
    assert [len(packet.payload) for packet in stream] == [160] * 5
    assert [packet.marker for packet in stream] == [True, False, False, False, False]
    assert {(packet.ssrc, packet.payload_type) for packet in stream} == {(sender.ssrc, 8)}
    steps = [(b.sequence - a.sequence, (b.timestamp - a.timestamp) % 2**32) for a, b in pairwise(stream)]
    assert steps == [(1, 160)] * 4
    heard = b"".join(g711.alaw_to_pcm(packet.payload) for packet in stream)
    assert heard[640:1040] == g711.alaw_to_pcm(g711.pcm_to_alaw(loud))
    assert max(abs(sample) for (sample,) in struct.iter_unpack("<h", heard[1040:])) <= 8


def test_wideband_goes_out_in_the_same_steps() -> None:
    stream = sent(Sender(G722_CODEC, 9, None), 3)
    assert [len(packet.payload) for packet in stream if packet] == [160] * 3
    assert [packet.timestamp - stream[0].timestamp for packet in stream if packet and stream[0]][1] in (
        160,
        160 - 2**32,
    )


def test_cleared_sound_is_never_sent() -> None:
    sender = Sender(PCMU, 0, None)
    sender.sound(b"\x00\x20" * 8000)
    assert sender.waiting_ms == 1000
    sender.clear()
    assert [packet.payload for packet in sent(sender, 2) if packet] == [b"\xff" * 160] * 2


def test_on_hold_nothing_is_sent_and_time_goes_on() -> None:
    sender = Sender(PCMA, 8, 101)
    before = sent(sender, 1)[0]
    sender.muted = True
    assert sent(sender, 10) == [None] * 10
    sender.muted = False
    after = sent(sender, 1)[0]
    assert before
    assert after
    assert (after.timestamp - before.timestamp) % 2**32 == 11 * 160
    assert after.sequence == before.sequence + 1
    assert after.marker


def test_what_waits_is_bounded() -> None:
    sender = Sender(PCMA, 8, None)
    sender.sound(bytes(16_000 * 5))
    assert (sender.waiting_ms, sender.dropped_ms) == (LONGEST_QUEUE_MS, 3000)


@given(st.text("0123456789*#", min_size=1, max_size=6))
def test_keys_are_pressed_as_a_phone_presses_them(pressed: str) -> None:
    sender, ear = Sender(PCMA, 8, 97), KeysHeard()
    sender.press(pressed)
    stream = [packet for packet in sent(sender, 15 * len(pressed)) if packet]
    events = [packet for packet in stream if packet.payload_type == 97]
    assert "".join(key for packet in events if (key := ear.take(packet))) == pressed
    assert len({packet.timestamp for packet in events}) == len(pressed)
    assert sum(packet.marker for packet in events) == len(pressed)
    ends = [packet for packet in events if packet.payload[1] & 0x80]
    assert len(ends) == 3 * len(pressed)
    assert {struct.unpack("!H", packet.payload[2:])[0] for packet in ends} == {960}
    assert stream[-1].payload_type == 8
    assert [packet.sequence % 65536 for packet in stream] == [
        (stream[0].sequence + number) % 65536 for number in range(len(stream))
    ]


# ----------------------------------------------------------------------------------------------------------- the clock


def test_a_late_clock_catches_up_a_little_and_skips_the_rest() -> None:
    assert turns_due(0) == (1, 0)
    assert turns_due(19.9) == (1, 0)
    assert turns_due(45) == (3, 0)
    assert turns_due(1000) == (MOST_CAUGHT_UP, 51 - MOST_CAUGHT_UP)


class Counting:
    def __init__(self, fails: bool = False) -> None:
        self.ticks = self.skips = 0
        self.fails = fails
        self.enough = asyncio.Event()

    def tick(self) -> None:
        self.ticks += 1
        if self.ticks >= 10:
            self.enough.set()
        if self.fails:
            raise RuntimeError("broken")

    def skip(self) -> None:
        self.skips += 1


async def test_one_clock_serves_all_and_a_broken_stream_stops_nobody() -> None:
    pacer = Pacer()
    good, broken = Counting(), Counting(fails=True)
    pacer.add(broken)
    pacer.add(good)
    async with asyncio.timeout(20):
        await good.enough.wait()
    assert broken.ticks == 1
    assert len(pacer) == 1
    pacer.remove(good)
    await pacer.close()


async def test_no_turn_is_forgotten_however_late_the_clock_is() -> None:
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += 0.013  # every look at the clock costs 13 ms: the loop is far behind
        return now_s

    pacer, stream = Pacer(clock), Counting()
    pacer.add(stream)
    async with asyncio.timeout(20):
        await stream.enough.wait()
    await pacer.close()
    turns = stream.ticks + stream.skips
    assert abs(turns * 20 - now_s * 1000) < 120
