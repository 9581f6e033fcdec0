"""An operator sends a caller an SMS or an e-mail: whom to, what with, what of it is written down, when it is not."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

import samples
from dialogs import load_flowbook
from dialogs.flowbook import Flowbook
from dialogs.steps.message import MessageStep, Written
from history import Entry, HistoryUnavailable, Stories
from history.identity.claims import PointRow
from history.ingestion.envelope import received
from telephony.errands import Errands, MailGateway, SmsGateway
from telephony.following_up.ready_texts import link_text, ready_texts
from telephony.following_up.recipients import Recipient, recipients
from telephony.following_up.sending import FollowUps
from telephony.lines import Line, Lines
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.office import Outbound
from tests.telephony.test_errands import System, http, mail_server, system
from voice.speaking.synthesizer import Voice

CALLER, MAIL = "+393331112222", "anna@example.org"
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
SMS = {"id": "a-message-of-the-page", "channel": "sms", "to": CALLER, "text": "La aspettiamo domani alle 9 <b>."}
LETTER = {**SMS, "channel": "email", "to": MAIL, "subject": "Il suo ordine"}


def book_with_messages() -> Flowbook:
    """The bookshop's, with three messages: two could be sent by anybody, the third needs a slot."""
    book = load_flowbook(Path(samples.__file__).parent / "bookshop/flowbook.yaml")
    texts = {
        "dove": {"it": "Siamo <break time='300ms'/> sotto i portici.", "en": "We are under the arches."},
        "oggetto": {"it": "Dove siamo"},
        "pronto": {"it": "Il libro {titolo} è pronto."},
    }
    written = [
        Written(sms="caller", text="dove"), Written(email="mail", subject="oggetto", text="dove"),
        Written(sms="caller", text="pronto"), Written(sms="caller", text="dove"),
    ]  # fmt: skip
    steps = tuple(MessageStep(message=one) for one in written)
    return book.model_copy(update={"flows": {**book.flows, "dove": steps}, "texts": {**book.texts, **texts}})


@dataclass
class Scene:
    house: Any
    outbound: Outbound
    gateway: System
    said: list[str]
    """By the mail server's clients."""
    errands: Errands

    async def call(self, **more: Any) -> str:
        """One that an operator has answered, of somebody who wrote from `MAIL` and proved both addresses to be theirs;
        they also told, in a chat, an address that may be anybody's."""
        proved = [{"kind": "tel", "value": CALLER}, {"kind": "email", "value": MAIL}]
        said = [{"kind": "tel", "value": CALLER}, {"kind": "email", "value": "forse@example.org"}]
        verified = [{**one, "verified": True} for one in proved]
        for name, points, trusted in (("order", verified, True), ("chat", said, False)):
            event = {
                "specversion": "1.0", "id": name, "source": "shop", "type": name,
                "time": "2026-11-01T10:00:00Z", "data": {"channel": "shop", "contact": {"points": points}},
            }  # fmt: skip
            await self.house.journal.receive([received(event)], trusted=trusted)
        return cast(str, await self.house.an_answered_call(**more))


@pytest.fixture
async def scene(house_of: Any, journal: Any, timeline: Any, tmp_path: Path) -> AsyncIterator[Scene]:
    said: list[str] = []
    replies = {"DATA": "354 go on", "QUIT": "221 bye"}
    database = await OutboundDatabase.open(tmp_path / "outbound.db")
    line = Line("it", "+39021234567", "it", Voice("pyttsx3", "it"), book_with_messages(), cast(Any, None))
    outbound = Outbound.of(database, lambda: Lines([line]), None)
    async with (
        system(http(b"", "202 Accepted")) as gateway,
        mail_server(said, lambda w: replies.get(w, "250 ok")) as port,
    ):
        errands = Errands(
            sms=SmsGateway(f"http://127.0.0.1:{gateway.port}/sms", "tok", "Libreria"),
            mail=MailGateway("127.0.0.1", "Libreria <libreria@example.org>", port, starttls=False),
        )
        house = house_of(outbound=outbound, follow_ups=FollowUps(errands, journal, timeline))
        yield Scene(house, outbound, gateway, said, errands)
    await database.close()


