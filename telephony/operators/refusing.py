"""Why the bot does not do what an operator wants of it, as their console is told; the call goes on as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NOT_GIVEN: Mapping[str, str] = {
    "not_talking": "you talk to no caller whom the bot could take",
    "unknown_flow": "operators may not give a call back at this flow; the flowbook lists those under handback",
    "cannot_hear": "no recognizer hears this caller, so the bot could not serve them",
    "guest_there": "somebody else is in the call or is being rung; let them go first",
    "server_stops": "the server stops soon",
}

_NOT_SAID: Mapping[str, str] = {
    "not_talking": "you talk to no caller who could hear it",
    "on_hold": "the caller is on hold and would not hear it; take them back first",
    "already_saying": "the bot is saying something already; wait, or stop it",
    "unknown_article": "the articles of this call have none of this name in this language; read it out",
    "other_version": "the article was changed after this call had begun; read it out",
    "sensitive": "this article is for people to say; read it out",
    "too_long": "this article is too long to be said in one go; read it out",
    "no_voice": "no voice of this server speaks this language; read it out",
}


def not_said(article: str, reason: str) -> dict[str, Any]:
    """An article is not said. reason: one of those above."""
    return {"type": "say_failed", "article": article, "reason": reason, "message": _NOT_SAID[reason]}


def refused(flow: str, reason: str) -> dict[str, Any]:
    """A call is not given back to the bot. reason: one of those above."""
    return {"type": "to_bot_failed", "flow": flow, "reason": reason, "message": _NOT_GIVEN[reason]}
