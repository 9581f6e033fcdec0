"""What comes in by RTP: in order, out of order, lost, pressed, and made of noise."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony.rtp import packets
from telephony.rtp.codecs import CODECS, G722_CODEC, PCMA, PCMU, Codec, coder
from telephony.rtp.packets import NotRtp, Packet
from telephony.rtp.receiving import Heard, Receiver
from telephony.rtp.reordering import DEPTH, FARTHEST, Reordering
from voice import g711

KEY_TYPE = 101
FRAME = g711.pcm_to_alaw(b"\x10\x20" * 160)


def sound(sequence: int, payload: bytes = FRAME, ssrc: int = 7, payload_type: int = 8) -> Packet:
    return Packet(payload_type, sequence % 65536, sequence * 160 % 2**32, ssrc, payload)


def event(sequence: int, code: int, began: int, held: int, end: bool = False, marker: bool = False) -> Packet:
    payload = struct.pack("!BBH", code, 0x80 * end | 10, held)
    return Packet(KEY_TYPE, sequence, began, 7, payload, marker)


def receiver() -> Receiver:
    return Receiver(PCMA, 8, KEY_TYPE)


def take(receiver: Receiver, *packets_in: Packet) -> list[Heard]:
    return [heard for packet in packets_in for heard in receiver.take(packet)]


def test_a_packet_as_a_phone_sends_it_is_read_byte_for_byte() -> None:
    # PCMA, marker, sequence 0x1234, timestamp 0x000A0B0C, one contributing source, an extension, two bytes of padding
    datagram = bytes.fromhex("b1881234000a0b0cdeadbeef cafe0001 bede0001 10aa0000 d5d5d5 0002".replace(" ", ""))
    assert packets.read(datagram) == Packet(8, 0x1234, 0x000A0B0C, 0xDEADBEEF, b"\xd5\xd5\xd5", True)
    ours = Packet(8, 0x1234, 0x000A0B0C, 0xDEADBEEF, b"\xd5\xd5\xd5", True)
    assert packets.write(ours).hex() == "80881234000a0b0cdeadbeefd5d5d5"


def test_sound_in_order_is_heard_at_once() -> None:
    ear = receiver()
    for number in range(5):
        assert [len(heard.pcm) for heard in ear.take(sound(65533 + number))] == [320]
    assert (ear.packets, ear.lost, ear.late) == (5, 0, 0)


def test_packets_that_overtook_each_other_are_heard_in_their_order() -> None:
    frames = [g711.pcm_to_alaw(struct.pack("<h", 1000 * number) * 160) for number in range(5)]
    ear = receiver()
    heard = take(ear, *(sound(number, frames[number]) for number in (0, 2, 3, 1, 4)))
    assert [piece.pcm for piece in heard] == [g711.alaw_to_pcm(frame) for frame in frames]
    assert (ear.lost, ear.late) == (0, 0)


def test_a_lost_packet_is_made_up_for_and_time_goes_on() -> None:
    ear = receiver()
    heard = take(ear, sound(0), *(sound(number) for number in range(2, 2 + DEPTH + 1)))
    assert sum(len(piece.pcm) for piece in heard) == 320 * (DEPTH + 3)
    concealed = np.frombuffer(heard[1].pcm, "<i2")
    assert concealed.any()
    assert abs(int(concealed[-1])) < abs(int(concealed[0]))
    assert ear.lost == 1
    assert ear.take(sound(1)) == []
    assert ear.late == 1


def test_a_phone_that_is_silent_for_a_while_goes_on_where_it_was() -> None:
    """It sends nothing meanwhile: the sequence goes on, only the timestamp jumps."""
    ear = receiver()
    heard = take(ear, sound(0), Packet(8, 1, 80_000, 7, FRAME))
    assert [len(piece.pcm) for piece in heard] == [320, 320]
    assert ear.lost == 0


def test_another_stream_is_followed_from_its_first_packet() -> None:
    ear = receiver()
    heard = take(ear, sound(40_000), sound(5, ssrc=8), sound(6, ssrc=8), sound(8 + FARTHEST, ssrc=8))
    assert len(heard) == 4


def test_reordering_keeps_little_whatever_comes() -> None:
    dice = random.Random(1)
    order: Reordering[int] = Reordering()
    for _ in range(20_000):
        order.add(dice.randrange(65_536) if dice.random() < 0.1 else dice.randrange(100), 0)
        assert len(order._kept) <= DEPTH + 1


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_what_is_coded_is_heard_again(codec: Codec) -> None:
    rate = codec.rate_hz
    at = np.arange(rate) / rate
    pcm = (np.sin(2 * np.pi * 440 * at) * 12_000).astype("<i2").tobytes()
    there, back = coder(codec), coder(codec)
    coded = [there.encode(pcm[start : start + rate // 25]) for start in range(0, len(pcm), rate // 25)]
    assert {len(frame) for frame in coded} == {160}
    heard = np.frombuffer(b"".join(map(back.decode, coded)), "<i2").astype(float)
    assert len(heard) == rate
    strongest = np.argmax(np.abs(np.fft.rfft(heard)))
    assert strongest == 440
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(12_000 / np.sqrt(2), rel=0.05)


# ---------------------------------------------------------------------------------------------------------------- keys


def press(sequence: int, code: int, began: int) -> list[Packet]:
    """As a phone sends it: three updates, three ends."""
    updates = [event(sequence + n, code, began, 160 * (n + 1), marker=n == 0) for n in range(3)]
    return [*updates, *(event(sequence + 3 + n, code, began, 640, end=True) for n in range(3))]


def keys(ear: Receiver, *packets_in: Packet) -> str:
    return "".join(heard.key for heard in take(ear, *packets_in))


def test_a_key_counts_once_with_its_first_packet() -> None:
    ear = receiver()
    first, *rest = press(1, 5, 1000)
    assert keys(ear, first) == "5"
    assert keys(ear, *rest) == ""


def test_the_same_key_again_is_another_press() -> None:
    assert (
        keys(receiver(), *press(1, 1, 1000), *press(7, 1, 3000), *press(13, 10, 5000), *press(19, 11, 7000)) == "11*#"
    )


@pytest.mark.parametrize("arrived", [[0], [5], [2, 4], [5, 0], [3, 3, 3]])
def test_any_packet_of_a_press_is_enough(arrived: list[int]) -> None:
    packets_of = press(1, 9, 1000)
    assert keys(receiver(), *(packets_of[number] for number in arrived)) == "9"


def test_an_end_that_comes_after_the_next_key_began_is_no_key() -> None:
    first, second = press(1, 1, 1000), press(7, 2, 3000)
    assert keys(receiver(), *first[:5], *second[:2], first[5], *second[2:]) == "12"


def test_a_phone_that_moves_the_timestamp_within_a_press_presses_once() -> None:
    moving = [event(n, 4, 1000 + 160 * n, 160 * n, marker=n == 0, end=n > 4) for n in range(7)]
    assert keys(receiver(), *moving) == "4"


def test_letters_flash_and_crippled_events_are_no_keys() -> None:
    ear = receiver()
    assert keys(ear, *press(1, 12, 1000), *press(7, 16, 3000), Packet(KEY_TYPE, 13, 9000, 7, b"\x01\x02")) == ""


def test_keys_take_numbers_of_the_sequence_but_are_no_loss() -> None:
    ear = receiver()
    assert len(take(ear, sound(0), *press(1, 5, 160), sound(7), sound(8))) == 4
    assert ear.lost == 0


# ------------------------------------------------------------------------------------------------------------- nonsense


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.sampled_from((PCMU, G722_CODEC)), st.binary(max_size=40), st.integers(0, 60), st.booleans(), st.integers(0, 40)
)
@example(PCMU, b"\x80", 0, True, 0)
@example(PCMU, b"\xbf", 0, False, 0)
def test_no_datagram_does_harm(codec: Codec, noise: bytes, position: int, inserted: bool, longer: int) -> None:
    ear = Receiver(codec, 8, KEY_TYPE)
    for good in (packets.write(sound(1)), packets.write(event(2, 5, 160, 160))):
        damaged = good[:position] + noise + good[position + (0 if inserted else len(noise)) :] + bytes(longer)
        for datagram in (damaged, noise, good):
            packet = ear.read(datagram)
            for heard in ear.take(packet) if packet else ():
                assert len(heard.pcm) % 2 == 0
                assert heard.key in ("", *"0123456789*#")


def test_what_belongs_to_no_agreed_type_is_counted_and_dropped() -> None:
    ear = receiver()
    assert ear.read(packets.write(sound(1, payload_type=18))) is None
    assert ear.read(b"GET / HTTP/1.1\r\n") is None
    assert ear.strange == 2
    with pytest.raises(NotRtp, match="over 1500"):
        packets.read(bytes(1501))
