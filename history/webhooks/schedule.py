"""What follows from an answer to a message: it is delivered, tried again later, or given up; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from history.webhooks.endpoint import DISABLED_AFTER
from history.webhooks.posting import Answer

WAITS_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between the tries of a message, which is given up after the last: ten tries in three days, as Standard Webhooks
suggests."""
JITTER = 0.2
"""Part of a wait by which it is longer or shorter, so that what failed together is not tried together."""
LONGEST_ASKED_S = 86_400
"""Of `Retry-After`; a receiver that asks for more is tried after a day."""
GONE = 410


@dataclass(frozen=True)
class Verdict:
    """due_at: of the next try, None when there is none. endpoint_off: why its endpoint is switched off; ''."""

    state: Literal["delivered", "pending", "dead"]
    due_at: datetime | None = None
    endpoint_off: str = ""


def verdict(answer: Answer, attempts: int, failing_since: datetime | None, now: datetime, chance: float) -> Verdict:
    """attempts: this one included. failing_since: of the endpoint before this try. chance: 0 to 1, at random."""
    if answer.accepted:
        return Verdict("delivered")
    off = ""
    if answer.status == GONE:
        off = "it answered 410 Gone"
    elif failing_since is not None and now - failing_since >= DISABLED_AFTER:
        off = f"nothing but failures since {failing_since.isoformat(timespec='minutes')}"
    if attempts > len(WAITS_S):
        return Verdict("dead", endpoint_off=off)
    wait_s = WAITS_S[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    asked_s = min(answer.retry_after_s or 0, LONGEST_ASKED_S)
    return Verdict("pending", now + timedelta(seconds=max(wait_s, asked_s)), off)
