"""What became of the bot's sessions: contained, handed to a human, given up at once."""

from __future__ import annotations

from history.kpis.ahead import Ahead
from history.kpis.kpi import Kpi, count, mean, share
from history.kpis.log import CallLog


def is_session(log: CallLog) -> bool:
    """A caller's call that the bot answered."""
    return log.bot and log.direction == "inbound"


def is_early(log: CallLog) -> bool:
    """The caller hung up before saying or pressing anything."""
    return not (log.said or log.typed) and not log.asked_for_human and log.end_reason == "caller_hung_up"


def served_alone(log: CallLog) -> bool:
    """Past the greeting, no human was asked for, and it did not fail."""
    return not is_early(log) and not log.asked_for_human and log.outcome != "failed"


def measures(log: CallLog, ahead: Ahead) -> dict[str, int]:
    """Of a call; those of a session, when it is one."""
    found = {"calls": 1, "outbound": int(log.direction == "outbound")}
    if not is_session(log):
        return found
    alone = served_alone(log)
    return found | {
        "sessions": 1,
        "early": int(is_early(log)),
        "greeted": int(not is_early(log)),
        "contained": int(alone and not ahead.called_again),
        "came_back": int(alone and ahead.called_again),
        "handed": int(bool(log.handled) or log.put_through),
        "bot_turns": log.bot_turns,
        "bot_ms": log.end_ms if log.bot_ms is None else log.bot_ms,
    }


KPIS: tuple[Kpi, ...] = (
    count("calls", "calls that ended, on the line, both directions", "calls"),
    count("sessions", "callers' calls that the bot answered", "sessions"),
    share(
        "containment",
        "sessions that ended with no human asked for, did not fail, and whose caller did not call again within 24 h "
        "÷ sessions past the greeting (all but early hang-ups)",
        "contained",
        "greeted",
    ),
    share("early_hangups", "callers who hung up before they said or pressed anything ÷ sessions", "early", "sessions"),
    share(
        "transfer", "sessions handed to a human (an operator joined, or put through) ÷ sessions", "handed", "sessions"
    ),
    mean("bot_turns", "prompts that the bot played ÷ sessions", "bot_turns", "sessions", unit="points"),
    mean(
        "bot_time", "time from the answer to the queue, to a transfer, or to the end ÷ sessions", "bot_ms", "sessions"
    ),
)
