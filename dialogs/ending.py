"""How a call ended: its outcome, from where the dialog stood and why the line went."""

from __future__ import annotations

from dialogs.events import CallEnded, Note
from dialogs.state import State
from dialogs.turn import Turn

_USUAL_ENDS = ("caller_hung_up", "bot_ended", "operator_ended", "transferred", "too_long")
"""Reasons of `CallEnded` that are nobody's fault; with any other a call without outcome is 'failed'."""

_NO_PERSON = {"machine_answered": "machine", "fax_answered": "fax"}
"""Reasons of `CallEnded` for a call of ours that nobody could be talked to in, and their outcomes."""


def ended(turn: Turn, event: CallEnded) -> None:
    """The call is over."""
    outcome = outcome_of(turn.state, event.reason)
    turn.actions.append(Note("outcome", {"outcome": outcome, "reason": event.reason}))
    turn.change(phase="ended", outcome=outcome, listen=None)


def outcome_of(state: State, reason: str) -> str:
    """The outcome of a call that stands so, if it ends for this reason."""
    outcome = state.outcome or _NO_PERSON.get(reason, "")
    if not outcome and reason not in _USUAL_ENDS:
        outcome = "failed"
    return outcome or ("answered" if state.answered and state.phase != "queued" else "abandoned")
