"""What a call of ours came to, read from its own history: the same while it runs and after a restart. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from history import StoredEvent
from telephony.outbound.outcomes import Outcome


@dataclass(frozen=True)
class Result:
    """operator: one joined. asked_again: another call-back was promised in this call."""

    outcome: Outcome
    operator: bool = False
    asked_again: bool = False


_BY_END: dict[str, Outcome] = {"message_left": "message_left", "machine": "machine", "fax": "fax"}
_BY_REASON: dict[str, Outcome] = {"node_lost": "interrupted", "server_stopped": "interrupted"}


def result_of(events: Iterable[StoredEvent]) -> Result:
    """Of the whole log of one call. Who heard the first sentence to its end knows what it is about: completed."""
    reason = outcome = ""
    unanswered: Outcome | None = None
    heard = opted_out = operator = asked_again = False
    for event in events:
        payload = event.payload
        if event.type == "call.unanswered":
            unanswered = payload["outcome"]
        elif event.type == "transcript" and payload.get("speaker") == "bot":
            heard = heard or not payload.get("interrupted", False)
        elif event.type == "dialog.action" and (payload.get("kind"), payload.get("topic")) == ("Note", "opt_out"):
            opted_out = True
        elif event.type == "operator.joined":
            operator = True
        elif event.type == "callback.requested":
            asked_again = True
        elif event.type == "call.ended" and not reason:
            reason, outcome = str(payload["reason"]), str(payload.get("outcome", ""))
    return Result(_outcome(unanswered, opted_out, reason, outcome, heard or operator), operator, asked_again)


def _outcome(unanswered: Outcome | None, opted_out: bool, reason: str, outcome: str, heard: bool) -> Outcome:
    if opted_out:
        return "opted_out"
    if unanswered:
        return unanswered
    if outcome in _BY_END:
        return _BY_END[outcome]
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    if heard and outcome != "failed":
        return "completed"
    return "failed" if outcome == "failed" else "hung_up_early"
