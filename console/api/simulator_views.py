"""What is sent to try a flowbook out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dialogs.scenarios import Opening, ScenarioTurn
from knowledge.revision import LARGEST_BYTES
from knowledge.revision_names import DRAFT

_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WhichGiven(_Given):
    """text: a flowbook as somebody edits it; without one, state: draft, published, a revision's number or hash."""

    text: Annotated[str, Field(max_length=LARGEST_BYTES)] | None = None
    state: Annotated[str, Field(max_length=64)] = DRAFT


class OpenGiven(WhichGiven):
    """opening: how the call begins; now, when it does not say. real: other systems are really asked; nothing is ever
    sent. Others are played by `opening.mock`, by a mock that comes later, or answered."""

    opening: Opening = Opening()
    real: bool = False


class CompareGiven(WhichGiven):
    """call: the id of a call of the history."""

    call: Annotated[str, Field(min_length=1, max_length=64)]


class InputGiven(_Given):
    """turn: what is done, as a test writes it: {"user": "…"}, {"keys": "1"}, {"silent": true}… finds: what the search
    for its words finds, in place of the real one."""

    turn: ScenarioTurn
    finds: Annotated[tuple[_Name, ...], Field(max_length=3)] = ()


class ValueGiven(_Given):
    """An answer of another system; {"error": …} for none."""

    value: Any = None


class BeginGiven(_Given):
    """at: when; None: as before."""

    at: datetime | None = None
