"""`- call: {post: "{env.CRM}/orders", …}` — ask another system over HTTP, and go on with its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialogs.checks import Checks
from dialogs.durations import Milliseconds
from dialogs.events import Request, Responded, Say
from dialogs.facts import at_path, facts
from dialogs.handing_off import hand_off
from dialogs.leads import Lead
from dialogs.moves import NEXT, Move, goto
from dialogs.problems import Path, Problem
from dialogs.rendering import fields
from dialogs.requesting import SECRET, host_is_fixed, templates, used
from dialogs.steps.step import Step
from dialogs.turn import Turn

_METHODS = ("get", "post", "put", "patch", "delete")
_LONGEST_MS = 30_000


class HttpCall(BaseModel):
    """One of get, post, put, patch and delete: the address. query, headers, body: with fields, secrets as {env.NAME}.

    timeout: for each attempt. retry: one more attempt when the first gave no answer. while: key of the text that is
    said when the answer takes long. save: the name under which conditions and texts find the answer's JSON. on_error:
    the flow for no answer in time, a status other than 2xx, or an answer that is no JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    get: str = ""
    post: str = ""
    put: str = ""
    patch: str = ""
    delete: str = ""
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    timeout: Milliseconds = 3000
    retry: Literal[0, 1] = 1
    meanwhile: str = Field(default="", alias="while")
    save: str = Field(default="", pattern=r"^([a-z][a-z0-9_]*)?$")
    on_error: str = ""

    @model_validator(mode="after")
    def _one_address(self) -> HttpCall:
        given = [name for name in _METHODS if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"give the address once, as {', '.join(_METHODS[:-1])} or {_METHODS[-1]}")
        if self.timeout > _LONGEST_MS:
            raise ValueError("a caller does not wait longer than 30s; give a shorter timeout")
        if self.body is not None and given[0] in ("get", "delete"):
            raise ValueError(f"{given[0]} has no body; use query")
        return self

    @property
    def method(self) -> str:
        return next(name for name in _METHODS if getattr(self, name))

    @property
    def url(self) -> str:
        return str(getattr(self, self.method))


class CallStep(Step):
    """call: the request. The caller waits for its answer; without one `on_error` runs, or a human is called."""

    keyword: ClassVar[str] = "call"
    call: HttpCall

    @property
    def saves(self) -> str:
        return self.call.save

    def leads(self) -> Iterator[Lead]:
        if self.call.on_error:
            yield Lead(("call", "on_error"), self.call.on_error, "error")

    def ways(self) -> Iterator[Path]:
        yield from (("call", "answered"), ("call", "on_error"))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        here = self.call
        if not host_is_fixed(here.url):
            why = (
                "the address begins with http:// or https:// and a host, or with {env.NAME}; no slot can say which host"
            )
            yield checks.problem(why, "call", here.method)
        elif here.url.startswith("http://"):
            yield checks.warning("http:// is not encrypted; use https://", "call", here.method)
        for text in templates(here.url, here.query, here.headers, here.body):
            yield from self._lint_fields(checks, text)
        for text in (here.url, *here.query.values()):
            yield from checks.not_in_confidence(text, "the address of a request, which is logged on the way", "call")
        if here.meanwhile:
            yield from checks.text(here.meanwhile, "call", "while")
        if here.on_error:
            yield from checks.flow(here.on_error, "call", "on_error")
        else:
            why = "nothing says what happens when there is no answer; add on_error: and a flow"
            yield checks.warning(why, "call")

    def _lint_fields(self, checks: Checks, text: str) -> Iterator[Problem]:
        try:
            for field in fields(text):
                if field.formatter:
                    yield checks.problem(f"{{{field.name}:{field.formatter}}}: formatters are for callers", "call")
                elif field.root != SECRET:
                    yield from checks.value(field, None, "call")
        except ValueError as error:
            yield checks.problem(str(error), "call")

    def enter(self, turn: Turn) -> Move:
        here = self.call
        filler = None
        if here.meanwhile:
            template, code = turn.text_of(here.meanwhile)
            filler = Say(turn.written(template, code), code, key=here.meanwhile)
        request = Request(
            turn.state.requests + 1,
            here.method.upper(),
            here.url,
            here.query,
            here.headers,
            here.body,
            timeout_ms=here.timeout,
            retries=here.retry,
            filler=filler,
        )
        known = facts(turn.book, turn.state)
        told = {field.name for field in used(request) if field.root != SECRET} - turn.book.sensitive
        values = {name: at_path(known, name) for name in sorted(told)}
        return turn.request(Request(**{**vars(request), "values": values}))

    def responded(self, turn: Turn, event: Responded) -> Move:
        if self.call.save:
            results = {**turn.state.results, self.call.save: event.value if event.ok else None}
            turn.change(results=results)
        turn.took("call", "answered" if event.ok else "on_error")
        if event.ok:
            return NEXT
        turn.note("call_failed", status=str(event.status or ""), error=event.error)
        if self.call.on_error:
            return goto(self.call.on_error)
        turn.say("failure", interruptible=False)
        return hand_off(turn, turn.book.always.operator.handoff, "failure")
