"""Files and webhooks of other systems, turned into CloudEvents: one file for each form."""

from collections.abc import Callable, Mapping
from typing import Any

from history.ingestion.formats.chat import from_chat
from history.ingestion.formats.cloudevents import from_cloudevents
from history.ingestion.formats.email_file import from_email
from history.ingestion.formats.orders import from_orders
from history.ingestion.formats.table import from_csv
from history.ingestion.formats.telegram import from_telegram
from history.ingestion.formats.whatsapp import from_whatsapp

FORMATS: Mapping[str, Callable[[bytes, str], list[dict[str, Any]]]] = {
    "cloudevents": from_cloudevents,
    "email": from_email,
    "chat": from_chat,
    "whatsapp": from_whatsapp,
    "telegram": from_telegram,
    "orders": from_orders,
    "csv": from_csv,
}
"""(the file or body, the source's name) → events. Each raises ValueError saying what is wrong, and where."""

__all__ = ["FORMATS"]
