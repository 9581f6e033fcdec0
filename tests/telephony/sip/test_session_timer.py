"""Session timers: whose turn it is to refresh, and when a session is dead."""

from __future__ import annotations

import pytest
from aiosipua import SipRequest

from telephony.sip.messages import read
from telephony.sip.session_timer import SessionTimer, TooShort, wanted


def invite(*headers: str) -> SipRequest:
    lines = [
        "INVITE sip:it@x SIP/2.0", "Via: SIP/2.0/UDP x:1;branch=z9hG4bKa", "From: <sip:a@x>;tag=t", "To: <sip:it@x>",
        "Call-ID: c", "CSeq: 1 INVITE", *headers,
    ]  # fmt: skip
    message = read(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert isinstance(message, SipRequest)
    return message


@pytest.mark.parametrize(
    ("headers", "interval_s", "we_refresh"),
    [
        (("Supported: timer", "Session-Expires: 600"), 600, False),
        (("k: 100rel, timer", "x: 600;refresher=uas"), 600, True),
        (("Supported: timer", "Session-Expires: 600;refresher=uac"), 600, False),
        (("Supported: timer",), 1800, False),
        (("Session-Expires: 600",), 600, True),  # a proxy's wish for a phone that knows no timers
        (("Supported: timer", "Session-Expires: nonsense;;"), 1800, False),
        (("Supported: timer", "Session-Expires: 999999999"), 86_400, False),
    ],
)
def test_who_refreshes(headers: tuple[str, ...], interval_s: int, we_refresh: bool) -> None:
    assert wanted(invite(*headers), 5.0) == SessionTimer(interval_s, we_refresh, 5.0)


def test_a_far_end_that_knows_no_timers_is_asked_for_nothing() -> None:
    assert wanted(invite("Supported: 100rel"), 0) is None


def test_too_short_an_interval_is_not_taken() -> None:
    with pytest.raises(TooShort):
        wanted(invite("Supported: timer", "Session-Expires: 30"), 0)


def test_times() -> None:
    ours, theirs = SessionTimer(600, True, 100), SessionTimer(90, False, 100)
    assert (ours.refresh_due_s, ours.ends_s) == (400, 668)
    assert (theirs.refresh_due_s, theirs.ends_s) == (None, 160)
    assert (ours.header(we_ask=True), ours.header(we_ask=False)) == ("600;refresher=uac", "600;refresher=uas")
    assert (theirs.header(we_ask=True), theirs.header(we_ask=False)) == ("90;refresher=uas", "90;refresher=uac")
