"""vCon: what goes out comes back the same; what others write is taken in whole; what is wrong is refused by name."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from history import Contacts, Database, Entry, Journal, Timeline, new_id
from history.analyses.stored import analyses_of
from history.analyses.understanding import Analysis
from history.deriving.worker import Deriving
from history.identity.points import Point
from history.privacy.erasing import erase_contact
from history.redaction import redact_turns
from history.vcon.exporting import Wanted, to_bytes, vcon_of
from history.vcon.importing import NotAVcon, VconConflict, import_vcon, read_vcon
from history.vcon.model import Vcon
from history.vcon.stored import stored_vcon

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SOUND = b"OggS and so on"
CALL = "019df2a0-0000-7000-8000-000000000001"


def said(speaker: str, text: str, at_ms: int) -> Entry:
    words = {"speaker": speaker, "text": text, "start_ms": at_ms - 900, "end_ms": at_ms, "confidence": 0.87}
    return Entry("transcript", words, at_ms, speaker, NOW + timedelta(milliseconds=at_ms))


def after(event: str, at_ms: int, **payload: Any) -> Entry:
    return Entry(event, payload, at_ms, occurred_at=NOW + timedelta(milliseconds=at_ms))


def a_call() -> list[Entry]:
    return [
        after("call.started", 0, line="it", caller="+393331234567", door="twilio", unknown={"kept": [1.5, None]}),
        said("bot", "Buongiorno.", 1000),
        said("caller", "Sono Anna, vorrei un operatore.", 3000),
        after("handoff.queued", 3100, queue="ordini", reason="asked_for_person", slots={}),
        after("operator.joined", 9000, operator="op-1"),
        said("operator", "Dica pure.", 10_000),
        said("caller", "L'ordine 4711.", 12_000),
        after("operator.held", 13_000, held=True, operator="op-1"),
        after("operator.held", 15_000, held=False, operator="op-1"),
        after("transfer.answered", 16_000, to="magazzino"),
        after("operator.left", 17_000, operator="op-1"),
        said("operator", "Magazzino.", 18_000),
        after("recording.stored", 20_000, file="2026/a.ogg", bytes=len(SOUND), duration_ms=19_000, started_ms=500,
              sha512=hashlib.sha512(SOUND).hexdigest()),
        after("call.ended", 20_000, reason="caller_hung_up", outcome="handed_off"),
        after("operator.wrapped_up", 30_000, operator="op-1", duration_ms=10_000, code="resi",
              note="Il suo 333 1234567"),
        after("survey.answered", 40_000, kind="csat", survey="fine", score=4, scale=5, answered_by="voice",
              comment="Mi chiami al 333 1234567"),
    ]  # fmt: skip


SUMMARY = Analysis("summary", "7", "extractive", {"text": "Richiamare al 333 1234567."}, {"turns": [3, 7]})


async def derived(journal: Journal, timeline: Timeline) -> None:
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()


async def exported(path: Any, interaction_id: str, wanted: Wanted | None = None) -> bytes:
    timeline = Timeline(path)
    events = await timeline.events(interaction_id)
    await timeline.close()
    return to_bytes(vcon_of(events, wanted))


async def test_a_call_with_transfers_and_a_recording_is_told_as_the_draft_has_it(journal: Journal) -> None:
    await journal.append(CALL, a_call())
    whole = json.loads(await exported(journal.database, CALL, Wanted(audio={13: SOUND}, analyses=[SUMMARY])))
    vcon = Vcon.model_validate(whole)
    assert (whole["vcon"], UUID(whole["uuid"]).version, len(vcon.parties)) == ("0.4.0", 8, 4)
    assert whole["parties"][0] == {"tel": "+393331234567", "type": "person"}
    texts = [dialog for dialog in whole["dialog"] if dialog["type"] == "text"]
    assert [(one["parties"], one["body"]) for one in texts] == [
        ([1, 0], "Buongiorno."), ([0, 1], "Sono Anna, vorrei un operatore."), ([2, 0], "Dica pure."),
        ([0, 2], "L'ordine 4711."), ([3, 0], "Magazzino."),
    ]  # fmt: skip
    assert (texts[1]["start"], texts[1]["duration"]) == ("2026-05-04T09:00:02.100000+00:00", 0.9)
    recording = next(dialog for dialog in whole["dialog"] if dialog["type"] == "recording")
    digest = base64.urlsafe_b64encode(hashlib.sha512(SOUND).digest()).rstrip(b"=").decode()
    assert recording["content_hash"] == f"sha512-{digest}"
    assert [event["event"] for event in recording["party_history"]] == ["join", "hold", "unhold", "join", "drop"]
    first, second = (dialog for dialog in whole["dialog"] if dialog["type"] == "transfer")
    assert (first["transferor"], first["transfer_target"], first["original"]) == (1, 2, [0, 1])
    assert (second["transferor"], second["transfer_target"], second["target_dialog"]) == (2, 3, [4])
    report, summary, wrap_up, survey = whole["analysis"]
    assert report["body"]["handoff_reasons"] == ["asked_for_person"]
    assert (summary["type"], summary["vendor"], summary["dialog"]) == ("summary", "Centralino", [1, 3])
    assert (summary["product"], summary["schema"]) == ("extractive", "centralino.analysis/1")
    assert (wrap_up["type"], wrap_up["schema"]) == ("report", "centralino.wrapup/1")
    assert wrap_up["body"] == {
        "duration_ms": 10_000, "code": "resi", "note": "Il suo 333 1234567", "party": 2, "operator": "op-1",
        "time": "2026-05-04T09:00:30+00:00",
    }  # fmt: skip
    assert (survey["type"], survey["schema"], survey["body"]["score"]) == ("report", "centralino.survey/1", 4)


async def test_a_call_that_the_operator_gives_back_to_the_bot(journal: Journal) -> None:
    entries = a_call()
    entries[7:9] = [
        after("handback.started", 13_000, operator="op-1", flow="carta", returns=True),
        said("bot", "La carta?", 13_500),
        said("caller", "•••", 14_000),
        after("handback.ended", 15_000, operator="op-1", why="returned", queue="ordini", slots={"carta": "•••"}),
        said("caller", "Eccomi.", 15_500),
    ]
    await journal.append(CALL, entries)
    whole = json.loads(await exported(journal.database, CALL))
    Vcon.model_validate(whole)
    texts = [dialog for dialog in whole["dialog"] if dialog["type"] == "text"]
    assert [(one["parties"], one["body"]) for one in texts][3:7] == [
        ([0, 2], "L'ordine 4711."), ([1, 0], "La carta?"), ([0, 1], "•••"), ([0, 2], "Eccomi."),
    ]  # fmt: skip
    recording = next(dialog for dialog in whole["dialog"] if dialog["type"] == "recording")
    happened = [(event["party"], event["event"]) for event in recording["party_history"]]
    assert happened == [(2, "join"), (2, "hold"), (2, "unhold"), (3, "join"), (2, "drop")]
    moved = [dialog for dialog in whole["dialog"] if dialog["type"] == "transfer"]
    assert [(one["transferor"], one["transfer_target"]) for one in moved] == [(1, 2), (2, 1), (1, 2), (2, 3)]


async def test_a_call_comes_back_as_it_was_with_its_recording(journal: Journal, tmp_path: Path) -> None:
    await journal.append(CALL, a_call())
    raw = await exported(journal.database, CALL, Wanted(audio={13: SOUND}))
    assert raw == await exported(journal.database, CALL, Wanted(audio={13: SOUND}))
    read = read_vcon(raw)
    assert dict(read.audio) == {"2026/a.ogg": SOUND}
    other = await Journal.open(tmp_path / "other.db", node="n2")
    timeline = Timeline(other.database)
    assert await import_vcon(read, other, timeline)
    assert await exported(other.database, CALL, Wanted(audio={13: SOUND})) == raw
    assert not await import_vcon(read, other, timeline)  # the same again
    await other.append(CALL, [after("recording.deleted", 30_000, media_seq=13)])
    assert not await import_vcon(read, other, timeline)  # what it says is still there
    changed = json.loads(raw)
    changed["attachments"][0]["body"]["events"][2]["payload"]["text"] = "Altro"
    with pytest.raises(VconConflict, match="says something else"):
        await import_vcon(read_vcon(json.dumps(changed).encode()), other, timeline)
    await timeline.close()
    await other.close()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
logs = st.lists(
    st.one_of(
        st.builds(
            said, st.sampled_from(["caller", "bot", "operator"]), st.text("ab è", max_size=9), st.integers(900, 9999)
        ),
        st.builds(lambda ms, p: after("dialog.event", ms, **{"what": p}), st.integers(0, 9999), values),
        st.builds(
            lambda ms, who: after("operator.joined", ms, operator=who), st.integers(0, 9999), st.text("xy", max_size=2)
        ),
        st.builds(
            lambda ms, to: after("transfer.answered", ms, to=to), st.integers(0, 9999), st.text("xy", max_size=2)
        ),
    ),
    max_size=10,
)


objects = st.dictionaries(st.text("abc", max_size=3), values, max_size=3)
understood = st.lists(
    st.builds(Analysis, st.sampled_from(["topic", "urgency", "sentiment", "summary", "new"]), texts, texts,
              objects, objects | st.builds(lambda turns: {"turns": turns}, st.lists(st.integers(), max_size=3))),
    max_size=4, unique_by=lambda one: one.type,
)  # fmt: skip
afterwards = st.lists(
    st.builds(lambda who, code, note: after("operator.wrapped_up", 10_000, operator=who, duration_ms=9, code=code,
                                            note=note), st.text("xy", max_size=2), texts, texts)
    | st.builds(lambda kind, score, note: after("survey.answered", 10_000, kind=kind, score=score, comment=note),
                st.sampled_from(["csat", "nps"]), st.none() | st.integers(0, 5), texts),
    max_size=3,
)  # fmt: skip


NO_SHRINKING = [
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
]  # two databases each time: minutes, for what is told anyway


@settings(
    max_examples=3, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(logs, afterwards, understood), min_size=4, max_size=12),
    st.sampled_from(["", "+39051223344", "anonymous", "104"]),
)
def test_whatever_a_log_says_comes_back_byte_for_byte(
    place: Database, wanted: list[tuple[list[Entry], list[Entry], list[Analysis]]], caller: str
) -> None:
    async def scenario(one: Journal, other: Journal, timeline: Timeline) -> None:
        numbered = {new_id(): example for example in wanted}
        for number, (log, more, analyses) in numbered.items():
            started = after("call.started", 0, line="it", caller=caller)
            await one.append(number, [started, *log, after("call.ended", 9999, reason="done"), *more])
            raw = await exported(one.database, number, Wanted(analyses=analyses))
            assert await import_vcon(read_vcon(raw), other, timeline)
            assert to_bytes(await stored_vcon(timeline, number)) == raw
        await derived(other, timeline)
        for number, (_, _, analyses) in numbered.items():
            if analyses:
                raw = await exported(one.database, number, Wanted(analyses=analyses))
                assert to_bytes(await stored_vcon(timeline, number)) == raw

    async def between_two(folder: Path) -> None:
        async with AsyncExitStack() as stack:
            one = await Journal.open(folder / "one.db", node="n1", group_ms=0)
            stack.push_async_callback(one.close)
            other = await Journal.open(place, node="n2", group_ms=0)
            stack.push_async_callback(other.close)
            timeline = Timeline(place)
            stack.push_async_callback(timeline.close)
            await scenario(one, other, timeline)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(between_two(Path(folder)))


async def test_what_was_understood_elsewhere_stays_as_it_came(journal: Journal, timeline: Timeline) -> None:
    await journal.append(CALL, a_call())
    raw = await exported(journal.database, CALL, Wanted(analyses=[SUMMARY]))
    other = raw.replace(CALL.encode(), b"other")
    assert await import_vcon(read_vcon(other), journal, timeline)
    for again in range(2):
        await derived(journal, timeline)
        assert await analyses_of(timeline, "other") == [SUMMARY]
        assert len(await analyses_of(timeline, CALL)) >= 4  # this one was made here
        if not again:
            await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).rebuild()
    there = to_bytes(await stored_vcon(timeline, CALL))
    assert not await import_vcon(read_vcon(raw), journal, timeline)  # it is here and says the same
    assert to_bytes(await stored_vcon(timeline, CALL)) == there
    who = (await timeline.get("other")).interaction.contact_id
    await erase_contact(timeline, journal, who, actor="a", delete_file=deleted(journal))
    assert await analyses_of(timeline, "other") == []


def deleted(journal: Journal) -> Any:
    async def delete(media: Any) -> None:
        await journal.append(media.interaction_id, [after("recording.deleted", 50_000, media_seq=media.seq)])

    return delete


async def test_of_a_call_without_its_words_nothing_is_understood_elsewhere_either(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    await journal.append(CALL, a_call())
    await derived(journal, timeline)
    who = (await timeline.get(CALL)).interaction.contact_id
    await erase_contact(timeline, journal, who, actor="a", delete_file=deleted(journal))
    raw = to_bytes(await stored_vcon(timeline, CALL))
    assert b"centralino.analysis" not in raw
    other = await Journal.open(tmp_path / "other.db", node="n2")
    there = Timeline(other.database)
    assert await import_vcon(read_vcon(raw), other, there)
    await derived(other, there)
    assert to_bytes(await stored_vcon(there, CALL)) == raw
    await there.close()
    await other.close()


async def test_the_redacted_one_has_no_names_numbers_sound_or_log(journal: Journal) -> None:
    await journal.append(CALL, a_call())
    wanted = Wanted(audio={13: SOUND}, redact=lambda turns: ["…" for _ in turns], analyses=[SUMMARY])
    raw = await exported(journal.database, CALL, wanted)
    for secret in ("3331234567", "Anna", "4711", "op-1", "magazzino", "a.ogg", "OggS"):
        assert secret not in raw.decode()
    whole, plain = json.loads(raw), json.loads(await exported(journal.database, CALL))
    assert whole["redacted"]["uuid"] == plain["uuid"] != whole["uuid"]
    assert len(whole["dialog"]) == len(plain["dialog"])
    assert whole["attachments"] == []
    taken_out = Wanted(redact=lambda turns: redact_turns(turns).texts, analyses=[SUMMARY])
    _, summary, wrap_up, survey = json.loads(await exported(journal.database, CALL, taken_out))["analysis"]
    assert summary["body"]["body"] == {"text": "Richiamare al [phone]."}
    assert summary["dialog"] == [1, 3]
    assert wrap_up["body"] == {
        "duration_ms": 10_000, "code": "resi", "note": "Il suo [phone]", "party": 2,
        "time": "2026-05-04T09:00:30+00:00",
    }  # fmt: skip
    assert survey["body"]["comment"] == "Mi chiami al [phone]"


def foreign(**changed: Any) -> dict[str, Any]:
    """In the form of the draft's own examples."""
    whole = {
        "uuid": "0199e054-ed10-8035-b9a2-279e0d16bc46",
        "created_at": "2026-05-04T10:00:00.000+00:00",
        "subject": "Fattura",
        "parties": [{"tel": "+12025550123", "name": "Bob"}, {"name": "Agent", "type": "person", "x_role": "agent"}],
        "dialog": [
            {"type": "text", "start": "2026-05-04T09:00:00Z", "duration": 2, "parties": [0, 1],
             "mimetype": "text/plain", "encoding": "none", "body": "Hello"},
            {"type": "text", "start": "2026-05-04T09:00:05Z", "parties": [1, 0], "mediatype": "text/plain",
             "encoding": "none", "body": "Good morning"},
            {"type": "recording", "start": "2026-05-04T09:00:00Z", "parties": [0, 1], "mediatype": "audio/ogg",
             "url": "https://example.org/a.ogg", "content_hash": "sha512-x"},
        ],
        "analysis": [{"type": "summary", "vendor": "other", "dialog": [0, 1], "encoding": "none",
                      "body": "x" * 70_000}],
        "attachments": [{"start": "2026-05-04T09:01:00Z", "party": 0, "dialog": 0, "purpose": "photo",
                         "encoding": "base64url", "body": "aGk", "mediatype": "image/png"}],
        "x_other": {"kept": True},
    }  # fmt: skip
    return {**whole, **changed}


