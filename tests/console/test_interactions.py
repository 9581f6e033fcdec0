"""What the API shows of the shared history."""

from __future__ import annotations

import asyncio
from typing import Any

from history import Entry, new_id
from history.privacy.audit import Audit


async def test_the_list_shows_outcome_line_duration_and_latency_newest_first(house: Any) -> None:
    answered = await house.an_answered_call()
    callback = await house.a_callback_call()
    _, client = await house.member("ada", "admin")
    page = (await client.get("/api/interactions")).json()
    assert [call["id"] for call in page["interactions"]] == [callback, answered]
    call = page["interactions"][1]
    assert (call["line"], call["outcome"], call["duration_ms"], call["latency_ms"]) == ("it", "answered", 9000, 720)
    assert page["before"] is None


async def test_pages_and_filters(house: Any) -> None:
    calls = [await house.an_answered_call() for _ in range(5)]
    odd = await house.a_callback_call()
    _, client = await house.member("ada", "admin")
    first = (await client.get("/api/interactions", params={"limit": 4})).json()
    second = (await client.get("/api/interactions", params={"limit": 4, "before": first["before"]})).json()
    seen = [call["id"] for call in first["interactions"] + second["interactions"]]
    assert seen == [odd, *reversed(calls)]
    assert second["before"] is None
    only = (await client.get("/api/interactions", params={"outcome": "callback", "line": "it"})).json()
    assert [call["id"] for call in only["interactions"]] == [odd]
    assert (await client.get("/api/interactions", params={"line": "'; DROP TABLE"})).json()["interactions"] == []
    for wrong in ({"limit": 0}, {"limit": 10_000}, {"limit": "many"}):
        assert (await client.get("/api/interactions", params=wrong)).status_code == 422


async def test_an_answer_says_where_it_came_from(house: Any) -> None:
    call = await house.an_answered_call()
    _, client = await house.member("ada", "operator")
    detail = (await client.get(f"/api/interactions/{call}")).json()
    hello, question, answer = detail["transcript"]
    assert [turn["speaker"] for turn in (hello, question, answer)] == ["bot", "caller", "bot"]
    assert hello["why"] is None
    assert question["confidence"] == 0.83
    why = answer["why"]
    assert (why["article"], why["version"], why["title"]) == ("orari", "3", "Orari di apertura")
    assert (why["score"], why["band"], why["asked"], why["confidence"]) == (0.91, "answer", "A che ora aprite?", 0.83)
    assert [rival["article"] for rival in why["rivals"]] == ["eventi"]


async def test_the_work_behind_a_call_and_the_caller_s_answers_are_shown(house: Any) -> None:
    call = await house.an_answered_call()
    anna, hers = await house.member("anna", "operator")
    after = [
        Entry("operator.joined", {"operator": anna.id}, 9500),
        Entry("survey.answered", {"kind": "csat", "score": 5, "scale": 5, "comment": "mi chiami al 333 1234567"}, 9600),
        Entry("operator.wrapped_up", {"operator": anna.id, "duration_ms": 4000, "note": "IBAN "
              "IT60X0542811101000000123456"}, 14_000),
    ]  # fmt: skip
    await house.journal.append(call, after)
    detail = (await hers.get(f"/api/interactions/{call}")).json()
    (done,), (answer,) = detail["wrapups"], detail["surveys"]
    assert (done["operator_name"], done["duration_ms"], "IT60X" in done["note"]) == ("Anna", 4000, True)
    assert (answer["kind"], answer["score"], answer["answered_by"]) == ("csat", 5, "")
    assert "333 1234567" in answer["comment"]
    _, another = await house.member("ugo", "operator")  # did not take the call: no identifiers
    detail = (await another.get(f"/api/interactions/{call}")).json()
    assert "IT60X" not in detail["wrapups"][0]["note"]
    assert "333 1234567" not in detail["surveys"][0]["comment"]


async def test_a_correction_is_shown_with_what_the_recognizer_wrote(house: Any) -> None:
    plain = await house.an_answered_call()
    corrected = await house.an_answered_call(said="A che ora aprite?", heard_as="A che ora aprito?")
    _, client = await house.member("ada", "operator")
    turns = (await client.get(f"/api/interactions/{corrected}")).json()["transcript"]
    assert [(turn["text"], turn["heard"]) for turn in turns[:2]] == [
        ("Buongiorno, risponde l'assistente.", None),
        ("A che ora aprite?", "A che ora aprito?"),
    ]
    assert {turn["heard"] for turn in (await client.get(f"/api/interactions/{plain}")).json()["transcript"]} == {None}


