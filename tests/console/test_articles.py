"""Who writes articles takes them in, corrects and publishes them, and answers what callers asked in vain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from centralino.article_publishing import ArticlePublishing
from centralino.company import load_company
from centralino.publishing import Publishing
from centralino.reloading import Reloading
from centralino.served_articles import ServedArticles, ServedReview
from history import Entry, Journal, Timeline, new_id
from knowledge import KnowledgeBase
from knowledge.revisions import Revisions
from telephony.lines import Lines
from tests.telephony.conftest import FLOWBOOK
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker

COMPANY = 'name = "Prova"\n[[lines]]\nid = "uno"\nnumber = "+390510000001"\nlanguage = "it"\n'
HOURS = "id: orari\ntitle: {it: gli orari}\nphrasings: {it: [quando aprite, siete aperti]}\nspoken: {it: Alle nove.}\n"
PARKING = "id: posti\ntitle: {it: il parcheggio}\nphrasings: {it: [dove parcheggio]}\nspoken: {it: In piazza.}\n"


async def nothing(*_: object) -> Any:
    return SimpleNamespace(failed=(), made=0)


@dataclass
class Place:
    folder: Path
    reloading: Reloading
    writer: httpx.AsyncClient
    operator: httpx.AsyncClient
    stranger: httpx.AsyncClient

    def knowledge(self) -> KnowledgeBase:
        """What a call that begins now would be answered from."""
        return self.reloading.company.knowledge


@pytest.fixture
async def place(house_of: Any, tmp_path: Path, timeline: Timeline) -> Place:
    folder = tmp_path / "company"
    (folder / "articles").mkdir(parents=True)
    (folder / "company.toml").write_text(COMPANY)
    (folder / "flowbook.yaml").write_text(FLOWBOOK, encoding="utf-8")
    (folder / "articles/orari.yaml").write_text(HOURS, encoding="utf-8")
    (folder / "articles/posti.yaml").write_text(PARKING, encoding="utf-8")
    revisions = Revisions(tmp_path / "revisions.db")
    choice = EngineChoice("it", "whisper", "whisper-base", "it is there")
    taken: list[Lines] = []
    reloading = Reloading(
        folder, load_company(folder, None, revisions), Publishing(folder, revisions),
        cast(Recognizers, SimpleNamespace(choice=lambda language: choice)),
        cast(Speaker, SimpleNamespace(add=lambda voices: None, prerender=nothing, warm_up=nothing)),
        ModelStore(tmp_path), taken.append, tmp_path / "lines.json",
    )  # fmt: skip
    await reloading.begin()
    publishing = ArticlePublishing(folder, revisions)
    house = house_of(
        article_shelf=ServedArticles(publishing, reloading), review_desk=ServedReview(publishing, timeline, reloading)
    )
    _, writer = await house.member("anna", "flow-admin")
    _, operator = await house.member("olga", "operator")
    return Place(folder, reloading, writer, operator, house.browser())


async def test_an_article_is_drafted_published_and_taken_back(place: Place) -> None:
    whole = (await place.writer.get("/api/articles/orari")).json()
    assert (whole["draft"], whole["served"]["content"]["spoken"]) == (None, {"it": "Alle nove."})
    new = whole["served"]["text"].replace("Alle nove.", "Alle dieci.")
    wrong = await place.writer.post("/api/articles/orari/check", json={"text": new.replace("dieci", "(dieci)")})
    (problem,) = [one for one in wrong.json()["problems"] if one["severity"] == "error"]
    assert (wrong.json()["ok"], "cannot be read aloud" in problem["message"], problem["line"] > 1) == (
        False,
        True,
        True,
    )
    saved = await place.writer.put("/api/articles/orari/draft", json={"text": new, "seen": 0})
    assert saved.json()["serial"] == 1
    assert (await place.writer.put("/api/articles/orari/draft", json={"text": new, "seen": 0})).status_code == 409
    (row,) = [one for one in (await place.writer.get("/api/articles")).json() if one["id"] == "orari"]
    assert (row["content"]["spoken"], row["draft"]["content"]["spoken"], row["draft"]["faults"]) == (
        {"it": "Alle nove."}, {"it": "Alle dieci."}, [],
    )  # fmt: skip
    differs = (await place.writer.get("/api/articles/orari/diff")).text.splitlines()
    assert [line for line in differs if line[0] in "+-" and line[:3] not in ("+++", "---")] == [
        "-  it: Alle nove.", "+  it: Alle dieci.",
    ]  # fmt: skip
    assert place.knowledge().articles["orari"].spoken["it"] == "Alle nove.", "nobody hears a draft"

    made = (await place.writer.post("/api/articles/publish", json={"ids": ["orari"], "message": "inverno"})).json()
    assert (made["revisions"], made["served"]) == ([{"article": "orari", "number": 2}], True)
    assert place.knowledge().articles["orari"].spoken["it"] == "Alle dieci."
    back = await place.writer.post("/api/articles/orari/rollback", json={"revision": 1})
    assert back.json()["revisions"] == [{"article": "orari", "number": 3}]
    assert place.knowledge().articles["orari"].spoken["it"] == "Alle nove."
    rows = (await place.writer.get("/api/articles/orari/revisions")).json()
    assert [(row["number"], row["what"], row["who"]) for row in rows] == [
        (3, "rolled_back", "anna"), (2, "published", "anna"), (1, "found", ""),
    ]  # fmt: skip
    audit = (await place.writer.get("/api/articles/audit")).json()
    assert {row["article"] for row in audit} == {"orari"}


async def test_a_table_is_looked_at_before_it_is_kept(place: Place) -> None:
    table = "Quando aprite?,Alle otto.\nFate corsi?,Sì (di sera).\n".encode()
    seen = await place.writer.post("/api/articles/import?name=faq.csv", content=table)
    first, second = seen.json()["drafts"]
    assert (first["alike"][0]["article"], first["alike"][0]["same"], second["notes"]) == (
        "orari", True, ["brackets became commas"],
    )  # fmt: skip
    assert all("draft" not in row for row in (await place.writer.get("/api/articles")).json())
    await place.writer.post("/api/articles/import?name=faq.csv&keep=true", content=table)
    assert [row["id"] for row in (await place.writer.get("/api/articles")).json() if "draft" in row] == [
        "fate-corsi", "quando-aprite",
    ]  # fmt: skip
    refused = await place.writer.post("/api/articles/publish", json={"ids": ["fate-corsi", "quando-aprite"]})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (422, "article_errors")
    assert "fate-corsi" not in place.knowledge().articles
    assert (await place.writer.delete("/api/articles/quando-aprite/draft")).status_code == 204
    assert (await place.writer.post("/api/articles/import?form=json-ld", content=b"{")).status_code == 422
    exported = await place.writer.get("/api/articles/export?form=csv")
    assert exported.headers["content-type"].startswith("text/csv")
    assert "Alle nove." in exported.text


async def test_what_callers_asked_in_vain_is_answered(place: Place, journal: Journal) -> None:
    began = datetime.now(UTC) - timedelta(hours=2)
    question = "si può pagare con la carta"
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("call.started", {"line": "uno", "language": "it", "caller": "+39051000001"}, "system"),
        ("dialog.event", {"kind": "CallerSaid", "text": question}, "system"),
        ("dialog.event", {"kind": "LookedUp", "text": question, "band": "reject", "candidates": []}, "system"),
        ("dialog.action", {"kind": "Note", "topic": "no_match", "values": {"text": question, "band": "reject"}}, "bot"),
        ("dialog.action", {"kind": "Handoff", "queue": "aiuto", "reason": "asked"}, "bot"),
        ("transcript", {"speaker": "operator", "text": "Certo, accettiamo tutte le carte.", "start_ms": 9, "end_ms": 9},
         "operator"),
        ("call.ended", {"reason": "operator_ended"}, "system"),
    ]  # fmt: skip
    entries = [
        Entry(kind, payload, at * 1000, actor, occurred_at=began + timedelta(seconds=at))
        for at, (kind, payload, actor) in enumerate(steps)
    ]
    await journal.append(new_id(), entries)
    (matter,) = (await place.writer.get("/api/review")).json()["matters"]
    assert (matter["kinds"], matter["calls"]) == ({"rejected": 1}, 1)
    assert matter["suggestion"]["spoken"] == "Certo, accettiamo tutte le carte."
    whole = (await place.writer.get(f"/api/review/{matter['id']}")).json()
    assert whole["misses"][0]["question"] == question
    done = await place.writer.post(f"/api/review/{matter['id']}/approve", json={"title": "le carte"})
    assert done.status_code == 200, done.text
    assert done.json()["served"]
    assert place.knowledge().search(question, "it").candidates[0].article == done.json()["article"]
    assert question in (place.folder / "questions/it.yaml").read_text(encoding="utf-8")
    assert (await place.writer.get("/api/review")).json()["matters"] == []
    assert (await place.writer.post(f"/api/review/{matter['id']}/dismiss")).status_code == 422


async def test_only_who_writes_articles_may(place: Place) -> None:
    for method, path in (
        ("GET", ""), ("GET", "/export"), ("GET", "/audit"), ("POST", "/import"), ("POST", "/publish"),
        ("GET", "/orari"), ("POST", "/orari/check"), ("PUT", "/orari/draft"), ("DELETE", "/orari/draft"),
        ("GET", "/orari/revisions"), ("GET", "/orari/text"), ("POST", "/orari/rollback"),
    ):  # fmt: skip
        for client, status in ((place.operator, 403), (place.stranger, 401)):
            answer = await client.request(method, f"/api/articles{path}", content=json.dumps({}))
            assert answer.status_code in (status, 403), (method, path, answer.text)
    for path in ("", "/00000000", "/00000000/approve", "/00000000/dismiss"):
        method = "POST" if path.count("/") > 1 else "GET"
        answer = await place.operator.request(method, f"/api/review{path}", json={})
        assert answer.status_code == 403