async def test_anybody_s_vcon_becomes_an_interaction_once_and_is_kept_whole(
    journal: Journal, timeline: Timeline
) -> None:
    read = read_vcon(json.dumps(foreign()).encode())
    assert read.left_out == 1  # the analysis is larger than an event may be
    assert await import_vcon(read, journal, timeline)
    assert not await import_vcon(read, journal, timeline)
    detail = await timeline.get(read.interaction_id)
    row = detail.interaction
    assert (row.channel, row.status, row.subject, row.door) == ("voice", "ended", "Fattura", "vcon")
    assert [(turn.speaker, turn.text) for turn in detail.transcript] == [
        ("caller", "Hello"), ("operator", "Good morning"),
    ]  # fmt: skip
    who = await Contacts(timeline).at(Point("tel", "+12025550123"))
    assert who is not None
    assert (who.name, who.points[0].verified_at) == ("Bob", None)
    kinds = {event.type: event.payload for event in await timeline.events(read.interaction_id)}
    assert kinds["vcon.head"]["x_other"] == {"kept": True}
    assert kinds["vcon.attachment"]["body"] == "aGk"
    assert kinds["vcon.analysis"]["left_out"] is True
    assert kinds["vcon.dialog"]["url"] == "https://example.org/a.ogg"
    raw = await exported(journal.database, read.interaction_id)  # and goes out as one of ours
    assert read_vcon(raw).interaction_id == read.interaction_id


