"""How often somebody is tried, and how long after which outcome. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telephony.outbound.outcomes import HOPELESS, REACHED

USUAL_MINUTES: Mapping[str, int] = {
    "busy": 15,
    "no_answer": 180,
    "machine": 240,
    "hung_up_early": 1440,
    "rejected": 1440,
    "failed": 30,
    "interrupted": 60,
}
"""Who talks on the phone is free soon; who does not answer is away for hours; who hung up or declined was disturbed."""


@dataclass(frozen=True)
class Spacing:
    """tries: at most, the first included. minutes: outcome → until the next try, where it differs from the usual."""

    tries: int = 3
    minutes: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.tries <= 10:
            raise ValueError(f"tries is {self.tries}; 1 to 10 are possible")
        for outcome, wait in self.minutes.items():
            if outcome not in USUAL_MINUTES:
                raise ValueError(
                    f"no spacing for {outcome!r}; outcomes that are tried again: {', '.join(USUAL_MINUTES)}"
                )
            if not 1 <= wait <= 30 * 1440:
                raise ValueError(f"the spacing after {outcome!r} is {wait} minutes; 1 minute to 30 days are possible")

    def next_try(self, outcome: str, tried: int, ended: datetime) -> datetime | None:
        """When to try again after `tried` tries, the last of which ended so; None: never."""
        if outcome in REACHED or outcome in HOPELESS or tried >= self.tries:
            return None
        return ended + timedelta(minutes=self.minutes.get(outcome, USUAL_MINUTES[outcome]))
