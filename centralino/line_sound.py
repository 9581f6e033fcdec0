"""`[lines.sound]` of a company: what is done to callers' sound before it is recognised."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from voice.listening.conditioning import Conditioning
from voice.listening.levelling import Level

_USUAL = Level()


class LineSound(BaseModel):
    """noise: whether steady noise is taken out. level: whether very loud (and very soft) callers are brought nearer.

    soft_db … down_db: the levels between which they are left alone, and the most that is done about others
    (`voice.listening.levelling.Level`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    noise: bool = True
    level: bool = True
    soft_db: float = _USUAL.soft_db
    loud_db: float = _USUAL.loud_db
    up_db: float = _USUAL.up_db
    down_db: float = _USUAL.down_db

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.conditioning()
        return self

    def conditioning(self) -> Conditioning:
        """Raises ValueError when the values contradict each other."""
        level = Level(self.soft_db, self.loud_db, self.up_db, self.down_db)
        return Conditioning(noise=self.noise, level=level if self.level else None)
