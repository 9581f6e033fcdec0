"""When too many wrong passwords lock a name out. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass

FREE_TRIES = 5
"""Wrong passwords in a row before the first lock (OWASP ASVS 5.0 §6.3.1 asks for a limit against guessing)."""
FIRST_LOCK_S = 60.0
LONGEST_LOCK_S = 3600.0
"""Each further wrong password doubles the lock up to this; short first: a stranger must not keep an operator out."""


@dataclass(frozen=True)
class Failures:
    """Wrong passwords in a row for one name. locked_until_s: epoch seconds, 0 when never locked."""

    count: int = 0
    locked_until_s: float = 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next try is looked at; 0 when it may be tried now."""
        return max(0.0, self.locked_until_s - now_s)

    def one_more(self, now_s: float) -> Failures:
        """After a further wrong password at `now_s`."""
        count = self.count + 1
        if count < FREE_TRIES:
            return Failures(count, self.locked_until_s)
        # The exponent is bounded before it is used: a count kept for years must not overflow a float.
        lock_s = min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(count - FREE_TRIES, 20))
        return Failures(count, now_s + lock_s)
