"""What of a browser's offer is taken: one voice. Pure.

An operator is trusted with calls, not with what the server opens or whom it sends packets to: an offer of video, data
or several voices is refused, and the addresses in it are left out. The browser is heard from first, with the password
of the answer, and is answered where it came from; no other host ever gets a packet.
"""

from __future__ import annotations

LONGEST_SDP = 16_384
"""Characters; browsers offer one voice in 2,000 to 6,000."""
MOST_LINES = 400
NEEDED = ("a=fingerprint:sha-256 ", "a=ice-ufrag:", "a=ice-pwd:", "a=rtcp-mux", "a=setup:")
"""How lines of each begin, without which there is no connection."""
ADDRESSES = ("a=candidate:", "a=end-of-candidates", "a=remote-candidates:")


class BadOffer(ValueError):
    """It is none that a browser makes for one voice. Says what is wrong."""


def one_voice(sdp: str) -> str:
    """The offer without addresses. Raises BadOffer."""
    lines = sdp.splitlines()
    if len(lines) > MOST_LINES:
        raise BadOffer(f"{len(lines)} lines, over {MOST_LINES}")
    media = [line for line in lines if line.startswith("m=")]
    if len(media) != 1 or not media[0].startswith("m=audio "):
        raise BadOffer("one m= line is expected, of audio")
    for needed in NEEDED:
        if not any(line.startswith(needed) for line in lines):
            raise BadOffer(f"no line {needed!r}")
    return "".join(f"{line}\r\n" for line in lines if not line.startswith(ADDRESSES))
