"""Who calls, and their story, for who is signed in."""

from __future__ import annotations

from typing import Any

from history import Entry, new_id


async def test_an_operator_sees_a_caller_s_story_and_merges_and_unmerges(house: Any) -> None:
    calls = [await house.an_answered_call(caller) for caller in ("+393331112222", "+393331112222", "+39051223344")]
    account, client = await house.member("anna", "operator")
    found = (await client.get("/api/contacts", params={"value": "333 111 2222"})).json()
    other = (await client.get("/api/contacts", params={"value": "051 22 33 44"})).json()
    story = (await client.get(f"/api/contacts/{found['id']}")).json()
    assert [step["id"] for step in story["latest"]] == calls[1::-1]
    assert story["open"] == []
    page = (await client.get(f"/api/contacts/{found['id']}/interactions", params={"limit": 1})).json()
    assert ([step["id"] for step in page["interactions"]], page["before"]) == ([calls[1]], calls[1])

    made = await client.post(f"/api/contacts/{found['id']}/merges", json={"other": other["id"], "reason": "same voice"})
    whole = (await client.get(f"/api/contacts/{other['id']}")).json()
    assert {step["id"] for step in whole["latest"]} == set(calls)
    (made_by,) = whole["contact"]["merges"]
    assert (made_by["actor"], made_by["reason"]) == (account.id, "same voice")
    merge = f"/api/contact-merges/{made.json()['id']}"
    assert (await client.delete(merge)).status_code == 204
    assert (await client.delete(merge)).status_code == 404
    assert len((await client.get(f"/api/contacts/{other['id']}")).json()["latest"]) == 1
    assert (await client.get(f"/api/contacts/{other['id']}/suggestions")).json() == []


async def test_whom_nobody_knows_is_said_plainly(house: Any) -> None:
    _, client = await house.member("anna", "operator")
    for path in ("/api/contacts?value=anonymous", "/api/contacts/x", "/api/contacts/x/interactions",
                 "/api/contacts/x/suggestions"):  # fmt: skip
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "unknown_contact"), path
    assert (await client.post("/api/contacts/x/merges", json={"other": "x"})).status_code == 422
    assert (await client.post("/api/contacts/x/merges", json={"other": "y"})).status_code == 404


async def test_what_pops_up_when_a_call_is_offered_comes_in_one_request(house: Any) -> None:
    _, operator = await house.member("piero", "operator")
    before = await house.an_answered_call()
    running, hidden = new_id(), new_id()
    queued = {"queue": "ordini", "slots": {"ordine": "BX-4711"}}
    started = {"line": "it", "caller": "+393331112222"}
    await house.journal.append(running, [Entry("call.started", started), Entry("handoff.queued", queued, 9)])
    await house.journal.append(hidden, [Entry("call.started", {"line": "it", "caller": ""})])
    story = (await operator.get(f"/api/interactions/{running}/contact")).json()
    assert [step["id"] for step in story["running"]] == [running]
    assert [step["id"] for step in story["latest"]] == [before]
    assert [thread["id"] for thread in story["threads"]] == [before]
    assert story["running"][0]["thread_id"] == running
    assert (await operator.get(f"/api/interactions/{hidden}/contact")).json()["detail"]["code"] == "unknown_contact"
    assert (await operator.get("/api/interactions/none/contact")).status_code == 404
    joined = await operator.post(f"/api/interactions/{running}/thread/join", json={"other": before})
    assert joined.status_code == 200
    page = (await operator.get(f"/api/contacts/{story['contact']['id']}/interactions")).json()
    assert {step["thread_id"] for step in page["interactions"]} == {before}
    decision = joined.json()["id"]
    assert (await operator.delete(f"/api/thread-decisions/{decision}")).status_code == 204
    assert (await operator.delete(f"/api/thread-decisions/{decision}")).status_code == 404
    assert (await operator.post(f"/api/interactions/{running}/thread/join", json={"other": hidden})).status_code == 422
    assert (await operator.post(f"/api/interactions/{hidden}/thread/begin")).status_code == 200
