"""`turns: {silence_ms: 900}` on a step that asks: how patient the bot is with this one answer."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialogs.events import TurnSettings

_GROWING = ("settled_ms", "answerable_ms", "silence_ms", "slow_ms", "unfinished_ms")
"""Each of these silences is for words that are worth less than those before it."""


class Turns(BaseModel):
    """What is set about a caller's turns, in ms; what is left out stays as it is. Also `[lines.turns]` of a company.

    settled_ms … unfinished_ms: the silences that end a turn, see `voice.listening.endpointing.Endpointing`.
    barge_in_ms: voice needed before a prompt pauses. protected_ms: of a prompt's beginning, which no voice pauses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settled_ms: int | None = Field(default=None, ge=1)
    answerable_ms: int | None = Field(default=None, ge=1)
    silence_ms: int | None = Field(default=None, ge=1)
    slow_ms: int | None = Field(default=None, ge=1)
    unfinished_ms: int | None = Field(default=None, ge=1)
    barge_in_ms: int | None = Field(default=None, ge=0, le=5_000)
    protected_ms: int | None = Field(default=None, ge=0, le=60_000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        given = [(name, value) for name in _GROWING if (value := getattr(self, name)) is not None]
        for (name, value), (later, longer) in pairwise(given):
            if value > longer:
                raise ValueError(f"{name} ({value}) is longer than {later} ({longer})")
        return self

    @property
    def settings(self) -> TurnSettings:
        return TurnSettings(**self.model_dump())
