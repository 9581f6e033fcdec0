"""What the history understands of an event's `data`; whatever else is in it is kept, and shown to who asks for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from history.identity.claims import Stated
from history.identity.points import Point, named

Short = Annotated[str, StringConstraints(max_length=255)]


class PointIn(BaseModel):
    """verified: the sender proved that it is theirs; believed only from a source that was made with `--verifies`."""

    kind: Literal["tel", "email", "chat", "social", "ext"]
    value: Short
    verified: bool = False

    def point(self) -> Point | None:
        return named(self.kind, self.value)


class ContactIn(BaseModel):
    """points: first the address that was used here."""

    model_config = ConfigDict(extra="allow")

    name: Short = ""
    points: list[PointIn] = Field(default=[], max_length=20)


class Facts(BaseModel):
    """channel: 'email', 'chat', 'whatsapp', 'telegram', 'shop', 'counter'… thread: what messages that belong together
    share, a conversation or an order's number. outcome: how it ended, or how it stands. topic: what it is
    about, where the subject does not say it."""

    model_config = ConfigDict(extra="allow")

    channel: Short = "other"
    direction: Literal["inbound", "outbound"] = "inbound"
    language: Short = ""
    contact: ContactIn = ContactIn()
    subject: Short = ""
    text: str = ""
    thread: Short = ""
    outcome: Short = ""
    topic: Short = ""

    @classmethod
    def of(cls, data: Any) -> Facts:
        """Of something that is no object: no facts. Raises pydantic's ValidationError."""
        return cls.model_validate(data) if isinstance(data, dict) else cls()

    def stated(self, trusted: bool) -> list[Stated]:
        """The points that are addresses, in order."""
        found = ((written, written.point()) for written in self.contact.points)
        return [Stated(point, trusted and written.verified) for written, point in found if point is not None]
