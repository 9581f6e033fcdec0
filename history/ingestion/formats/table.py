"""A table with one interaction a line: CSV with commas or semicolons, as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from typing import Any

from history.ingestion.formats.documents import event, needed, point

KNOWN = ("channel", "direction", "language", "subject", "text", "thread", "outcome")


def from_csv(raw: bytes, source: str) -> list[dict[str, Any]]:
    """Columns: `id`, `time` (ISO 8601 with its zone), and as they are there `name`, `email`, `phone`, `customer` (the
    number in your system), `channel`, `direction`, `language`, `subject`, `text`, `thread`, `outcome`; others are kept
    under `columns`."""
    text = raw.decode("utf-8-sig")
    first = text.partition("\n")[0]
    events = []
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        for row in rows:
            extra = {key: value for key, value in row.items() if key is not None and value}
            row_id, at = needed(extra, "id", "time")
            points = [
                *point("email", extra.pop("email", "")),
                *point("tel", extra.pop("phone", "")),
                *(point("ext", f"{source}:{extra.pop('customer')}") if "customer" in extra else []),
            ]
            facts = {name: extra.pop(name) for name in KNOWN if name in extra}
            contact = {"name": extra.pop("name", ""), "points": points}
            kept = {key: value for key, value in extra.items() if key not in ("id", "time")}
            data = {**facts, "contact": contact, **({"columns": kept} if kept else {})}
            events.append(event(source, row_id, "row", at, data))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error
    return events
