"""How long does this caller pause while speaking? Slow speakers are given more time, in this call only."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHT = 0.4
"""Of the newest pause: two long ones are enough to be patient."""
MARGIN_MS = 250
"""A pause may be that much longer than the usual one of this caller."""


@dataclass
class OwnPauses:
    """An exponential moving average of the pauses inside this caller's turns."""

    mean_ms: float | None = None

    def learn(self, pause_ms: int) -> None:
        self.mean_ms = pause_ms if self.mean_ms is None else self.mean_ms + WEIGHT * (pause_ms - self.mean_ms)

    def patience_ms(self, least_ms: int, most_ms: int) -> int:
        """The silence that ends a turn of which nobody knows whether it is over: `least_ms`, more for slow speakers."""
        if self.mean_ms is None:
            return least_ms
        return max(least_ms, min(most_ms, round(self.mean_ms) + MARGIN_MS))
