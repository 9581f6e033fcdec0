"""Reports as CSV: what became of everybody on a list, and the lines that could not be used. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes what begins so for a formula; a quote in front makes it text."""


def as_csv(contacts: Sequence[Mapping[str, Any]]) -> str:
    """contacts: as `Campaigns.contacts` gives them. held: why not to be called; call: the last interaction."""
    rows = [
        [
            one["row"],
            one["number"],
            one["name"],
            one["status"],
            one["outcome"],
            one["held"],
            one["tried"],
            _time(one["due_at"]) if one["status"] == "waiting" else "",
            one["interaction_id"],
        ]
        for one in contacts
    ]
    return _written(["line", "number", "name", "status", "outcome", "held", "tries", "next_try", "call"], rows)


def bad_rows_csv(columns: Sequence[str], bad: Sequence[Mapping[str, Any]]) -> str:
    """The list's own columns after the line and the reason: corrected, they make another list."""
    return _written(["line", "why", *columns], [[one["row"], one["why"], *one["fields"]] for one in bad])


def _written(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_safe(value) for value in row] for row in rows])
    return out.getvalue()


def _safe(value: Any) -> Any:
    is_number = isinstance(value, str) and value[:1] == "+" and value[1:].isdigit()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) and not is_number else value


def _time(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
