import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialogs.events import CallStarted, Listen, LookedUp, Say, from_json, to_json
from history import Entry, HistoryUnavailable, Journal, Timeline, UnknownInteraction, new_id
from history.beside_the_log import LEFT_OUT
from history.deriving.worker import Deriving
from history.privacy.erasing import erase_contact
from history.schema import metadata
from tests.history.calls import entries, handed, said
from tests.history.test_emptied import no_file

MORNING = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


async def call(journal: Journal, line: str, outcome: str | None, at: datetime) -> str:
    interaction = new_id()
    entries = [Entry("call.started", {"line": line, "caller": "+390612345", "door": "twilio"}, occurred_at=at)]
    if outcome is not None:
        entries.append(Entry("call.ended", {"reason": "bot_ended", "outcome": outcome}, 9000, occurred_at=at))
    await journal.append(interaction, entries)
    return interaction


async def test_lists_newest_first_in_pages_and_by_line_outcome_and_time(journal: Journal, timeline: Timeline) -> None:
    made = [
        await call(
            journal, "IT" if n % 2 else "EN", ["answered", "abandoned", None][n % 3], MORNING + timedelta(hours=n)
        )
        for n in range(9)
    ]
    listed = [i.id for i in await timeline.list_interactions()]
    assert listed == made[::-1]
    first = await timeline.list_interactions(4)
    second = await timeline.list_interactions(10, before=first[-1].id)
    assert [i.id for i in first + second] == listed
    assert [i.id for i in await timeline.list_interactions(line="IT")] == made[1::2][::-1]
    assert [i.id for i in await timeline.list_interactions(outcome="abandoned")] == made[1::3][::-1]
    assert [i.id for i in await timeline.list_interactions(since=MORNING + timedelta(hours=6))] == made[6:][::-1]
    assert await timeline.list_interactions(line="IT' OR 1=1 --") == []
    with pytest.raises(ValueError, match="limit is 0"):
        await timeline.list_interactions(0)
    with pytest.raises(ValueError, match="no time zone"):
        await timeline.list_interactions(since=datetime(2026, 1, 1))  # noqa: DTZ001


async def test_one_call_with_transcript_handoff_and_callback(journal: Journal, timeline: Timeline) -> None:
    interaction = await call(journal, "IT", None, MORNING)
    await journal.append(
        interaction,
        [
            Entry("transcript", {"speaker": "bot", "text": "Aperti", "start_ms": 0, "end_ms": 900, "article": "orari",
                                 "key": "", "interrupted": True, "latency_ms": 640}, 900, "bot"),
            Entry("handoff.queued", {"queue": "vendite", "place": 1, "reason": "asked", "slots": {}}, 2000),
            Entry("operator.joined", {"operator": "op-1"}, 5000, "op-1"),
            Entry("callback.requested", {"queue": "vendite", "reason": "no_operator", "slots": {"ordine": "12"}}, 7000),
        ],
    )  # fmt: skip
    detail = await timeline.get(interaction)
    [segment] = detail.transcript
    assert (segment.speaker, segment.text, segment.interrupted, segment.latency_ms) == ("bot", "Aperti", True, 640)
    row = detail.interaction
    assert (row.queue, row.operator, row.article, row.status) == ("vendite", "op-1", "orari", "open")
    [wanted] = await timeline.callbacks()
    assert (wanted.number, wanted.queue, wanted.slots) == ("+390612345", "vendite", {"ordine": "12"})
    assert detail.callbacks == (wanted,)

    await journal.append(interaction, [Entry("callback.done", {"callback_seq": wanted.seq}, 9000, "op-2")])
    assert await timeline.callbacks() == []
    [done] = await timeline.callbacks(open_only=False)
    assert done.done_by == "op-2"


async def test_export_is_json_of_everything(journal: Journal, timeline: Timeline) -> None:
    interaction = await call(journal, "IT", "answered", MORNING)
    exported = json.loads(json.dumps(await timeline.export(interaction)))
    assert exported["interaction"]["started_at"] == "2026-05-04T09:00:00+00:00"
    assert [e["type"] for e in exported["events"]] == ["call.started", "call.ended"]
    assert exported["events"][1]["payload"] == {"reason": "bot_ended", "outcome": "answered"}
    assert set(exported) == {
        "format",
        "interaction",
        "transcript",
        "callbacks",
        "media",
        "wrapups",
        "surveys",
        "analyses",
        "consents",
        "facts",
        "emptied",
        "received",
        "events",
    }
    shown = {"analysis", "callback", "consent", "emptied", "interaction_event", "interaction_fact", "media", "segment"}
    shown |= {"received_event", "survey_response", "wrapup"}
    of_interactions = {table.name for table in metadata.sorted_tables if "interaction_id" in table.c}
    assert of_interactions == shown | LEFT_OUT  # a new table is exported, or left out for a reason


