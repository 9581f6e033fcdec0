"""The published schema, and the lint of what the schema alone cannot see, on the restaurant's flowbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dialogs import FlowbookErrors, read_flowbook
from dialogs.loading import confusable
from dialogs.schema import json_schema
from dialogs.source import Source
from dialogs.steps import registered

HERE = Path(__file__)
BOOKS = [
    HERE.with_name("shop.yaml"),
    HERE.with_name("tavola.yaml"),
    HERE.parents[2] / "samples" / "bookshop" / "flowbook.yaml",
]
TAVOLA = HERE.with_name("tavola.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made = json_schema()
    Draft202012Validator.check_schema(made)
    return made


def faults(schema: dict[str, Any], text: str) -> list[str]:
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(Source(text).data)]


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.parent.name + "/" + path.name)
def test_a_flowbook_that_loads_fits_the_schema(schema: dict[str, Any], book: Path) -> None:
    assert faults(schema, book.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("  - menu:", "  - men:"),
        ("timeout: 2s", "timeout: 2"),
        ("type: date,", "type: day,"),
        ("call_budget: 6", "call_budget: many"),
        ('tue-sun: ["12:00-15:00"', "tue-sun: [noon"),
        ("start: welcome", "begin: welcome"),
    ],
)
def test_what_is_wrong_does_not_fit(schema: dict[str, Any], right: str, wrong: str) -> None:
    assert right in TAVOLA
    assert faults(schema, TAVOLA.replace(right, wrong, 1))


def test_every_step_is_in_it(schema: dict[str, Any]) -> None:
    assert {f"step_{keyword}" for keyword in registered()} <= schema["$defs"].keys()
    assert schema["$defs"]["step_if"]["properties"]["then"]["items"] == {"$ref": "#/$defs/step"}


# ---------------------------------------------------------------------------------------------------------------- lint
@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('post: "{env.BOOKINGS}/tables', 'post: "https://{name}.example/tables', "no slot can say which host"),
        ("        save: reply\n", "        save: reply\n        retry: 3\n", "retry: input should be 0 or 1"),
        ("timeout: 2s", "timeout: 2m", "a caller does not wait longer than 30s"),
        ("when_closed: office_closed", "when_closed: nowhere", "there is no flow 'nowhere'"),
        ("calendar: office", "calendar: offce", "there is no calendar 'offce'"),
        ("equals: mine.code", "equals: call.caller", "proves nothing"),
        ("equals: mine.code", "equals: '\"1234\"'", "the same answer for every caller is no proof"),
        ("equals: mine.code", "equals: contact.name", "proves nothing"),
        ("language: en}", "language: fr}", "'fr' is no language of this flowbook"),
        ('cel: "size / 2"', 'cel: "sze / 2"', "uses 'sze'"),
        ("- jump: ask_name", "- goto: ask_name", "nothing to return to"),
        ("{contact.open.subject} del", "{contact.shoe} del", "nothing fills {contact.shoe}"),
        ("{sms: caller, text: booked_sms}", "{sms: caller, email: name, text: booked_sms}", "give either sms or email"),
        ("- note: banquet_wanted\n      with: [size]", "- note: banquet_wanted\n      with: [sise]",
         "no step fills the slot 'sise'"),
        ("briefing: for_the_office", "briefing: for_nobody", "there is no text 'for_nobody'"),
        ("      else: kitchen_closed\n", "", "'else' is missing"),
        ("- jump: ask_name", "- jump: ask_nobody", "there is no flow 'ask_nobody'"),
        ("  takeaway:\n", "  parking:\n", "'parking' was given already"),
        ("save: opens", "save: contact", "a slot cannot be named 'contact'"),
        ("intents: [parking]", "intents: [parken]", "there is no intent 'parken'"),
        ("opens_at}, {end: closed}]", "opens_at}, {goto: takeaway}]", "a loop that never listens to the caller"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_new_step_is_told(right: str, wrong: str, message: str) -> None:
    assert right in TAVOLA
    with pytest.raises(FlowbookErrors, match=message.replace("(", r"\(")):
        read_flowbook(TAVOLA.replace(right, wrong, 1))


def test_what_is_told_in_confidence_stands_in_no_address_message_or_note() -> None:
    text = TAVOLA.replace("{type: text}", "{type: text, sensitive: true}", 1)
    text = text.replace('query: {hour: "{hour}"}', 'query: {hour: "{name}"}', 1)
    text = text.replace("Prenotato il {day:date}", "{name}, prenotato il {day:date}", 1)
    with pytest.raises(FlowbookErrors) as caught:
        read_flowbook(text)
    told = [error.message for error in caught.value.errors if error.rule == "confidence"]
    assert any("the address of a request" in message for message in told)
    assert any("a message" in message for message in told)


def test_what_is_odd_is_warned_of() -> None:
    text = TAVOLA.replace("        on_error: trouble\n", "", 1).replace(", when_closed: office_closed", "", 1)
    told = {warning.rule: warning.message for warning in read_flowbook(text).warnings}
    assert "callers outside them are called back" in told["queue"]
    assert "nothing says what happens when there is no answer" in told["step"]


def test_a_phrasing_that_is_closer_to_another_intent_is_told_with_its_place() -> None:
    text = TAVOLA.replace(
        "intents:\n  parking:",
        "intents:\n  takings:\n    it: [quanto costa il menù, prezzo del menù, dove parcheggio la macchina, "
        "costa molto, prezzi]\n"
        "    en: [price, prices, how much, what does it cost, cost of the menu]\n  parking:",
        1,
    )
    told = next(one for one in confusable(read_flowbook(text, "tavola.yaml")) if "takings" in one.node)
    assert told.node == "intents.takings.it.2"
    assert "closer to intent 'parking'" in told.message
    assert told.line == next(n for n, line in enumerate(text.splitlines(), 1) if "dove parcheggio la macchina" in line)
