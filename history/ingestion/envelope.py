"""An event as another system sends it: a CloudEvent 1.0 in JSON, whose `source` and `id` together are its identity."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from history.events import MAX_PAYLOAD_BYTES, Entry
from history.ingestion.facts import Facts

RECEIVED = "event.received"
MAX_EVENT_BYTES = MAX_PAYLOAD_BYTES - 1024
"""One event as UTF-8 JSON; the rest of a log entry is what this server adds."""
MAX_BATCH = 100
_FROM_1970_MS = 2**48

Name = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CloudEvent(BaseModel):
    """The attributes that are looked at; all others are kept as they are. time: required here, as the history is in the
    order in which things happened, not in which they were told."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: Name
    time: AwareDatetime
    data: Any = None


@dataclass(frozen=True)
class Received:
    """An event that may enter the history. event: as it came. sha256: of the event in one canonical form."""

    event: Mapping[str, Any]
    source: str
    id: str
    at: datetime
    sha256: str
    interaction_id: str

    def entry(self, trusted: bool) -> Entry:
        """trusted: whether `verified` of its points is believed."""
        payload = {"event": self.event, "trusted": trusted}
        return Entry(RECEIVED, payload, actor=f"source {self.source}"[:128], occurred_at=self.at)


class EventConflict(ValueError):
    """An event with this source and id was received before, and said something else."""


def received(document: Any) -> Received:
    """Raises ValueError naming the field for what is not a CloudEvent, is too large, or has facts of a wrong form."""
    if not isinstance(document, dict):
        raise ValueError("an event is a JSON object")
    try:
        canonical = json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True).encode()
    except ValueError as error:  # NaN, or half a surrogate pair
        raise ValueError(f"the event cannot be stored as JSON: {error}") from error
    if len(canonical) > MAX_EVENT_BYTES:
        raise ValueError(f"the event has {len(canonical)} bytes; at most {MAX_EVENT_BYTES}. Send a reference instead")
    try:
        event = CloudEvent.model_validate(document)
        Facts.of(event.data)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'data'}: {e['msg']}" for e in error.errors()[:5])
        raise ValueError(faults) from error
    at_ms = int(event.time.timestamp() * 1000)
    if not 0 <= at_ms < _FROM_1970_MS:
        raise ValueError(f"time: {event.time.isoformat()} is before 1970 or too far ahead")
    return Received(
        document,
        event.source,
        event.id,
        event.time,
        hashlib.sha256(canonical).hexdigest(),
        _interaction_id(event.source, event.id, at_ms),
    )


def _interaction_id(source: str, event_id: str, at_ms: int) -> str:
    """A UUIDv7 (RFC 9562) that sorts by when it happened, and is the same whenever the event arrives."""
    digest = hashlib.sha256(json.dumps([source, event_id]).encode()).digest()
    rest = int.from_bytes(digest[:10], "big")
    high, low = rest >> 68, rest & (2**62 - 1)
    return str(uuid.UUID(int=(at_ms << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low))
