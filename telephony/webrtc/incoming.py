"""What the operator says: from RTP packets to sound. Pure: whatever the packets, nothing is raised and little is kept.

A packet in its order is handed on at once. aiortc's own receiver keeps 80 ms of sound back, and 320 ms for good once a
packet was lost: speech recognition and the caller would wait for them in every turn.
"""

from __future__ import annotations

from collections.abc import Callable

from telephony.rtp.reordering import Reordering
from telephony.webrtc.opus import FRAME_BYTES, FRAME_MS, Decoder

MOST_SILENCE = 10
"""Lost packets in whose place there is silence; where more are missing in a row, time goes on without them."""
MOST_AHEAD_MS = 2000
"""Sound that may come faster than time passes; a far end that sends more than that is not listened to."""


class IncomingSound:
    """One stream's. now_ms: a clock that never goes back."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._order: Reordering[bytes] = Reordering()
        self._decoder = Decoder()
        self._ssrc: int | None = None
        self._since_ms: int | None = None
        self._heard_ms = 0
        self.refused = 0

    @property
    def lost(self) -> int:
        """Packets that never came, of this stream."""
        return self._order.lost

    def take(self, ssrc: int, sequence: int, payload: bytes) -> bytes:
        """PCM16 at 16 kHz that can be heard now that this packet came. Another SSRC is another stream."""
        now_ms = self._now_ms()
        if self._since_ms is None:
            self._since_ms = now_ms
        if self._heard_ms - (now_ms - self._since_ms) > MOST_AHEAD_MS:
            self.refused += 1
            return b""
        if ssrc != self._ssrc:
            self._ssrc, self._order, self._decoder = ssrc, Reordering(), Decoder()
        pcm = b""
        for ordered in self._order.add(sequence, payload):
            pcm += bytes(min(ordered.lost, MOST_SILENCE) * FRAME_BYTES)
            pcm += self._decoder.decode(ordered.item)
        self._heard_ms += len(pcm) * FRAME_MS // FRAME_BYTES
        return pcm
