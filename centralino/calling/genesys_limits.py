"""What Genesys takes from a server before it complains. Pure: times come in."""

from __future__ import annotations

LARGEST_SOUND_BYTES = 64_000
LARGEST_TEXT_BYTES = 65_535
MESSAGES_A_SECOND = 5.0
BURST = 25
"""Of its rate limit, as other servers report it (their fix is messages of 200 ms); Genesys publishes no more."""


class RateLimit:
    """Messages are paid for from a purse that fills with time."""

    def __init__(self) -> None:
        self._left, self._at_ms = float(BURST), 0.0

    def exceeded(self, at_ms: float) -> bool:
        """A message came: whether it was one too many."""
        self._left = min(BURST, self._left + (at_ms - self._at_ms) / 1000 * MESSAGES_A_SECOND)
        self._at_ms = at_ms
        if self._left < 1:
            return True
        self._left -= 1
        return False