async def test_an_unknown_call_is_not_found(house: Any) -> None:
    _, client = await house.member("ada", "admin")
    for path in ("/api/interactions/nope", "/api/interactions/nope/export"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "unknown_interaction")
    assert (await client.get("/api/interactions/nope/events")).json() == []
    assert (await client.post("/api/callbacks/nope/1/done")).status_code == 404


async def test_events_after_a_seq(house: Any) -> None:
    call = await house.an_answered_call()
    _, client = await house.member("ada", "operator")
    events = (await client.get(f"/api/interactions/{call}/events", params={"after": 6})).json()
    assert [(event["seq"], event["type"]) for event in events] == [(7, "transcript"), (8, "call.ended")]


async def test_a_whole_export_is_for_privacy_officers(house: Any) -> None:
    call = await house.an_answered_call()
    _, operator = await house.member("anna", "operator")
    refused = await operator.get(f"/api/interactions/{call}/export")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (403, "role_missing")
    _, admin = await house.member("ada", "admin")
    answer = await admin.get(f"/api/interactions/{call}/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="{call}.json"'
    assert len(answer.json()["events"]) == 8


async def test_the_operators_name_is_shown_not_their_id(house: Any) -> None:
    account, client = await house.member("anna", "operator")
    call = new_id()
    await house.journal.append(
        call, [Entry("call.started", {"line": "it"}), Entry("operator.joined", {"operator": account.id}, 10)]
    )
    detail = (await client.get(f"/api/interactions/{call}")).json()
    assert detail["interaction"]["operator_name"] == "Anna"
    assert detail["interaction"]["status"] == "open"


async def test_call_backs_of_my_queues_and_done_once(house: Any) -> None:
    orders, shop = await house.a_callback_call("ordini"), await house.a_callback_call("negozio")
    account, anna = await house.member("anna", "operator", ("ordini",))
    _, ada = await house.member("ada", "admin")
    assert [one["interaction_id"] for one in (await anna.get("/api/callbacks")).json()] == [orders]
    everything = (await ada.get("/api/callbacks")).json()
    assert {one["interaction_id"] for one in everything} == {orders, shop}
    assert everything[0]["slots"] == {"ordine": "12345"}
    for act in ("take", "done"):
        refused = await anna.post(f"/api/callbacks/{shop}/2/{act}")
        assert refused.status_code == 404, "of a queue that is not hers"
    assert (await anna.post(f"/api/callbacks/{orders}/2/done")).status_code == 204
    again = await ada.post(f"/api/callbacks/{orders}/2/done")
    assert (again.status_code, again.json()["detail"]["code"]) == (409, "callback_done")
    assert [one["interaction_id"] for one in (await ada.get("/api/callbacks")).json()] == [shop]
    detail = (await ada.get(f"/api/interactions/{orders}")).json()
    assert detail["callbacks"][0]["done_by"] == account.id


async def test_a_hostile_name_and_transcript_travel_as_plain_data(house: Any) -> None:
    call = await house.an_answered_call(caller=house.xss, said=house.xss)
    _, client = await house.member("ada", "admin")
    answer = await client.get(f"/api/interactions/{call}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["transcript"][1]["text"] == house.xss


async def test_a_broken_history_is_said_plainly(house: Any) -> None:
    _, client = await house.member("ada", "admin")
    for file in (house.timeline.path, house.timeline.path.with_name(f"{house.timeline.path.name}-wal")):
        await asyncio.to_thread(file.write_bytes, b"this is no database " * 100_000)
    answer = await client.get("/api/callbacks")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (503, "history_unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_who_did_not_take_the_call_sees_it_without_identifiers(house: Any) -> None:
    call = await house.an_answered_call(said="sono al 333 123 4567, aprite domani?")
    officer, keeper = await house.member("ida", "admin")
    stranger, client = await house.member("ugo", "operator")
    seen = (await client.get(f"/api/interactions/{call}")).json()["transcript"][1]["text"]
    assert seen == "sono al [phone], aprite domani?"
    events = (await client.get(f"/api/interactions/{call}/events")).json()
    assert "333 123" not in str(events)
    assert "333 123 4567" in (await keeper.get(f"/api/interactions/{call}")).json()["transcript"][1]["text"]
    rows = await Audit(house.journal, house.timeline).rows(subject_id=call)
    assert [(row.actor, row.action, row.detail) for row in reversed(rows)] == [
        (stranger.id, "transcript.viewed", '{"original":false}'),
        (stranger.id, "events.viewed", '{"original":false}'),
        (officer.id, "transcript.viewed", '{"original":true}'),
    ]
    assert {row.origin for row in rows} == {"192.0.2.7"}
    assert "333" not in str(rows)
