"""CloudEvents as they are."""

from typing import Any

from history.ingestion.formats.documents import documents


def from_cloudevents(raw: bytes, source: str) -> list[dict[str, Any]]:
    """One, a batch, or one a line. source: unused, they name their own."""
    return documents(raw)
