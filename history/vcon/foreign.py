"""What another system's vCon says, as entries of a log: whom it is about, every dialog, and whatever else is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from history.events import MAX_PAYLOAD_BYTES, Entry
from history.vcon.model import Dialog, Party, Vcon

SOURCE = "vcon"
LARGEST_PART_BYTES = MAX_PAYLOAD_BYTES - 2048


def facts_of(vcon: Vcon) -> dict[str, Any]:
    """A CloudEvent about it; its id is the vCon's uuid. The contact is who began it."""
    began = min((dialog.start for dialog in vcon.dialog), default=vcon.created_at)
    customer = _customer(vcon)
    points = []
    if customer and customer.tel:
        points.append({"kind": "tel", "value": customer.tel.removeprefix("tel:")[:255]})
    if customer and customer.mailto:
        points.append({"kind": "email", "value": customer.mailto.removeprefix("mailto:")[:255]})
    data: dict[str, Any] = {
        "channel": _channel(vcon),
        "contact": {"name": ((customer and customer.name) or "")[:255], "points": points},
        "subject": (vcon.subject or "")[:255],
        "vcon": {"parties": [party.model_dump(mode="json", exclude_none=True) for party in vcon.parties]},
    }
    if len(json.dumps(data, ensure_ascii=False).encode(errors="replace")) > LARGEST_PART_BYTES // 2:
        data["vcon"] = {"parties_left_out": len(vcon.parties)}
    return {
        "specversion": "1.0",
        "id": str(vcon.uuid),
        "source": SOURCE,
        "type": "vcon.imported",
        "time": began.isoformat(),
        "data": data,
    }


def entries_of(vcon: Vcon) -> tuple[list[Entry], int]:
    """Texts as transcript, each dialog, analysis and attachment whole; and how many bodies were too large for that."""
    began = min((dialog.start for dialog in vcon.dialog), default=vcon.created_at)
    entries: list[Entry] = []
    left_out = 0
    whole = vcon.model_dump(mode="json", exclude_none=True, by_alias=True)
    customer = _customer_index(vcon)
    for dialog in vcon.dialog:
        if dialog.type == "text" and isinstance(dialog.body, str) and dialog.encoding == "none" and dialog.body:
            entries.append(_transcript(dialog, vcon, customer, began))
    for kind, part, at in _parts(vcon, whole, began):
        kept = dict(part)
        if len(json.dumps(kept, ensure_ascii=False).encode(errors="replace")) > LARGEST_PART_BYTES:
            left_out += 1
            kept = {
                name: value
                for name, value in kept.items()
                if name != "body" and len(json.dumps(value, ensure_ascii=False).encode(errors="replace")) < 4096
            }
            kept["left_out"] = True
        entries.append(Entry(kind, kept, _ms(at, began), "source vcon", at))
    return entries, left_out


def _parts(vcon: Vcon, whole: dict[str, Any], began: datetime) -> Iterator[tuple[str, dict[str, Any], datetime]]:
    head = {
        name: value for name, value in whole.items() if name not in ("dialog", "analysis", "attachments", "parties")
    }
    yield "vcon.head", head, began
    for dialog, part in zip(vcon.dialog, whole.get("dialog", []), strict=True):
        yield "vcon.dialog", part, dialog.start
    for part in whole.get("analysis", []):
        yield "vcon.analysis", part, began
    for attachment, part in zip(vcon.attachments, whole.get("attachments", []), strict=True):
        yield "vcon.attachment", part, attachment.start


def _transcript(dialog: Dialog, vcon: Vcon, customer: int, began: datetime) -> Entry:
    speaker = _first(dialog)
    party = vcon.parties[speaker] if speaker < len(vcon.parties) else Party()
    who = "caller" if speaker == customer else "bot" if party.type == "bot" else "operator"
    start_ms = _ms(dialog.start, began)
    end_ms = start_ms + round((dialog.duration or 0) * 1000)
    said = {"speaker": who, "text": dialog.body, "start_ms": start_ms, "end_ms": end_ms}
    return Entry("transcript", said, end_ms, "source vcon", dialog.start)


def _first(dialog: Dialog) -> int:
    if dialog.originator is not None:
        return dialog.originator
    first = dialog.parties[0] if isinstance(dialog.parties, list) and dialog.parties else dialog.parties
    first = first[0] if isinstance(first, list) and first else first
    return first if isinstance(first, int) else 0


def _customer_index(vcon: Vcon) -> int:
    """Who began the conversation; a bot is nobody's customer."""
    began = min(vcon.dialog, key=lambda dialog: dialog.start, default=None)
    first = _first(began) if began else 0
    people = [n for n, party in enumerate(vcon.parties) if party.type != "bot"]
    return first if first in people or not people else people[0]


def _customer(vcon: Vcon) -> Party | None:
    index = _customer_index(vcon)
    return vcon.parties[index] if index < len(vcon.parties) else None


def _channel(vcon: Vcon) -> str:
    named = next((dialog.application for dialog in vcon.dialog if dialog.application), "")
    if any(dialog.type in ("recording", "recording-set", "incomplete", "transfer") for dialog in vcon.dialog):
        return "voice"
    if any(party.mailto for party in vcon.parties) and not any(party.tel for party in vcon.parties):
        return "email"
    return named[:255] or "chat"


def _ms(at: datetime, began: datetime) -> int:
    return max(0, round((at - began).total_seconds() * 1000))
