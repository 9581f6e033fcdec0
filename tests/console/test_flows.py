"""Admins draft flowbooks in the console, publish them, and take them back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest

from centralino.company import load_company
from centralino.flow_shelf import ServedFlows
from centralino.publishing import Publishing
from centralino.reloading import Reloading
from history import Entry, Journal, Timeline
from history.deriving.worker import Deriving
from knowledge.revision import LARGEST_BYTES
from knowledge.revisions import Revisions
from telephony.lines import Lines
from tests.telephony.conftest import FLOWBOOK
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker

COMPANY = '[[lines]]\nid = "uno"\nnumber = "+390510000001"\nlanguage = "it"\n'
TESTED = (
    FLOWBOOK
    + """
tests:
  - name: lo zero passa a una persona
    turns: [{keys: "0"}, {handoff: aiuto}]
"""
)
BOOK = "/api/flowbooks/door"


async def nothing(*_: object) -> Any:
    return SimpleNamespace(failed=(), made=0)


@dataclass
class Place:
    folder: Path
    house: Any
    admin: httpx.AsyncClient
    operator: httpx.AsyncClient
    stranger: httpx.AsyncClient
    lines: list[Lines] = field(default_factory=list)

    @property
    def file(self) -> str:
        return (self.folder / "flowbook.yaml").read_text(encoding="utf-8")

    def said(self) -> str:
        """What a call that begins now would hear at its end."""
        return self.lines[-1].get("uno").book.texts["bye"]["it"]

    async def drafted(self, text: str, seen: int = 0) -> Any:
        answer = await self.admin.put(f"{BOOK}/draft", json={"text": text, "seen": seen})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def place(house_of: Any, tmp_path: Path) -> Place:
    folder = tmp_path / "company"
    (folder / "articles").mkdir(parents=True)
    (folder / "company.toml").write_text('name = "Prova"\n' + COMPANY)
    (folder / "flowbook.yaml").write_text(TESTED, encoding="utf-8")
    (folder / "articles/a.yaml").write_text(
        "- {id: orari, title: {it: gli orari}, phrasings: {it: [quando aprite]}, spoken: {it: Alle nove.}}"
    )
    revisions = Revisions(tmp_path / "revisions.db")
    publishing = Publishing(folder, revisions)
    choice = EngineChoice("it", "whisper", "whisper-base", "it is there")
    taken: list[Lines] = []
    reloading = Reloading(
        folder, load_company(folder, None, revisions), publishing,
        cast(Recognizers, SimpleNamespace(choice=lambda language: choice)),
        cast(Speaker, SimpleNamespace(add=lambda voices: None, prerender=nothing, warm_up=nothing)),
        ModelStore(tmp_path), taken.append, tmp_path / "lines.json",
    )  # fmt: skip
    await reloading.begin()
    house = house_of(flow_shelf=ServedFlows(publishing, reloading))
    _, admin = await house.member("anna", "flow-admin")
    _, operator = await house.member("olga", "operator")
    return Place(folder, house, admin, operator, house.browser(), taken)


async def test_a_draft_is_looked_at_published_and_taken_back(place: Place) -> None:
    (listed,) = (await place.admin.get("/api/flowbooks")).json()
    assert (listed["id"], listed["file"], listed["lines"], listed["draft"]) == ("door", "flowbook.yaml", ["uno"], None)
    assert (listed["published"]["number"], listed["file_differs"]) == (1, False)
    whole = (await place.admin.get(BOOK)).json()
    assert whole["text"] == TESTED

    saved = await place.drafted(TESTED.replace("Ciao.", "A domani."))
    assert (saved["draft"]["base"], saved["draft"]["serial"], saved["draft"]["who"]) == (1, 1, "anna")
    assert place.said() == "Ciao.", "nobody hears a draft"
    diff = (await place.admin.get(f"{BOOK}/diff")).json()
    assert [one["words"] for one in diff["differences"]] == ["testo 'bye' (it) cambiato da «Ciao.» a «A domani.»"]
    assert "+  bye: {it: A domani.}" in diff["text"]
    english = (await place.admin.get(f"{BOOK}/diff", params={"language": "en"})).json()
    assert english["differences"][0]["words"].startswith("text 'bye' (it) changed")

    published = await place.admin.post(f"{BOOK}/publish", json={"serial": 1, "message": "un altro saluto"})
    assert published.status_code == 200, published.text
    assert published.json()["revision"] | {"at": ""} == {
        "number": 2, "sha256": published.json()["revision"]["sha256"], "what": "published", "of": None, "who": "anna",
        "at": "", "message": "un altro saluto",
    }  # fmt: skip
    assert place.said() == "A domani."
    assert "A domani." in place.file
    assert place.lines[-1].get("uno").revision_number == 2

    back = await place.admin.post(f"{BOOK}/rollback", json={"revision": 1, "latest": 2, "message": "meglio prima"})
    assert (back.json()["revision"]["number"], back.json()["revision"]["of"]) == (3, 1)
    assert place.said() == "Ciao."
    assert [one["number"] for one in (await place.admin.get(f"{BOOK}/revisions")).json()] == [3, 2, 1]
    assert (await place.admin.get(f"{BOOK}/text", params={"state": "2"})).text == TESTED.replace("Ciao.", "A domani.")
    audit = (await place.admin.get(f"{BOOK}/audit")).json()
    assert [(one["who"], one["what"], one["revision"]) for one in audit] == [
        ("anna", "rolled_back", 3), ("anna", "published", 2), ("anna", "draft", 1), ("", "found", 1),
    ]  # fmt: skip
    assert (await place.admin.get("/api/flowbooks/audit")).json() == audit


async def test_what_is_wrong_is_told_with_line_and_column_and_not_published(place: Place) -> None:
    wrong = TESTED.replace("- say: bye", "- say: addio")
    saved = await place.drafted(wrong)
    (problem,) = [one for one in saved["problems"] if one["severity"] == "error"]
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "addio" in text)
    assert (problem["line"], problem["column"], problem["node"], problem["rule"]) == (
        line, 7, "flows.welcome.2.say", "missing-text",
    )  # fmt: skip
    refused = await place.admin.post(f"{BOOK}/publish", json={"serial": 1})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (422, "flowbook_errors")
    assert problem in refused.json()["detail"]["problems"]
    assert (place.said(), place.file) == ("Ciao.", TESTED)

    broken = (await place.admin.post(f"{BOOK}/check", json={"text": "flows: ["})).json()
    assert (broken["ok"], broken["problems"][0]["line"]) == (False, 1)


async def test_a_test_of_the_flowbook_that_fails_keeps_it_from_being_published(place: Place) -> None:
    text = TESTED.replace('- if: tasto == "0"', '- if: tasto == "9"')
    checked = (await place.admin.post(f"{BOOK}/check", json={"text": text})).json()
    (problem,) = [one for one in checked["problems"] if one["severity"] == "error"]
    assert (checked["ok"], checked["tests"], problem["rule"]) == (False, 0, "test")
    assert "lo zero passa a una persona" in problem["message"] + problem["place"]
    untested = (await place.admin.post(f"{BOOK}/check", json={"text": text, "tests": False})).json()
    assert (untested["ok"], untested["tests"]) == (True, None)
    await place.drafted(text)
    assert (await place.admin.post(f"{BOOK}/publish", json={"serial": 1})).status_code == 422
    assert (await place.admin.post(f"{BOOK}/check", json={"text": TESTED})).json()["tests"] == 1


async def test_nobody_writes_over_what_they_have_not_seen(place: Place) -> None:
    await place.drafted(TESTED + "# uno\n")
    late = await place.admin.put(f"{BOOK}/draft", json={"text": TESTED + "# due\n", "seen": 0})
    assert (late.status_code, late.json()["detail"]["draft"]["serial"]) == (409, 1)
    assert (await place.admin.post(f"{BOOK}/publish", json={"serial": 2})).status_code == 409
    assert (await place.admin.post(f"{BOOK}/rollback", json={"revision": 1, "latest": 7})).status_code == 409
    (place.folder / "flowbook.yaml").write_text(TESTED + "# a mano\n", encoding="utf-8")
    assert (await place.admin.get(BOOK)).json()["file_differs"] is True
    overtaken = await place.admin.post(f"{BOOK}/publish", json={"serial": 1})
    assert (overtaken.status_code, overtaken.json()["detail"]["latest"]["what"]) == (409, "found")
    assert (await place.admin.get(BOOK)).json()["draft"]["overtaken"] is True
    assert (await place.admin.delete(f"{BOOK}/draft", params={"seen": 1})).status_code == 204
    same = await place.drafted(TESTED + "# a mano\n")
    nothing_new = await place.admin.post(f"{BOOK}/publish", json={"serial": same["draft"]["serial"]})
    assert (nothing_new.status_code, nothing_new.json()["detail"]["code"]) == (409, "nothing_new")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/flowbooks", None),
        ("GET", "/api/flowbooks/schema", None),
        ("GET", f"{BOOK}/text", None),
        ("PUT", f"{BOOK}/draft", {"text": "x", "seen": 0}),
        ("POST", f"{BOOK}/check", {"text": "x"}),
        ("POST", f"{BOOK}/publish", {"serial": 0}),
        ("POST", f"{BOOK}/rollback", {"revision": 1, "latest": 1}),
        ("GET", "/api/flowbooks/audit", None),
    ],
)
async def test_only_who_may_edit_flowbooks_gets_to_them(place: Place, method: str, path: str, body: Any) -> None:
    assert (await place.stranger.request(method, path, json=body)).status_code == 401
    assert (await place.operator.request(method, path, json=body)).status_code == 403


async def test_bounds_and_unknown_things(place: Place) -> None:
    for body, status in (
        ({"text": "x" * (1024 * 1024 + 1), "seen": 0}, 422),
        ({"text": "x" * (2 * 1024 * 1024), "seen": 0}, 413),
        ({"text": "x"}, 422),
        ({"text": "x", "seen": 0, "author": "x"}, 422),
        ({"text": "x", "seen": 0, "base": 9}, 404),
    ):
        assert (await place.admin.put(f"{BOOK}/draft", json=body)).status_code == status
    assert (await place.admin.get("/api/flowbooks/altro")).status_code == 404
    for state in ("9", "draft", "../x", "zz"):
        assert (await place.admin.get(f"{BOOK}/text", params={"state": state})).status_code == 404
    assert (await place.admin.get(f"{BOOK}/diff", params={"language": "xx"})).status_code == 422
    assert (await place.admin.get("/api/flowbooks/schema")).json()["type"] == "object"


async def test_a_flowbook_is_a_graph_published_drafted_and_while_it_is_edited(place: Place) -> None:
    graph = (await place.admin.get(f"{BOOK}/graph", params={"state": "published"})).json()
    assert [node["id"] for node in graph["nodes"] if node["flow"]] == [
        "flows.welcome.0", "flows.welcome.1", "flows.welcome.1.then.0", "flows.welcome.2", "flows.welcome.3",
    ]  # fmt: skip
    assert {"source": "start", "target": "flows.welcome.0", "kind": "start", "label": "", "way": ""} in graph["edges"]
    assert (await place.admin.get(f"{BOOK}/graph")).status_code == 404, "there is no draft yet"
    await place.drafted(TESTED.replace("say: bye", "say: byebye"))
    (await place.admin.get(f"{BOOK}/graph")).raise_for_status()
    edited = await place.admin.post(f"{BOOK}/graph", json={"text": TESTED.replace("say: bye", "say: farewell")})
    named = {one["node"]: (one["kind"], one["name"], one["in_test"]) for one in edited.json()["mentions"]}
    assert named["always.operator.handoff"] == ("queue", "aiuto", False)
    assert named["tests.0.turns.1.handoff"] == ("queue", "aiuto", True)
    [node] = [node for node in edited.json()["nodes"] if node["problems"]]
    assert (node["id"], node["line"]) == ("flows.welcome.2", node["problems"][0]["line"])
    assert "there is no text 'farewell'" in node["problems"][0]["message"]
    broken = await place.admin.post(f"{BOOK}/graph", json={"text": "flows: ["})
    assert "this is no YAML" in broken.json()["problems"][0]["message"]
    large = await place.admin.post(f"{BOOK}/graph", json={"text": "#" * (LARGEST_BYTES + 1)})
    assert (large.status_code, large.json()["detail"]["code"]) == (422, "malformed")


async def test_what_calls_did_at_each_step_of_what_is_published(
    place: Place, journal: Journal, timeline: Timeline
) -> None:
    book = {"id": "door", "revision": hashlib.sha256(TESTED.encode()).hexdigest()[:12]}
    walked = {"at": "flows.welcome.0", "steps": ["flows.welcome.0"]}
    call = [
        Entry("call.started", {"line": "uno", "language": "it", "caller": "", "flowbook": book}),
        Entry("dialog.walked", walked),
        Entry("call.ended", {"reason": "caller_hung_up", "outcome": "abandoned"}),
    ]
    await journal.append("call", call)
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
    today = datetime.now(ZoneInfo("Europe/Rome")).date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today)}
    found = (await place.admin.get(f"{BOOK}/passages", params=days)).json()
    assert (found["calls"], found["revision"]) == (1, book["revision"])
    assert found["steps"]["flows.welcome.0"] == {"passed": 1, "ended": 1, "dropped": 1, "no_match": 0, "no_input": 0}
    wrong = await place.admin.get(f"{BOOK}/passages", params={"from": days["to"], "to": days["from"]})
    assert (wrong.status_code, wrong.json()["detail"]["code"]) == (422, "bad_days")
    assert (await place.operator.get(f"{BOOK}/passages", params=days)).status_code == 403


async def test_how_many_answer_a_queue_is_told_without_their_names(place: Place) -> None:
    await place.house.member("carlo", "operator", ("desk", "orders"))
    await place.house.member("dora", "operator", ("desk",))
    await place.house.member("enzo", "operator", ("desk",))
    await place.house.accounts.set_disabled("enzo", True)
    counted = (await place.admin.get("/api/queue-people")).json()
    assert counted == {"all_queues": 1, "by_queue": {"desk": 2, "orders": 1}}
    assert (await place.operator.get("/api/queue-people")).status_code == 403
    assert (await place.stranger.get("/api/queue-people")).status_code == 401


async def test_only_flow_admins_see_graphs(place: Place) -> None:
    for client, status in ((place.operator, 403), (place.stranger, 401)):
        assert (await client.get(f"{BOOK}/graph")).status_code == status
        assert (await client.post(f"{BOOK}/graph", json={"text": "#" * 100})).status_code in (status, 403)
    assert (await place.admin.get("/api/flowbooks/nothing/graph")).status_code == 404