def bodies(gateway: System) -> list[dict[str, str]]:
    return [json.loads(one.partition(b"\r\n\r\n")[2]) for one in gateway.heard]


async def test_the_page_is_told_whom_to_and_what_is_ready(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    shown = (await anna.get(f"/api/interactions/{call}/message")).json()
    assert [(one["channel"], one["address"], one["called"]) for one in shown["recipients"]] == [
        ("sms", CALLER, True),
        ("email", MAIL, False),
    ]
    assert shown["longest"] == {"sms": 600, "email": 5000}
    assert [(one["channel"], one["text"], one["subject"]) for one in shown["texts"]] == [
        ("sms", "Siamo sotto i portici.", ""),
        ("email", "Siamo sotto i portici.", "Dove siamo"),
    ]
    assert shown["link_text"] == "Libreria Portici, {title}: {link}"


async def test_an_sms_is_asked_for_sent_and_told_as_an_interaction_of_the_calls_thread(scene: Scene) -> None:
    call = await scene.call()
    who, anna = await scene.house.member("anna", "operator")
    path = f"/api/interactions/{call}/message"
    answer = await anna.post(path, json=SMS)
    assert answer.json() == {"sent": True, "error": ""}, answer.text
    told = {"to": CALLER, "text": SMS["text"], "from": "Libreria", "id": f"{call}-{SMS['id']}"}
    assert bodies(scene.gateway) == [told]
    (asked, sent) = (await scene.house.timeline.events(call))[-2:]
    assert (asked.type, sent.type, asked.actor) == ("message.asked", "message.sent", who.id)
    assert asked.payload == {name: SMS[name] for name in ("id", "channel", "to", "text")}
    assert sent.payload == {**asked.payload, "error": ""}
    contact = (await scene.house.timeline.get(call)).interaction.contact_id
    stories = Stories(scene.house.timeline)
    newest, *_ = await stories.interactions(contact)
    assert (newest.channel, newest.direction, newest.outcome) == ("sms", "outbound", "sent")
    (words,) = (await scene.house.timeline.get(newest.id)).transcript
    assert (words.speaker, words.text) == ("operator", SMS["text"])
    thread_of = await stories.thread_of(contact)
    assert thread_of[newest.id] == thread_of[call]


async def test_an_email_goes_out_with_its_subject_and_an_id_of_its_own(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    assert (await anna.post(f"/api/interactions/{call}/message", json=LETTER)).json()["sent"]
    assert any(line.lower().startswith(f"rcpt to:<{MAIL}>") for line in scene.said)
    assert "Subject: Il suo ordine" in scene.said
    assert any(re.fullmatch(r"Message-ID: <[0-9a-f]{32}@example\.org>", line) for line in scene.said)
    contact = (await scene.house.timeline.get(call)).interaction.contact_id
    newest, *_ = await Stories(scene.house.timeline).interactions(contact)
    assert (newest.channel, newest.direction, newest.subject) == ("email", "outbound", "Il suo ordine")


async def test_the_same_message_is_sent_once_however_often_the_page_asks(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    path = f"/api/interactions/{call}/message"
    answers = await asyncio.gather(*(anna.post(path, json=SMS) for _ in range(3)))
    answers.append(await anna.post(path, json=SMS))
    assert [answer.json() for answer in answers] == [{"sent": True, "error": ""}] * 4
    assert len(scene.gateway.heard) == 1
    other = await anna.post(path, json={**SMS, "text": "Un altro testo."})
    assert (other.status_code, other.json()["detail"]["code"]) == (409, "another_message")
    assert (await anna.post(path, json={**SMS, "id": "another-of-the-page"})).json()["sent"]
    assert len(scene.gateway.heard) == 2
    contact = (await scene.house.timeline.get(call)).interaction.contact_id
    assert len(await Stories(scene.house.timeline).interactions(contact, channel="sms")) == 2


async def test_what_the_gateway_refuses_is_told_with_the_reason_and_tried_again_under_the_same_id(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    path = f"/api/interactions/{call}/message"
    scene.gateway.answers = [http(b"", "503 Busy"), http(b"", "200 OK")]
    refused = await anna.post(path, json=SMS)
    assert refused.json() == {"sent": False, "error": "the SMS gateway answered 503"}
    failed = (await scene.house.timeline.events(call))[-1]
    assert (failed.type, failed.payload["error"]) == ("message.failed", "the SMS gateway answered 503")
    contact = (await scene.house.timeline.get(call)).interaction.contact_id
    assert await Stories(scene.house.timeline).interactions(contact, channel="sms") == []
    assert (await anna.post(path, json=SMS)).json()["sent"]
    assert [body["id"] for body in bodies(scene.gateway)] == [f"{call}-{SMS['id']}"] * 2
    kinds = [event.type for event in await scene.house.timeline.events(call)]
    assert kinds[-3:] == ["message.asked", "message.failed", "message.sent"]


async def test_what_left_is_not_sent_again_when_the_history_could_not_be_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    path = f"/api/interactions/{call}/message"
    journal, broken = scene.house.journal, [True]
    append = journal.append

    async def once_broken(interaction_id: str, entries: list[Entry]) -> int:
        if entries[0].type == "message.sent" and broken.pop():
            broken.append(False)
            raise HistoryUnavailable("the disk is full")
        return cast(int, await append(interaction_id, entries))

    monkeypatch.setattr(journal, "append", once_broken)
    assert (await anna.post(path, json=SMS)).status_code == 503
    assert (await anna.post(path, json=SMS)).json()["sent"]
    assert len(scene.gateway.heard) == 1
    assert [event.type for event in await scene.house.timeline.events(call)][-2:] == ["message.asked", "message.sent"]


async def test_what_cannot_be_is_refused_and_nothing_leaves(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    _, fausto = await scene.house.member("fausto", "flow-admin")
    path = f"/api/interactions/{call}/message"

    async def refused(client: Any, path: str, **change: str) -> tuple[int, str]:
        answer = await client.post(path, json={**SMS, **change})
        detail = answer.json()["detail"]
        return answer.status_code, detail["code"] if isinstance(detail, dict) else detail[0]["loc"][-1]

    assert await refused(fausto, path) == (403, "role_missing")
    assert (await fausto.get(path)).status_code == 403
    assert await refused(anna, "/api/interactions/nothing/message") == (404, "unknown_interaction")
    assert await refused(anna, path, to="+393339990000") == (409, "not_an_address")
    maybe = {"channel": "email", "to": "forse@example.org", "subject": "x"}
    assert await refused(anna, path, **maybe) == (409, "not_an_address")
    assert await refused(anna, path, text="a" * 601) == (422, "text_too_long")
    assert await refused(anna, path, text="  ") == (422, "text")
    assert await refused(anna, path, text="a\x1b") == (422, "text")
    assert await refused(anna, path, subject="x") == (422, "subject")
    assert await refused(anna, path, channel="email", to=MAIL, subject="x\nBcc: y@example.org") == (422, "subject")
    hidden = await scene.house.an_answered_call(caller="")
    assert await refused(anna, f"/api/interactions/{hidden}/message") == (409, "not_an_address")
    assert (await anna.get(f"/api/interactions/{hidden}/message")).json()["recipients"] == []
    await scene.outbound.opt_outs.add([CALLER], "spoken", NOW)
    assert await refused(anna, path) == (409, "opted_out")
    (first, second) = (await anna.get(path)).json()["recipients"]
    assert (first["opted_out"], second["opted_out"]) == (True, False)
    del anna.headers["X-CSRF-Token"]
    assert await refused(anna, path) == (403, "csrf")
    assert (scene.gateway.heard, scene.said) == ([], [])
    assert "message.asked" not in [event.type for event in await scene.house.timeline.events(call)]


async def test_one_account_sends_ten_a_minute(scene: Scene) -> None:
    call = await scene.call()
    _, anna = await scene.house.member("anna", "operator")
    path = f"/api/interactions/{call}/message"
    statuses = [(await anna.post(path, json={**SMS, "id": f"message-number-{n:02}"})).status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]
    assert len(scene.gateway.heard) == 10


async def test_without_gateways_nobody_can_be_written_to_and_the_page_is_told(
    scene: Scene, house_of: Any, journal: Any, timeline: Any
) -> None:
    house = house_of(outbound=scene.outbound, follow_ups=FollowUps(Errands(), journal, timeline))
    call = await scene.call()
    _, anna = await house.member("anna", "operator")
    shown = (await anna.get(f"/api/interactions/{call}/message")).json()
    assert (shown["longest"], shown["recipients"], shown["texts"]) == ({}, [], [])
    answer = await anna.post(f"/api/interactions/{call}/message", json=SMS)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "no_gateway")
    assert "[messages.sms]" in answer.json()["detail"]["message"]


async def test_looks_at_addresses_and_messages_are_in_the_audit_log_without_words(scene: Scene) -> None:
    call = await scene.call()
    who, anna = await scene.house.member("anna", "operator")
    _, paola = await scene.house.member("paola", "privacy-officer")
    path = f"/api/interactions/{call}/message"
    await anna.get(path)
    await anna.post(path, json=SMS)
    rows = (await paola.get("/api/audit")).json()
    mine = [row for row in rows if row["actor"] == who.id]
    assert {(row["action"], row["subject_kind"]) for row in mine} == {
        ("contact.viewed", "contact"),
        ("message.sent", "interaction"),
    }
    assert CALLER not in json.dumps(mine)
    assert "aspettiamo" not in json.dumps(mine)


# ------------------------------------------------------------------------------------------------------ what is decided


def point(kind: str, value: str, confidence: Any = "known") -> PointRow:
    return PointRow("c", kind, value, confidence, None, NOW, NOW)


def test_the_number_that_called_is_first_and_nothing_is_there_twice_or_in_doubt() -> None:
    points = [
        point("tel", CALLER), point("tel", "+390512345678"), point("tel", "+393334445555", "maybe"), point("ext", "12"),
        point("tel", "+39899123456"), point("email", MAIL), point("email", "a@b.it,c@d.it"),
        point("email", "x@y.it", "maybe"),
    ]  # fmt: skip
    both = ("sms", "email")
    called = Recipient("sms", CALLER, called=True)
    landline = Recipient("sms", "+390512345678", landline=True)
    letter = Recipient("email", MAIL)
    assert recipients(CALLER, points, both) == [called, landline, letter]
    assert recipients("", points, both) == [replace(called, called=False), landline, letter]
    assert recipients(CALLER, points, ("email",)) == [letter]
    assert recipients("anonymous", [], both) == []


def test_texts_are_ready_in_the_callers_language_else_in_the_flowbooks_own() -> None:
    book = book_with_messages()
    english = ready_texts(book, "en")
    assert [(one.text, one.subject) for one in english] == [
        ("We are under the arches.", ""),
        ("We are under the arches.", "Dove siamo"),
    ]
    assert [one.text for one in ready_texts(book, "ko")] == ["Siamo sotto i portici."] * 2
    assert link_text(book.model_copy(update={"texts": {"link_message": {"it": "{call.caller}: {link}"}}}), "it") == ""
    assert link_text(book.model_copy(update={"texts": {}}), "it") == ""
