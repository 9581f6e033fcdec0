"""A simulated call that is typed line by line: words, and commands that begin with a slash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from centralino.errand_settings import errands_of
from centralino.settings import Settings
from dialogs.events import Request, Responded
from dialogs.rehearsal.doing import Impossible
from dialogs.rehearsal.recorded_test import in_yaml
from dialogs.rehearsal.simulator import Simulator
from dialogs.scenarios import ScenarioTurn

HELP = """anything else           what the caller says
/keys 123#  /silence  /hangup
/finds NAME [NAME…]     what the next words find, in place of the search: an intent, articles, nothing
/wait 40s  /place 2  /happens operator_joins   (docs/testing-flows.md lists what may happen)
/given_back [FLOW]      the operator gives the call back
/mock NAME JSON         from now on that step's system answers so: /mock booking.call {"free": true}
/answer JSON            the system that is being asked answers; {"error": "timeout"} for none
/at 2026-12-24T15:30    a new call at that moment      /new  the same call again
/back                   before the last input          /state  all that the dialog remembers
/test NAME              the call so far as a test for the flowbook
/quit"""

Asking = Callable[[Request, int, dict[str, Any]], Responded]
"""Really asks another system: (request, the call's clock, its slots) → the answer."""


def really_asking(settings: Settings) -> Asking:
    """What the server itself would ask, with its list of hosts and its variables."""

    def ask(request: Request, at_ms: int, slots: dict[str, Any]) -> Responded:
        async def once() -> Responded:
            return await errands_of(settings.errands, settings.messages).ask(request, "simulated", at_ms, slots)

        return asyncio.run(once())

    return ask


class SimulatedCall:
    """asking: None where other systems are only played."""

    def __init__(self, simulator: Simulator, asking: Asking | None = None) -> None:
        self._call, self._asking = simulator, asking
        self._finds: tuple[str, ...] = ()
        self._begun = False

    def type(self, line: str) -> dict[str, Any] | None:
        """What came of a line; None: it is over. An empty first line shows how the call begins.

        Raises Impossible, saying why; nothing has changed then.
        """
        line = line.strip()
        if not line:
            return self._nothing_typed()
        word, _, rest = line.partition(" ")
        if word == "/quit":
            return None
        if word in ("/help", "/state", "/test"):
            return self._look(word, rest.strip())
        if not line.startswith("/"):
            finds, self._finds = self._finds, ()
            return self._went_on(self._call.take(_turn(user=line), finds=finds))
        return self._command(word, rest.strip())

    def _nothing_typed(self) -> dict[str, Any]:
        if self._begun:
            return {"exchanges": [], "state": self._call.state()}
        self._begun = True
        return self._went_on(self._call.begin())

    def _look(self, word: str, rest: str) -> dict[str, Any]:
        if word == "/help":
            return {"text": HELP}
        if word == "/state":
            return {"text": json.dumps(self._call.state(), ensure_ascii=False, indent=1, default=str)}
        return {"text": in_yaml(self._call.as_test(rest or "a simulated call"))}

    def _command(self, word: str, rest: str) -> dict[str, Any]:
        call = self._call
        match word:
            case "/keys":
                return self._went_on(call.take(_turn(keys=rest)))
            case "/silence":
                return self._went_on(call.take(_turn(silent=True)))
            case "/hangup":
                return self._went_on(call.take(_turn(hangs_up=True)))
            case "/wait" | "/happens" | "/given_back":
                return self._went_on(call.take(_turn(**{word[1:]: rest})))
            case "/place":
                return self._went_on(call.take(_turn(place=int(rest) if rest.isdigit() else rest)))
            case "/finds":
                self._finds = tuple(rest.split())
                return {"text": f"the next words will find {rest or 'whatever the search finds'}"}
            case "/mock":
                name, _, value = rest.partition(" ")
                call.mock(name, _json(value))
                return {"text": f"{name} is played"}
            case "/answer":
                return self._went_on(call.answer(_json(rest)))
            case "/back":
                return call.back()
            case "/new":
                return self._went_on(call.begin())
            case "/at":
                return self._went_on(call.begin(_moment(rest)))
            case _:
                raise Impossible(f"there is no {word}; /help lists what there is")

    def _went_on(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Other systems are really asked, where that is wished."""
        exchanges = list(reply["exchanges"])
        while self._asking is not None and isinstance(request := self._call.asks, Request):
            state = self._call.call.state
            reply = self._call.responds(self._asking(request, self._call.call.now.at_ms, dict(state.slots)))
            exchanges += reply["exchanges"]
        return {**reply, "exchanges": exchanges}


def _turn(**what: Any) -> ScenarioTurn:
    try:
        return ScenarioTurn(**what)
    except ValidationError as error:
        raise Impossible("; ".join(one["msg"] for one in error.errors(include_url=False))) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Impossible(f"{text!r} is no JSON: {error}") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Impossible(f"{text!r} is no moment; write for instance 2026-12-24T15:30") from None
