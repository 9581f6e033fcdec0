"""Why a call is not given back to the bot, as the operator's console is told; the call stays with the operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WHY: Mapping[str, str] = {
    "not_talking": "you talk to no caller whom the bot could take",
    "unknown_flow": "operators may not give a call back at this flow; the flowbook lists those under handback",
    "cannot_hear": "no recognizer hears this caller, so the bot could not serve them",
    "guest_there": "somebody else is in the call or is being rung; let them go first",
    "server_stops": "the server stops soon",
}


def refused(flow: str, reason: str) -> dict[str, Any]:
    """reason: one of those above."""
    return {"type": "to_bot_failed", "flow": flow, "reason": reason, "message": _WHY[reason]}
