"""CSV that a spreadsheet opens without taking anything in it for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
"""A spreadsheet takes text that begins so for a formula (OWASP ASVS 5.0, 1.2.10); a quote in front makes it text."""


def safe(value: Any) -> Any:
    """Text that begins like a formula gets a quote in front, whatever it is; numbers stay what they are."""
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    return "'" + value.replace("\0", "")  # no CSV reader takes a NUL


def written(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table, its first line the names of the columns. None is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe(name) for name in head])
    writer.writerows([[safe(value) for value in row] for row in rows])
    return out.getvalue()
