"""What is agreed on, from descriptions as phones, PBXs and trunks write them."""

from __future__ import annotations

import pytest

from telephony.rtp.codecs import G722_CODEC, PCMA, PCMU
from telephony.rtp.stream import Media
from telephony.sip.sdp import BadDescription, Session

BARESIP = """v=0
o=- 3847219 98273 IN IP4 192.0.2.10
s=-
c=IN IP4 192.0.2.10
t=0 0
a=tool:baresip 1.0.0
m=audio 20484 RTP/AVP 8 0 9 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:9 G722/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:20485
a=sendrecv
a=ptime:20
"""


def session() -> Session:
    return Session("198.51.100.1", 10_000)


def offered(*lines: str, head: str = "c=IN IP4 192.0.2.10") -> str:
    return "\r\n".join(("v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", head, "t=0 0", *lines)) + "\r\n"


def media_of(offer: str) -> Media:
    ours = session()
    ours.answer(offer)
    assert ours.agreed
    return ours.agreed.media


def test_wideband_is_taken_where_it_is_offered() -> None:
    ours = session()
    answer = ours.answer(BARESIP)
    assert ours.agreed
    assert ours.agreed.media == Media(G722_CODEC, 9, 101, ("192.0.2.10", 20484))
    assert answer == (
        "v=0\r\no=- 10000 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
        "m=audio 10000 RTP/AVP 9 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def test_static_types_need_no_rtpmap_and_events_keep_their_number() -> None:
    assert media_of(offered("m=audio 4000 RTP/AVP 0")) == Media(PCMU, 0, None, ("192.0.2.10", 4000))
    events = media_of(offered("m=audio 4000 RTP/AVP 8 96", "a=rtpmap:96 TELEPHONE-EVENT/8000"))
    assert (events.codec, events.key_type) == (PCMA, 96)
    wide = media_of(offered("m=audio 4000 RTP/AVP 8 97", "a=rtpmap:97 telephone-event/48000"))
    assert wide.key_type is None


def test_of_several_streams_the_first_plain_sound_is_taken_and_the_others_refused() -> None:
    ours = session()
    answer = ours.answer(
        offered("m=audio 4000 RTP/SAVP 8", "m=video 4002 RTP/AVP 99", "m=audio 4004 RTP/AVP 8", "c=IN IP4 192.0.2.11")
    )
    assert [line for line in answer.splitlines() if line.startswith("m=")] == [
        "m=audio 0 RTP/SAVP 8", "m=video 0 RTP/AVP 99", "m=audio 10000 RTP/AVP 8",
    ]  # fmt: skip
    assert ours.agreed
    assert ours.agreed.media.remote == ("192.0.2.11", 4004)


@pytest.mark.parametrize(
    ("line", "held", "ours_is"),
    [
        ("a=sendonly", True, "recvonly"),
        ("a=inactive", True, "inactive"),
        ("a=recvonly", False, "sendonly"),
        ("a=sendrecv", False, "sendrecv"),
        ("a=x-unknown", False, "sendrecv"),
        ("c=IN IP4 0.0.0.0", True, "sendrecv"),
    ],
)
def test_hold_and_its_end(line: str, held: bool, ours_is: str) -> None:
    ours = session()
    ours.answer(BARESIP)
    answer = ours.answer(offered("m=audio 4000 RTP/AVP 8 9", line))
    assert ours.agreed
    assert ours.agreed.media.held is held
    assert f"a={ours_is}\r\n" in answer
    assert ours.agreed.media.codec is G722_CODEC  # the one in use stays in use
    assert "o=- 10000 3 " in answer


def test_hold_for_the_whole_session() -> None:
    assert media_of(offered("m=audio 4000 RTP/AVP 8", head="c=IN IP4 192.0.2.10\r\na=inactive")).held


def test_an_offer_of_ours_and_its_answer() -> None:
    ours = session()
    assert "m=audio 10000 RTP/AVP 9 8 0 101\r\n" in ours.offer()
    ours.answered(offered("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"))
    assert ours.agreed
    assert ours.agreed.media == Media(PCMU, 0, 101, ("192.0.2.10", 4000))
    assert "m=audio 10000 RTP/AVP 0 101\r\n" in ours.offer()


def test_only_what_is_configured_is_taken() -> None:
    ours = Session("198.51.100.1", 10_000, [PCMU])
    ours.answer(BARESIP)
    assert ours.agreed
    assert ours.agreed.media.codec is PCMU


@pytest.mark.parametrize(
    ("offer", "code", "says"),
    [
        ("", "malformed_sdp", "0 streams"),
        ("v=zero", "malformed_sdp", "not SDP"),
        (offered("m=audio x RTP/AVP 8"), "malformed_sdp", "not SDP"),
        (offered(*["m=audio 4000 RTP/AVP 8"] * 9), "malformed_sdp", "9 streams"),
        (offered("m=video 4000 RTP/AVP 99"), "no_plain_rtp", "offered: none"),
        (offered("m=audio 4000 RTP/SAVPF 8"), "no_plain_rtp", "offered: RTP/SAVPF"),
        (offered("m=audio 0 RTP/AVP 8"), "no_plain_rtp", "offered: none"),
        (offered("m=audio 4000 RTP/AVP 18 3"), "no_common_codec", "offered: G729, GSM; taken: G722, PCMA, PCMU"),
        (offered("m=audio 4000 RTP/AVP 8", head="c=IN IP4 phone.example"), "malformed_sdp", "'phone.example'"),
        (offered("m=audio 4000 RTP/AVP 8", head="s=x"), "malformed_sdp", "'none'"),
        (offered("m=audio 4000 RTP/AVP 8", head="c=IN IP4 224.0.0.1"), "malformed_sdp", "cannot be sent"),
        (offered("m=audio 70000 RTP/AVP 8"), "malformed_sdp", "cannot be sent"),
    ],
)
def test_no_session_comes_of_these(offer: str, code: str, says: str) -> None:
    ours = session()
    with pytest.raises(BadDescription, match=says) as caught:
        ours.answer(offer)
    assert caught.value.code == code
    assert ours.agreed is None
