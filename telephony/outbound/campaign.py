"""A campaign: whom to call with which flow, when, how often, and how many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

from telephony.outbound.hours import ALWAYS, Purpose, Span, Window
from telephony.outbound.spacing import Spacing

Status = Literal["ready", "running", "paused", "stopped", "finished"]
"""ready: imported, never started. paused: calls that are running end by themselves, no new ones begin. stopped: for
good. finished: everybody was reached or given up."""

ContactStatus = Literal["waiting", "calling", "done", "given_up", "refused"]
"""calling: claimed by a server that dials or talks. done: reached. given_up: not, and no try is left. refused: must not
be called, for good."""

OnMachine = Literal["hang_up", "leave_message"]

MAY_BECOME: Mapping[Status, frozenset[Status]] = {
    "ready": frozenset({"running", "stopped"}),
    "running": frozenset({"paused", "stopped", "finished"}),
    "paused": frozenset({"running", "stopped"}),
    "stopped": frozenset(),
    "finished": frozenset({"running"}),
}


class CampaignError(ValueError):
    """A campaign cannot be made, found or changed so; the message says why and what can be done."""


@dataclass(frozen=True)
class Plan:
    """How a campaign calls. most_calls: at once. ring_s: how long it rings; 0: as the settings say."""

    flow: str
    line: str
    purpose: Purpose = "marketing"
    window: Window = ALWAYS
    spacing: Spacing = field(default_factory=Spacing)
    most_calls: int = 2
    on_machine: OnMachine = "hang_up"
    ring_s: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.most_calls <= 1000:
            raise CampaignError(f"{self.most_calls} calls at once; 1 to 1000 are possible")
        if self.ring_s and not 5 <= self.ring_s <= 120:
            raise CampaignError(f"ringing for {self.ring_s:g} s; 5 to 120 are possible")

    def to_json(self) -> dict[str, Any]:
        window = self.window
        return {
            **{name: value for name, value in asdict(self).items() if name not in ("window", "spacing")},
            "window": {
                "from": window.span.opens.isoformat("minutes"),
                "until": window.span.closes.isoformat("minutes"),
                "days": sorted(window.days),
                "first": window.first.isoformat() if window.first else None,
                "last": window.last.isoformat() if window.last else None,
            },
            "spacing": {"tries": self.spacing.tries, "minutes": dict(self.spacing.minutes)},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Plan:
        """The inverse of `to_json`."""
        window, spacing = stored["window"], stored["spacing"]
        first, last = (date.fromisoformat(window[name]) if window[name] else None for name in ("first", "last"))
        span = Span(time.fromisoformat(window["from"]), time.fromisoformat(window["until"]))
        return cls(
            **{name: value for name, value in stored.items() if name not in ("window", "spacing")},
            window=Window(span, frozenset(window["days"]), first, last),
            spacing=Spacing(spacing["tries"], spacing["minutes"]),
        )


@dataclass(frozen=True)
class Campaign:
    id: str
    name: str
    plan: Plan
    status: Status
    created_at: datetime


@dataclass(frozen=True)
class Due:
    """A contact that may be called now."""

    id: str
    campaign: Campaign
    number: str
    consent: str
    slots: Mapping[str, str]
    tried: int


@dataclass(frozen=True)
class Figures:
    """What became of a campaign so far. statuses: of its contacts; outcomes: of all tries; held: contacts that wait
    because they must not be called now, by reason; bad_rows: lines of the list that could not be taken."""

    contacts: int
    statuses: Mapping[str, int]
    outcomes: Mapping[str, int]
    held: Mapping[str, int]
    bad_rows: int
    tries: int
