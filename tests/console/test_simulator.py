"""Admins try flowbooks out in the console: the flowbook's tests, simulated calls, past calls against a draft."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from centralino.company import load_company
from centralino.flow_shelf import ServedFlows
from centralino.publishing import Publishing
from centralino.rehearsing import ServedRehearsing
from centralino.reloading import Reloading
from console.rehearsing import IDLE_S, MOST_OF_ONE, MOST_OPEN, Simulations, TooMany
from dialogs.events import CallEnded, to_json
from dialogs.loading import read_flowbook
from history import Entry, new_id
from knowledge.revisions import Revisions
from telephony.errands import Errands
from tests.dialogs.conversation import Conversation

SHOP = (
    (Path(__file__).parents[1] / "dialogs" / "shop.yaml").read_text(encoding="utf-8")
    + """
tests:
  - name: un ordine
    turns: [{keys: "1"}, {ask: number}, {keys: "412345"}, {keys: "1"}, {said: shipped}]
"""
)
ASKS = SHOP.replace(
    "  goodbye: [", "  goodbye: [{call: {get: 'https://crm.example.org/x', on_error: bye}}, {end: answered}]\n  bye: ["
)
BOOK = "/api/flowbooks/shop"


@dataclass
class Place:
    house: Any
    admin: httpx.AsyncClient

    async def opened(self, **given: Any) -> Any:
        answer = await self.admin.post(f"{BOOK}/simulations", json={"state": "published", **given})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def done(self, call: Any, **turn: Any) -> Any:
        answer = await self.admin.post(f"/api/simulations/{call['id']}/inputs", json={"turn": turn})
        assert answer.status_code == 200, answer.text
        return answer.json()


def parts_of(tmp_path: Path) -> dict[str, Any]:
    """What a console needs to have `SHOP` and try it out."""
    folder = tmp_path / "company"
    (folder / "articles").mkdir(parents=True)
    (folder / "company.toml").write_text(
        'name = "Prova"\n[[lines]]\nid = "uno"\nnumber = "+390510000001"\nlanguage = "it"\n'
    )
    (folder / "flowbook.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "articles/a.yaml").write_text(
        "- {id: orari, title: {it: gli orari}, phrasings: {it: [quando aprite]}, spoken: {it: Alle nove.}}"
    )
    publishing = Publishing(folder, Revisions(tmp_path / "revisions.db"))
    publishing.in_file(publishing.file("shop"))
    company = load_company(folder, None, publishing.revisions)
    shelf = ServedFlows(publishing, cast(Reloading, SimpleNamespace()))
    return {"flow_shelf": shelf, "rehearsing": ServedRehearsing(publishing, lambda: company, Errands())}


@pytest.fixture
async def place(house_of: Any, tmp_path: Path) -> Place:
    house = house_of(**parts_of(tmp_path))
    _, admin = await house.member("anna", "flow-admin")
    return Place(house, admin)


def said(reply: Any) -> list[str]:
    actions = [action for exchange in reply["exchanges"] for action in exchange["actions"]]
    return [action["key"] or action["text"] for action in actions if action["kind"] == "Say"]


async def test_a_simulated_call_goes_on_back_and_becomes_a_test(place: Place) -> None:
    call = await place.opened(opening={"at": "2026-11-27T12:30:00+01:00"})
    assert said(call) == ["disclosure", "hello"]
    reply = await place.done(call, user="quando aprite")
    assert said(reply) == ["Alle nove.", "anything"]
    assert [one["why"]["article"] for one in reply["exchanges"] if one["why"]] == ["orari"]
    assert (reply["state"]["flow"], reply["state"]["time"]) == ("more", "2026-11-27T12:30:03+01:00")
    await place.done(call, keys="9")
    path = f"/api/simulations/{call['id']}"
    assert (await place.admin.post(f"{path}/back")).json()["state"]["counters"]["failures"] == 0
    test = (await place.admin.get(f"{path}/test", params={"name": "orari"})).json()
    caller, answer = {"user": "quando aprite"}, [{"answered": "orari"}, {"said": "anything"}, {"flow": "more"}]
    assert test["test"]["turns"] == [{"said": "hello"}, caller, *answer]
    assert test["yaml"].startswith("tests:\n  - name: orari\n    at: 2026-11-27T12:30\n")
    refused = await place.admin.post(f"{path}/inputs", json={"turn": {"place": 1}})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "impossible")
    assert (await place.admin.post(f"{path}/inputs", json={"turn": {"user": "a", "keys": "1"}})).status_code == 422
    anew = await place.admin.post(f"{path}/begin", json={"at": "2026-12-24T20:00:00+01:00"})
    assert anew.json()["state"]["time"] == "2026-12-24T20:00:00+01:00"
    assert (await place.admin.get(path)).json()["state"] == anew.json()["state"]
    assert (await place.admin.delete(path)).status_code == 204
    assert (await place.admin.get(path)).json()["detail"]["code"] == "no_such_simulation"


async def test_a_draft_a_revision_or_a_text_is_tried_and_what_is_wrong_with_it_told(place: Place) -> None:
    other = SHOP.replace("Come posso aiutarla?", "Dica.")
    sent = await place.opened(text=other)
    assert "Dica." in str(sent["exchanges"])
    none = await place.admin.post(f"{BOOK}/simulations", json={})
    assert (none.status_code, none.json()["detail"]["code"]) == (404, "no_such_revision")
    await place.admin.put(f"{BOOK}/draft", json={"text": other, "seen": 0})
    assert "Dica." in str((await place.opened(state="draft"))["exchanges"])
    assert "Come posso aiutarla?" in str((await place.opened(state="1"))["exchanges"])
    wrong = await place.admin.post(f"{BOOK}/simulations", json={"text": SHOP.replace("start: welcome", "start: x")})
    assert (wrong.status_code, wrong.json()["detail"]["code"]) == (422, "flowbook_errors")
    flow = await place.admin.post(f"{BOOK}/simulations", json={"text": SHOP, "opening": {"flow": "nowhere"}})
    assert flow.json()["detail"]["message"] == "flow: there is no flow 'nowhere'"


async def test_other_systems_are_answered_played_or_really_asked(place: Place) -> None:
    call = await place.opened(text=ASKS)
    path = f"/api/simulations/{call['id']}"
    await place.done(call, user="quando aprite")
    waiting = (await place.done(call, user="no"))["state"]["waiting"]
    assert (waiting["name"], waiting["url"]) == ("goodbye.call", "https://crm.example.org/x")
    answered = (await place.admin.post(f"{path}/answer", json={"value": {"error": "timeout"}})).json()
    assert said(answered) == ["bye"]
    unknown = await place.admin.put(f"{path}/mocks/other.call", json={"value": 1})
    assert unknown.json()["detail"]["code"] == "impossible"
    assert (await place.admin.put(f"{path}/mocks/goodbye.call", json={"value": {}})).status_code == 204
    await place.admin.post(f"{path}/begin", json={})
    await place.done(call, user="quando aprite")
    assert (await place.done(call, user="no"))["state"]["outcome"] == "answered"
    real = await place.opened(text=ASKS, real=True)
    await place.done(real, user="quando aprite")
    asked = await place.done(real, user="no")  # no host is allowed here, so none is asked
    assert said(asked) == ["bye"]
    assert "crm.example.org" in str([one["event"] for one in asked["exchanges"]])


async def test_the_flowbooks_tests_are_carried_out(place: Place) -> None:
    report = (await place.admin.post(f"{BOOK}/tests", json={"state": "published"})).json()
    assert (report["passed"], [one["name"] for one in report["tests"]]) == (True, ["un ordine"])
    assert 0 < report["coverage"]["percent"] < 90
    broken = (
        await place.admin.post(f"{BOOK}/tests", json={"text": SHOP.replace("{said: shipped}", "{said: bye}")})
    ).json()
    assert "expected 'bye' to be said" in broken["tests"][0]["failures"][0]["message"]


async def test_a_past_call_is_played_against_a_draft(place: Place) -> None:
    book = read_flowbook(SHOP)
    talk = Conversation(book)
    talk.types("1")
    talk.types("412345")
    talk.event(CallEnded(9, "caller_hung_up"))
    call_id = new_id()
    began = {"line": "uno", "door": "test", "language": "it", "caller": "+39051123456"}
    entries = [Entry("call.started", began | {"flowbook": {"id": "shop", "revision": book.revision}})]
    for event, actions in talk.log:
        entries.append(Entry("dialog.event", to_json(event), event.at_ms))
        entries += [Entry("dialog.action", to_json(action), event.at_ms) for action in actions]
    await place.house.journal.append(call_id, entries)
    text = SHOP.replace("{number:digits}, giusto?", "{number:digits}?")
    found = (await place.admin.post(f"{BOOK}/comparisons", json={"call": call_id, "text": text})).json()
    assert (found["revision"], found["steps_known"], found["parted"]) == (book.revision, True, None)
    assert [turn["differs"] for turn in found["turns"]] == [[], [], ["texts"], []]
    gone = await place.admin.post(f"{BOOK}/comparisons", json={"call": "nowhere", "text": text})
    assert (gone.status_code, gone.json()["detail"]["code"]) == (404, "no_such_call")


async def test_it_is_for_who_writes_flows_and_a_call_is_its_owners(place: Place) -> None:
    call = await place.opened()
    path = f"/api/simulations/{call['id']}"
    _, operator = await place.house.member("olga", "operator")
    for where in (f"{BOOK}/tests", f"{BOOK}/comparisons", f"{BOOK}/simulations", f"{path}/inputs"):
        assert (await operator.post(where, json={})).status_code == 403
        assert (await place.house.browser().post(where, json={})).status_code == 401
    _, colleague = await place.house.member("bruno", "flow-admin")
    assert (await colleague.get(path)).status_code == 404
    assert (await colleague.post(f"{path}/inputs", json={"turn": {"silent": True}})).status_code == 404
    place.house.clock.pass_by(IDLE_S + 1)
    assert (await place.admin.get(path)).status_code == 404


def test_only_so_many_are_open() -> None:
    open_calls = Simulations(lambda: 0.0)
    mine = [open_calls.add("anna", cast(Any, None), False) for _ in range(MOST_OF_ONE + 1)]
    assert open_calls.get(mine[0].id, "anna") is None
    assert open_calls.get(mine[-1].id, "anna") is mine[-1]
    for number in range(MOST_OPEN - MOST_OF_ONE):
        open_calls.add(f"somebody {number}", cast(Any, None), False)
    with pytest.raises(TooMany):
        open_calls.add("one more", cast(Any, None), False)
