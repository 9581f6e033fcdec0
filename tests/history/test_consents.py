"""What a person was told, agreed to and refused is read from the log, and its proof outlives their words."""

import random
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from sqlalchemy import Connection

from history import Contacts, Database, Journal, Timeline, UnknownContact, new_id
from history.consents.proof import Consent, consents_of
from history.consents.stored import consents_by, consents_in
from history.consents.tables import consent
from history.database import migrations
from history.deriving.worker import Deriving
from history.identity.points import named
from history.privacy.emptying import empty
from history.privacy.erasing import erase_contact
from history.privacy.portability import write_portable
from tests.history.calls import MONDAY, did, ended, entries, log, noted, said, started, told

ROME = ZoneInfo("Europe/Rome")
HELLO = "Buongiorno, sono un assistente automatico."
NOTICE = {"key": "recording_notice", "language": "it", "text": "La registriamo.", "started_ms": 2000, "ended_ms": 3000}
OPENED: tuple[Any, ...] = (
    started(flowbook={"id": "libreria", "revision": "r7"}),
    told("CallStarted", answered_by=""),
    did("Say", text=HELLO, key="disclosure"),
)
HEARD: tuple[Any, ...] = (*OPENED, said("bot", HELLO, key="disclosure"))
BEGUN = ("recording.started", {"notice": NOTICE, "file": "a.ogg"})
KEPT = ("recording.stored", {"file": "a.ogg", "bytes": 9, "sha512": "f" * 128, "duration_ms": 900})


def states(*steps: tuple[Any, ...] | int) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in consents_of(log(*steps))]


def test_the_disclosure_is_proven_with_its_text_and_revision() -> None:
    (one,) = consents_of(log(*HEARD, ended()), "c1")
    assert (one.kind, one.state, one.seq, one.contact_id) == ("ai_disclosure", "told", 4, "c1")
    assert (one.flowbook, one.revision, one.text_key, one.language) == ("libreria", "r7", "disclosure", "it")
    assert (one.told_words, one.started_ms, one.ended_ms, one.at) == (HELLO, 0, 1000, MONDAY)
    assert (one.method, one.answer_seq) == ("", None)


@pytest.mark.parametrize("how", ["interrupted", "failed"])
def test_a_disclosure_that_did_not_reach_its_end_proves_nothing(how: str) -> None:
    cut = said("bot", "Buongiorno,", key="disclosure", **{how: True})
    assert states(*OPENED, cut) == [("ai_disclosure", "unheard")]
    again = said("bot", HELLO, key="disclosure")
    assert states(*OPENED, cut, again, again) == [("ai_disclosure", "unheard"), ("ai_disclosure", "told")]
    assert states(*OPENED, ended("abandoned")) == []


def test_an_answering_machine_was_told_nothing() -> None:
    machine = (started(), told("CallStarted", answered_by="machine"), did("Say", text="Richiamiamo.", key="message"))
    assert states(*machine, said("bot", "Richiamiamo.", key="message")) == []


def test_who_was_told_of_the_recording_did_not_agree_by_that() -> None:
    on = did("Record", mode="on", notice="recording_notice", keep=True, agreed=False)
    proofs = consents_of(log(*HEARD, told("CallerSaid", text="ordini"), on, BEGUN, KEPT))
    assert [(one.state, one.method, one.answer_seq) for one in proofs[1:]] == [("told", "", None)]
    assert (proofs[1].told_words, proofs[1].ended_ms, proofs[1].sound_sha512) == ("La registriamo.", 3000, "f" * 128)


def test_who_agreed_did_so_with_words_or_a_key() -> None:
    on = did("Record", mode="on", notice="recording_notice", keep=True, agreed=True)
    (spoken,) = consents_of(
        log(*OPENED, told("CallerSaid", text="va bene"), told("LookedUp", text="va bene"), on, BEGUN)
    )
    assert (spoken.state, spoken.method, spoken.answer_seq, spoken.answer_key) == ("given", "words", 4, "")
    off = did("Record", mode="off", keep=False)
    typed, taken_back = consents_of(
        log(*OPENED, told("CallerTyped", key="1"), on, BEGUN, told("CallerTyped", key="9"), off)
    )
    assert (typed.state, typed.method, typed.answer_key) == ("given", "key", "1")
    assert (taken_back.state, taken_back.answer_key, taken_back.answer_seq) == ("withdrawn", "9", 7)


