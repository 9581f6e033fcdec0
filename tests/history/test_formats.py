"""What other systems send, read as their documentation writes it."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

import pytest

from history.ingestion.envelope import received
from history.ingestion.facts import Facts
from history.ingestion.formats import FORMATS


def facts(form: str, raw: bytes | Any) -> list[tuple[str, str, Facts]]:
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    events = [received(event) for event in FORMATS[form](body, "s")]
    assert all(event.source == "s" for event in events)
    return [(event.id, event.at.isoformat(), Facts.of(event.event["data"])) for event in events]


def test_an_email_with_html_alone_and_an_attachment() -> None:
    mail = EmailMessage()
    mail["From"] = "=?utf-8?q?Niccol=C3=B2?= Verdi <nico@example.org>"
    mail["Date"] = "Mon, 04 May 2026 11:00:00 +0200"
    mail["Subject"] = "Il mio ordine è in ritardo"
    mail["Message-ID"], mail["References"] = "<b@example.org>", "<a@example.org> <x@example.org>"
    mail.set_content("<style>p{}</style><p>Buongiorno,</p><p>perch&eacute;?</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="ricevuta.pdf")
    ((name, at, found),) = facts("email", mail.as_bytes())
    assert (name, at) == ("<b@example.org>", "2026-05-04T09:00:00+00:00")
    assert (found.contact.name, found.subject) == ("Niccolò Verdi", "Il mio ordine è in ritardo")
    assert (found.thread, found.text) == ("<a@example.org>", "Buongiorno,\nperché?")
    assert found.stated(True)[0].verified is False
    assert found.model_dump()["attachments"] == [{"name": "ricevuta.pdf", "media_type": "application/pdf"}]


def test_a_whatsapp_webhook() -> None:
    value = {
        "contacts": [{"profile": {"name": "Anna"}, "wa_id": "393331234567"}],
        "messages": [
            {"from": "393331234567", "id": "wamid.1", "timestamp": "1777885200", "type": "text",
             "text": {"body": "Ciao"}},
            {"from": "393331234567", "id": "wamid.2", "timestamp": "1777885260", "type": "image",
             "image": {"caption": "La copertina", "id": "9"}},
            {"from": "393331234567", "id": "wamid.3", "timestamp": "1777885270", "type": "interactive",
             "interactive": {"type": "button_reply", "button_reply": {"id": "y", "title": "Sì"}}},
        ],
    }  # fmt: skip
    entry = [{"id": "0", "changes": [{"field": "messages", "value": value}, {"value": {"statuses": [{}]}}]}]
    found = facts("whatsapp", {"object": "whatsapp_business_account", "entry": entry})
    assert [(name, told.text) for name, _, told in found] == [
        ("wamid.1", "Ciao"),
        ("wamid.2", "La copertina"),
        ("wamid.3", "Sì"),
    ]
    (address,) = found[0][2].stated(True)
    assert (address.point.value, address.verified, found[0][2].contact.name) == ("+393331234567", True, "Anna")
    assert found[0][2].stated(False)[0].verified is False


def test_telegram_updates_with_a_shared_card() -> None:
    sender = {"id": 77, "is_bot": False, "first_name": "Anna", "last_name": "Rossi", "language_code": "it"}
    message = {"message_id": 1, "from": sender, "chat": {"id": 77, "type": "private"}, "date": 1777885200}
    updates = [
        {"update_id": 1, "message": {**message, "text": "Ciao"}},
        {"update_id": 2, "message": {**message, "contact": {"phone_number": "393331234567", "user_id": 77}}},
        {"update_id": 3, "message": {**message, "contact": {"phone_number": "393330000000", "user_id": 78}}},
        {"update_id": 4, "poll": {}},
    ]
    found = facts("telegram", {"ok": True, "result": updates})
    assert [[stated.point.value for stated in told.stated(True)] for _, _, told in found] == [
        ["telegram:77"],
        ["telegram:77", "+393331234567"],
        ["telegram:77"],
    ]
    assert (found[0][2].contact.name, found[0][2].language) == ("Anna Rossi", "it")


def test_a_chat_of_three_messages() -> None:
    messages = [
        {"id": 1, "time": "2026-05-04T09:00:00Z", "from": "visitor", "text": "Ciao"},
        {"id": 2, "time": "2026-05-04T09:01:00Z", "from": "operator", "text": "Buongiorno", "by": "op-1"},
    ]
    visitor = {"id": "v1", "name": "Anna", "phone": "051 22 33 44", "page": "/resi"}
    found = facts("chat", {"conversation": "c9", "visitor": visitor, "messages": messages, "tags": ["resi"]})
    assert [(name, told.direction, told.thread) for name, _, told in found] == [
        ("c9/1", "inbound", "c9"),
        ("c9/2", "outbound", "c9"),
    ]
    assert [stated.point.value for stated in found[0][2].stated(True)] == ["s:v1", "+39051223344"]
    assert found[0][2].model_dump()["chat"] == {"visitor": visitor, "tags": ["resi"]}


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_table_as_spreadsheets_write_it(mark: str) -> None:
    lines = [
        "id,time,name,phone,channel,text,outcome,shop",
        "1,2026-05-04T09:00:00+02:00,Anna,051223344,counter,,sold,3",
    ]
    raw = "\ufeff" + "\r\n".join(lines).replace(",", mark)
    ((name, at, found),) = facts("csv", raw.encode())
    assert (name, at, found.channel, found.outcome) == ("1", "2026-05-04T09:00:00+02:00", "counter", "sold")
    assert found.model_dump()["columns"] == {"shop": "3"}
    assert found.stated(True)[0].point.value == "+39051223344"


@pytest.mark.parametrize(
    ("form", "raw", "why"),
    [
        ("email", b"no mail", "From and Date"),
        ("whatsapp", b"{}", "webhook 1: 'entry' is missing"),
        ("telegram", b'[{"message": {}}]', "update 1: 'update_id' is missing"),
        ("chat", b'{"conversation": 1}', "conversation 1: 'visitor' is missing"),
        ("orders", b'{"number": "1"}', "order 1: 'time' is missing"),
        ("csv", b"id,text\n1,x\n", "line 2: 'time' is missing"),
        ("csv", b"\xff\xfe", "decode"),
        ("cloudevents", b"[1]", "JSON objects"),
        ("cloudevents", b"[" * 100_000, "nested too deeply|Expecting"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(form: str, raw: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FORMATS[form](raw, "s")
