"""Repair ladders: what is done, rung by rung, for a caller who is silent or not understood."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rung(_Part):
    """One step of a repair ladder: words, then the question again (keypad: with help for the keys), or a way out."""

    say: str = ""
    keypad: bool = False
    handoff: str = ""
    callback: str = ""
    end: str = Field(default="", pattern=r"^([a-z][a-z0-9_]*)?$")

    @property
    def leaves(self) -> bool:
        """Whether it leaves the ladder."""
        return bool(self.handoff or self.callback or self.end)

    @model_validator(mode="after")
    def _does_something(self) -> Rung:
        exits = [name for name in ("handoff", "callback", "end") if getattr(self, name)]
        if len(exits) > 1:
            raise ValueError(f"a rung leaves in one way only; here are {' and '.join(exits)}")
        if not (exits or self.say or self.keypad):
            raise ValueError("a rung has say, keypad, handoff, callback or end")
        return self


class Ladders(_Part):
    """Ladders of one step or slot, in place of the flowbook's; what is left out is inherited."""

    no_input: tuple[Rung, ...] | None = Field(default=None, min_length=1)
    no_match: tuple[Rung, ...] | None = Field(default=None, min_length=1)
