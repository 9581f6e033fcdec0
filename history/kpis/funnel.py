"""The bot's funnel: how far its sessions come, and where they go to people instead. Pure.

Each stage is a part of the one before, so that what is lost between two of them can be read off. The measures are its
own, `sessions` is not among them: what was counted before there was a funnel, and is never counted again as its words
are gone, is in none of the stages rather than in the first alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from history.kpis.ahead import Ahead
from history.kpis.kpi import Totals
from history.kpis.log import CallLog
from history.kpis.sessions import is_early, is_session, served_alone

STAGES: Mapping[str, str] = {
    "arrived": "callers' calls that the bot answered",
    "spoke": "of these, all but callers who hung up before they said or pressed anything",
    "understood": "of these, the bot knew at least once what they wanted: an intent, an article, several to choose "
    "from, or a human",
    "served": "of these, no human was asked for (hand-over, transfer or call-back, by whomever), and it did not fail",
    "solved": "of these, the caller did not call again within 24 h, nor came back about the same topic within 7 days",
}
"""Each with its definition, for people."""


@dataclass(frozen=True)
class Stage:
    """sessions: that came so far. passed: of these, they ended here with people, or with the promise of a call-back.
    lost: ended here otherwise; of the last stage none do."""

    name: str
    sessions: int
    passed: int
    lost: int


def measures(log: CallLog, ahead: Ahead) -> dict[str, int]:
    """Of a session; nothing of other calls."""
    if not is_session(log):
        return {}
    reached = _reached(log, ahead)
    found = {f"funnel.{stage}": 1 for stage in reached}
    if log.asked_for_human:
        found[f"funnel_passed.{reached[-1]}"] = 1
    return found


def _reached(log: CallLog, ahead: Ahead) -> list[str]:
    came_back = ahead.called_again or ahead.repeated
    told = not is_early(log), log.understood, served_alone(log), not came_back
    names = list(STAGES)
    return names[: 1 + next((at for at, holds in enumerate(told) if not holds), len(told))]


def stages(totals: Totals) -> list[Stage]:
    """The funnel of totals, all stages in order."""
    came = [totals.get(f"funnel.{name}", 0) for name in STAGES]
    found = []
    for name, sessions, onwards in zip(STAGES, came, [*came[1:], came[-1]], strict=True):
        passed = totals.get(f"funnel_passed.{name}", 0)
        found.append(Stage(name, sessions, passed, sessions - onwards - passed))
    return found
