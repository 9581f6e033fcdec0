"""`- message: {sms: caller, text: where_we_are}` — send an SMS or an e-mail, now, while the call goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from dialogs.checks import Checks
from dialogs.events import Message, Responded
from dialogs.leads import Lead
from dialogs.moves import NEXT, WAIT, Move, goto
from dialogs.problems import Path, Problem
from dialogs.rendering import as_text
from dialogs.steps.step import Step
from dialogs.turn import Turn

CALLER = "caller"
"""In place of a slot: the number that the call came from."""


class Written(BaseModel):
    """sms: the slot with the number, or caller. email: the slot with the address; subject: key of its text. text: key
    of what is sent. on_error: the flow for when it could not be handed to the gateway; with it the caller
    waits for that, without it the flow goes on at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sms: str = ""
    email: str = ""
    subject: str = ""
    text: str
    on_error: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> Written:
        if bool(self.sms) == bool(self.email):
            raise ValueError("give either sms or email")
        if bool(self.email) != bool(self.subject):
            raise ValueError("an e-mail has a subject, an SMS has none")
        return self


class MessageStep(Step):
    """message: what is sent to whom."""

    keyword: ClassVar[str] = "message"
    message: Written

    def leads(self) -> Iterator[Lead]:
        if self.message.on_error:
            yield Lead(("message", "on_error"), self.message.on_error, "error")

    def ways(self) -> Iterator[Path]:
        if self.message.on_error:
            yield from (("message", "sent"), ("message", "on_error"))

    def lint(self, checks: Checks) -> Iterator[Problem]:
        here = self.message
        name, kind = (here.sms, "sms") if here.sms else (here.email, "email")
        if not (kind == "sms" and name == CALLER):
            yield from checks.slot(name, "message", kind)
        yield from checks.text(here.text, "message", "text")
        if here.subject:
            yield from checks.text(here.subject, "message", "subject")
        for key in (here.text, here.subject):
            for text in checks.book.texts.get(key, {}).values():
                yield from checks.not_in_confidence(text, "a message, which is kept in the history", "message")
        if here.on_error:
            yield from checks.flow(here.on_error, "message", "on_error")

    def enter(self, turn: Turn) -> Move:
        here = self.message
        to = turn.state.caller if here.sms == CALLER else as_text(turn.state.slots.get(here.sms or here.email))
        if not to:
            return self._failed(turn, "there is nobody to send it to")
        template, code = turn.text_of(here.text)
        subject = turn.written(*turn.text_of(here.subject)) if here.subject else ""
        number = turn.state.requests + 1 if here.on_error else 0
        channel = "sms" if here.sms else "email"
        turn.actions.append(Message(number, channel, to, turn.written(template, code), code, subject))
        if not number:
            return NEXT
        turn.change(phase="calling", requests=number, listen=None)
        return WAIT

    def responded(self, turn: Turn, event: Responded) -> Move:
        if not event.ok:
            return self._failed(turn, event.error)
        turn.took("message", "sent")
        return NEXT

    def _failed(self, turn: Turn, why: str) -> Move:
        turn.note("message_not_sent", channel="sms" if self.message.sms else "email", why=why)
        if not self.message.on_error:
            return NEXT
        turn.took("message", "on_error")
        return goto(self.message.on_error)
