"""The examples that are shipped say what their forms say."""

from __future__ import annotations

from pathlib import Path

import pytest

import samples
from history.ingestion.envelope import received
from history.ingestion.facts import Facts
from history.ingestion.formats import FORMATS

FOLDER = Path(samples.__file__).parent / "channels"
FORMS = {
    "message.eml": "email",
    "chat.json": "chat",
    "whatsapp.json": "whatsapp",
    "telegram.json": "telegram",
    "orders.json": "orders",
    "counter.csv": "csv",
    "events.json": "cloudevents",
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_an_example_becomes_events_with_a_contact(name: str) -> None:
    events = FORMATS[FORMS[name]]((FOLDER / name).read_bytes(), "esempio")
    assert events
    for event in events:
        assert Facts.of(received(event).event["data"]).stated(trusted=True)


def test_every_form_has_an_example() -> None:
    assert set(FORMS.values()) == set(FORMATS)
    assert {path.name for path in FOLDER.iterdir()} == set(FORMS)
