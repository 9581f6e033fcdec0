"""Keys by SIP INFO, as phones without RFC 4733 send and take them. Pure."""

from __future__ import annotations

import re

from aiosipua import SipRequest

from telephony.rtp.keys import KEYS, PRESS_MS
from telephony.sip.party import Party

RELAY = "application/dtmf-relay"
_SIGNAL = re.compile(r"^\s*Signal\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def key_of(request: SipRequest) -> str | None:
    """The key that an INFO tells; '' for a key that is none of 0-9 * #, or a sign of life; None: it is no keypad's."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind == RELAY:
        found = _SIGNAL.search(request.text[:256])
        signal = found.group(1) if found else ""
    elif kind == "application/dtmf":
        signal = request.text[:16].strip()
    else:
        return None if request.body else ""
    signal = {"10": "*", "11": "#"}.get(signal, signal)
    return signal if len(signal) == 1 and signal in KEYS else ""


def info(leg: Party, key: str) -> SipRequest:
    """An INFO of ours that presses a key."""
    request = leg.request("INFO")
    request.headers.set_single("Content-Type", RELAY)
    request.text = f"Signal={key}\r\nDuration={PRESS_MS}\r\n"
    return request