async def test_export_has_what_was_understood_agreed_to_worked_and_answered(
    journal: Journal, timeline: Timeline
) -> None:
    opted_out = ("dialog.action", {"kind": "Note", "topic": "opt_out", "values": {"how": "spoken"}})
    answer = {"kind": "csat", "score": 4, "scale": 5, "comment": "gentile"}
    steps = handed("desk", 5, 20, said("caller", "vorrei restituire il libro"), opted_out, ("survey.answered", answer))
    await journal.append("call", entries(*steps))
    early = await timeline.export("call")
    assert ([one["kind"] for one in early["consents"]], early["analyses"]) == (["outbound_opt_out"], [])
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
    exported = json.loads(json.dumps(await timeline.export("call")))
    assert exported["consents"] == json.loads(json.dumps(early["consents"]))
    assert {one["type"] for one in exported["analyses"]} >= {"topic", "urgency", "sentiment", "summary"}
    assert all({"method", "version", "body", "why"} <= set(one) for one in exported["analyses"])
    assert [(one["operator"], one["duration_ms"]) for one in exported["wrapups"]] == [("op-1", 10_000)]
    assert [(one["kind"], one["score"], one["comment"]) for one in exported["surveys"]] == [("csat", 4, "gentile")]
    assert exported["facts"][0]["topic"] == "returns"
    assert (exported["emptied"], exported["received"]) == ([], [])
    who = (await timeline.get("call")).interaction.contact_id
    await erase_contact(timeline, journal, who, actor="a", delete_file=no_file)
    erased = await timeline.export("call")
    assert ([one["what"] for one in erased["emptied"]], erased["analyses"]) == (["person"], [])
    assert [one["kind"] for one in erased["consents"]] == ["outbound_opt_out"]


async def test_dialog_steps_give_the_engine_its_events_back(journal: Journal, timeline: Timeline) -> None:
    started = CallStarted(0, "IT", "it", "+39")
    hello, listen = Say("Buongiorno", "it", "hello"), Listen(5000, "open", ("sì", "no"))
    found = LookedUp(900, "orari", "reject", (), (("operator", 0.4),))
    interaction = new_id()
    await journal.append(
        interaction,
        [
            Entry("call.started", {"line": "IT"}),
            Entry("dialog.event", to_json(started)),
            Entry("dialog.action", to_json(hello)),
            Entry("transcript", {"speaker": "bot", "text": "Buongiorno", "start_ms": 0, "end_ms": 700}),
            Entry("dialog.action", to_json(listen)),
            Entry("dialog.event", to_json(found)),
        ],
    )
    steps = await timeline.dialog_steps(interaction)
    assert [(from_json(s.event), [from_json(a) for a in s.actions]) for s in steps] == [
        (started, [hello, listen]),
        (found, []),
    ]
    await journal.append(other := new_id(), [Entry("dialog.action", to_json(hello))])
    with pytest.raises(ValueError, match="seq 1: an action before any dialog event"):
        await timeline.dialog_steps(other)


async def test_an_unknown_call_is_named(timeline: Timeline) -> None:
    for read in (timeline.get, timeline.export, timeline.dialog_steps):
        with pytest.raises(UnknownInteraction, match="nowhere"):
            await read("nowhere")
    assert await timeline.events("nowhere") == []


async def test_reading_needs_no_running_server_and_writes_nothing(path: Path) -> None:
    with pytest.raises(HistoryUnavailable, match="it is made when the server starts"):
        Timeline(path)
    journal = await Journal.open(path, node="n1")
    interaction = await call(journal, "IT", "answered", MORNING)
    await journal.close()
    before = path.read_bytes()
    timeline = Timeline(path)
    assert (await timeline.get(interaction)).interaction.outcome == "answered"
    await timeline.close()
    assert path.read_bytes() == before
