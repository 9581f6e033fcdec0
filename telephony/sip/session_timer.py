"""Session timers (RFC 4028): a call whose far end vanished without a word is noticed and ended. Pure.

Where the far end knows them, one side refreshes the session at half its time; the other one hangs up when no refresh
comes. A far end that does not know them is asked for nothing: silence of its sound ends such a call.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiosipua import SipRequest, SipResponse

from telephony.sip.messages import lists

USUAL_S = 1800
LEAST_S = 90
"""RFC 4028, section 4: no shorter interval may be insisted on."""
LONGEST_S = 24 * 3600


class TooShort(ValueError):
    """The far end wants an interval that is shorter than `LEAST_S`: 422."""


@dataclass(frozen=True)
class SessionTimer:
    """since_s: when the session was begun or refreshed last."""

    interval_s: int
    we_refresh: bool
    since_s: float

    @property
    def refresh_due_s(self) -> float | None:
        """When we refresh; None where they do."""
        return self.since_s + self.interval_s / 2 if self.we_refresh else None

    @property
    def ends_s(self) -> float:
        """When the session is dead for want of a refresh (section 10)."""
        return self.since_s + self.interval_s - min(32.0, self.interval_s / 3)

    def header(self, we_ask: bool) -> str:
        """Session-Expires of our answer, or of our refresh."""
        return f"{self.interval_s};refresher={'uac' if self.we_refresh == we_ask else 'uas'}"


def wanted(request: SipRequest, now_s: float) -> SessionTimer | None:
    """What comes of a request that begins or refreshes a session; None: the far end knows no timers.

    Raises TooShort. Who refreshes is theirs to say; where they do not, it is them.
    """
    interval_s, refresher = parse(request)
    if interval_s is not None and interval_s < LEAST_S:
        raise TooShort(f"{interval_s} s, at least {LEAST_S} s are expected")
    knows = lists(request, "supported", "timer") or lists(request, "require", "timer")
    if not knows:
        # A proxy may have asked for one on behalf of a phone that knows none (section 8.2): then it is ours to refresh.
        return SessionTimer(min(interval_s, LONGEST_S), True, now_s) if interval_s else None
    return SessionTimer(min(interval_s or USUAL_S, LONGEST_S), refresher == "uas", now_s)


def agreed(response: SipResponse, ours: SessionTimer, now_s: float) -> SessionTimer:
    """After a 2xx to our refresh: it may name another interval or another refresher."""
    interval_s, refresher = parse(response)
    return SessionTimer(min(max(interval_s or ours.interval_s, LEAST_S), LONGEST_S), refresher != "uas", now_s)


def parse(message: SipRequest | SipResponse) -> tuple[int | None, str]:
    """(interval in seconds, 'uac' | 'uas' | '') of Session-Expires; (None, '') where there is none that can be read."""
    value = message.get_header("session-expires") or message.get_header("x") or ""
    interval, *parameters = (part.strip() for part in value.split(";"))
    if not (interval.isascii() and interval.isdigit()) or len(interval) > 9:
        return None, ""
    refresher = next((name[10:] for part in parameters if (name := part.lower()).startswith("refresher=")), "")
    return int(interval), refresher if refresher in ("uac", "uas") else ""