def test_only_a_caller_refuses() -> None:
    off = did("Record", mode="off", keep=False)
    (one,) = consents_of(log(*OPENED, told("CallerTyped", key="9"), off))
    assert (one.kind, one.state, one.method, one.answer_key) == ("recording", "refused", "key", "9")
    assert states(*OPENED, told("CallerSaid", text="sì"), told("CallerSilent"), off) == []
    assert states(*OPENED, told("CallerSaid", text="sì"), did("Record", mode="off", keep=True)) == []
    assert states(*OPENED, ("recording.not_begun", {"notice": NOTICE})) == [("recording", "unheard")]


def test_no_more_calls() -> None:
    (one,) = consents_of(
        log(*OPENED, told("CallerSaid", text="basta"), noted("opt_out", how="spoken", number="+39051"))
    )
    assert (one.kind, one.state, one.method, one.answer_seq) == ("outbound_opt_out", "refused", "words", 4)
    assert "+39051" not in str(one)


CALL = (*HEARD, BEGUN, told("CallerTyped", key="9"), did("Record", mode="off", keep=False), ended())


def test_the_order_in_which_events_are_read_does_not_matter() -> None:
    events = log(*CALL, KEPT)
    mixed = random.Random(3).sample(events, len(events))
    assert consents_of(mixed) == consents_of(events)


async def derived(journal: Journal, timeline: Timeline) -> tuple[str, str, list[Consent]]:
    """A call and its contact, after the worker has been there."""
    call = new_id()
    await journal.append(call, entries(*CALL))
    at_once = await consents_in(timeline, call)
    await Deriving(journal, timeline, ROME).catch_up()
    stored = await consents_in(timeline, call)
    assert stored == at_once
    point = named("tel", "+39051000001")
    assert point is not None
    who = await Contacts(timeline).at(point)
    assert who is not None
    return call, who.id, stored


async def test_they_are_stored_of_a_call_and_of_a_contact(journal: Journal, timeline: Timeline, tmp_path: Path) -> None:
    call, who, stored = await derived(journal, timeline)
    assert [one.state for one in stored] == ["told", "told", "refused"]
    assert {one.interaction_id for one in stored} == {call}
    await Deriving(journal, timeline, ROME).rebuild()
    assert await consents_in(timeline, call) == stored
    assert sorted(await consents_by(timeline, who), key=lambda one: one.seq) == stored
    await write_portable(timeline, who, tmp_path / "out.zip", lambda media: None)
    with zipfile.ZipFile(tmp_path / "out.zip") as bundle:
        assert HELLO in bundle.read("consents.json").decode()
    with pytest.raises(UnknownContact):
        await consents_by(timeline, "nobody")


async def no_file(media: object) -> None:
    raise AssertionError(media)


async def test_erasure_takes_words_and_person_and_leaves_the_proof(journal: Journal, timeline: Timeline) -> None:
    call, who, stored = await derived(journal, timeline)
    await journal.change(lambda connection, at: empty(connection, call, "words", "retention", at))
    assert {(one.told_words, one.contact_id) for one in await consents_in(timeline, call)} == {("", who)}
    await erase_contact(timeline, journal, who, actor="acc_1", delete_file=no_file)
    for _ in range(2):
        left = await consents_in(timeline, call)
        assert [(one.seq, one.state, one.at, one.text_key, one.revision, one.answer_key) for one in left] == [
            (one.seq, one.state, one.at, one.text_key, one.revision, one.answer_key) for one in stored
        ]
        assert {(one.told_words, one.contact_id) for one in left} == {("", "")}
        await Deriving(journal, timeline, ROME).rebuild()


async def test_what_was_not_derived_yet_outlives_erasure_too(journal: Journal, timeline: Timeline) -> None:
    call = new_id()
    await journal.append(call, entries(*CALL))
    await journal.change(lambda connection, at: empty(connection, call, "person", "erased", at))
    assert [one.state for one in await consents_in(timeline, call)] == ["told", "told", "refused"]


async def test_calls_of_before_get_theirs(place: Database) -> None:
    config = migrations()
    journal = await Journal.open(place, node="n1")
    timeline = Timeline(place)
    call, _, stored = await derived(journal, timeline)
    await timeline.close()
    await journal.close()
    engine = place.open_writer("earlier")
    with engine.begin() as connection:
        _as_before(connection)
        config.attributes["connection"] = connection
        command.stamp(config, BEFORE)
        command.upgrade(config, AFTER)  # that one alone: what later ones made is there
        command.stamp(config, "head")
    engine.dispose()
    journal, timeline = await Journal.open(place, node="n1"), Timeline(place)
    await Deriving(journal, timeline, ROME).catch_up()
    assert [one.seq for one in await consents_by(timeline, stored[0].contact_id)] != []
    assert await consents_in(timeline, call) == stored
    await timeline.close()
    await journal.close()


BEFORE, AFTER = "0011", "0012"


def _as_before(connection: Connection) -> None:
    consent.drop(connection)