text = {"type": "text", "start": "2026-05-04T09:00:00Z", "encoding": "none", "body": "x"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"uuid": "7"}, "uuid"),
        ({"vcon": "9.0"}, "vcon"),
        ({"critical": ["encrypted_emoji"]}, "extensions that this program does not know"),
        ({"must_support": ["x"]}, "extensions that this program does not know"),
        ({"dialog": [{**text, "parties": [2]}]}, "dialog 0 names number 2 of 2 parties"),
        ({"dialog": [{**text, "type": "transfer"}]}, "has no content"),
        ({"dialog": [{"type": "incomplete", "start": "2026-05-04T09:00:00Z"}]}, "disposition"),
        ({"dialog": [{**text, "encoding": None}]}, "needs its encoding"),
        ({"dialog": [{**text, "url": "https://x.org", "content_hash": "y"}]}, "not both"),
        ({"dialog": [{"type": "recording", "start": "2026-05-04T09:00:00Z", "url": "http://x.org"}]}, "https"),
        ({"dialog": [{**text, "encoding": "base64url", "body": "!!"}]}, "not base64url"),
        ({"dialog": [{**text, "encoding": "base64url", "body": "aGk", "content_hash": "sha512-AAAA"}]}, "does not fit"),
        ({"dialog": [{**text, "start": "yesterday"}]}, "start"),
        ({"parties": [{}] * 1001}, "parties"),
        ({"redacted": {"type": "x"}, "amended": {}}, None),
        ({"payload": "x", "signatures": []}, "signed or encrypted"),
    ],
)
def test_what_is_no_vcon_is_refused_by_name(changed: dict[str, Any], why: str | None) -> None:
    document = foreign(analysis=[], attachments=[], **changed)
    if why is None:
        read_vcon(json.dumps({**document, "redacted": {"type": "x"}, "amended": None}).encode())
        return
    with pytest.raises(NotAVcon, match=why):
        read_vcon(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[]", "object"),
        (b"nothing", "no JSON"),
        (b'{"uuid": NaN}', "NaN"),
        (b"[" * 200_000, "no JSON"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "nested"),
        (b"\xff", "no JSON"),
    ],
)
def test_what_is_no_document_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(NotAVcon, match=why):
        read_vcon(raw)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda body: body["events"].pop(1), "gap"),
        (lambda body: body["events"].pop(13), "gap"),
        (lambda body: body.update(events=body["events"][:13]), "not over"),
        (lambda body: body["events"][0].update(occurred_at="2026-05-04T09:00:00"), "time zone"),
        (lambda body: body["events"][0].update(at_ms=-1), "at_ms"),
        (lambda body: body["events"][1]["payload"].update(text="x" * 70_000), "too large"),
        (lambda body: body.update(events=[]), "events"),
    ],
)
async def test_a_log_that_was_tampered_with_is_refused(journal: Journal, broken: Any, why: str) -> None:
    await journal.append(CALL, a_call())
    whole = json.loads(await exported(journal.database, CALL))
    broken(whole["attachments"][0]["body"])
    with pytest.raises(NotAVcon, match=why):
        read_vcon(json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda found: found[1]["body"].update(type="x" * 33), "analysis 1"),
        (lambda found: found[1]["body"].pop("why"), "analysis 1"),
        (lambda found: found[1]["body"].update(body="text"), "analysis 1"),
        (lambda found: found[1]["body"]["why"].update(words="x" * 70_000), "analysis 1: analysis: payload has"),
        (lambda found: found.append(found[1]), "analysis 4: there is one of type 'summary' already"),
    ],
)
async def test_analyses_that_must_not_be_stored_are_refused(journal: Journal, broken: Any, why: str) -> None:
    await journal.append(CALL, a_call())
    whole = json.loads(await exported(journal.database, CALL, Wanted(analyses=[SUMMARY])))
    broken(whole["analysis"])
    with pytest.raises(NotAVcon, match=why):
        read_vcon(json.dumps(whole).encode())


async def test_what_somebody_else_put_into_one_of_ours_is_told(journal: Journal) -> None:
    await journal.append(CALL, a_call())
    whole = json.loads(await exported(journal.database, CALL, Wanted(analyses=[SUMMARY])))
    whole["analysis"].append({"type": "summary", "vendor": "other", "encoding": "none", "body": "x"})
    read = read_vcon(json.dumps(whole).encode())
    assert (read.left_out, read.analyses) == (1, (SUMMARY,))
