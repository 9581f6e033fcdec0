"""Lines, calendars and retention are edited in the console, and the server uses them."""

from __future__ import annotations

import asyncio
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from centralino.reloading import Reloading
from centralino.retention_settings import RetentionSettings
from centralino.served_settings import ServedSettings
from telephony.lines import Line
from tests.served_company import served_company

COMPANY = """\
# of the shop
name = "Prova"

[[lines]]
id = "uno"  # the first
title = "Libreria"     # as people read it
number = "+390510000001"
language = "it"
"""
CALENDAR = {
    "tz": "Europe/Rome",
    "holidays": "IT",
    "week": {**{day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "sat": [], "sun": []},
    "overrides": [{"on": "2026-12-24", "hours": ["09:00-12:00"]}],
}


@dataclass
class Place:
    house: Any
    reloading: Reloading
    boss: httpx.AsyncClient
    writer: httpx.AsyncClient

    @property
    def folder(self) -> Path:
        return self.reloading.folder

    @property
    def file(self) -> str:
        return (self.folder / "company.toml").read_text(encoding="utf-8")

    @property
    def line(self) -> Line:
        """As a call that begins now has it."""
        return self.reloading.company.lines.get("uno")

    async def shown(self) -> dict[str, Any]:
        answer = await self.writer.get("/api/settings")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def line_with(self, **values: Any) -> dict[str, Any]:
        """The body that changes the line."""
        shown = await self.shown()
        fields = {key: value for key, value in shown["lines"][0].items() if key not in NOT_SENT}
        return {"revision": shown["revision"], "line": {**fields, **values}}

    async def set_line(self, **values: Any) -> httpx.Response:
        return await self.boss.put("/api/settings/lines/uno", json=await self.line_with(**values))

    async def audited(self) -> list[tuple[str, str, Any]]:
        """What was changed of which, and from what to what."""
        query = text("SELECT action, subject_id, detail FROM audit_log WHERE action LIKE 'settings.%' ORDER BY seq")
        rows = await self.house.timeline.read(lambda connection: connection.execute(query).all())
        return [(action, subject, json.loads(detail)["changes"]) for action, subject, detail in rows]


NOT_SENT = {"id", "flowbook", "languages", "flows", "more"}


@pytest.fixture
async def place(house_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    reloading = await served_company(tmp_path, COMPANY)
    house = house_of(settings_shelf=ServedSettings(reloading, RetentionSettings()))
    _, boss = await house.member("paola", "sysadmin")
    _, writer = await house.member("anna", "flow-admin")
    return Place(house, reloading, boss, writer)


async def test_a_line_is_changed_in_its_file_and_calls_are_on_it_at_once(place: Place) -> None:
    shown = await place.shown()
    assert (shown["file"], shown["served"], shown["why"]) == ("company.toml", True, [])
    (line,) = shown["lines"]
    assert (line["id"], line["flowbook"], line["languages"], line["more"]) == ("uno", "flowbook.yaml", ["it"], [])
    answer = await place.set_line(title="Libreria Nuova", human_number="+390511234567", recording="after_notice")
    assert answer.status_code == 200, answer.text
    assert answer.json()["served"] is True
    assert (place.line.title, place.line.human_number, place.line.recording.after_notice) == (
        "Libreria Nuova", "+390511234567", True,
    )  # fmt: skip
    assert 'id = "uno"  # the first\ntitle = "Libreria Nuova"     # as people read it\n' in place.file
    assert place.file.startswith("# of the shop\n")
    assert (await place.shown())["revision"] == answer.json()["revision"]
    assert await place.audited() == [
        (
            "settings.line_set", "uno",
            {
                "title": {"from": "Libreria", "to": "Libreria Nuova"},
                "human_number": {"from": "", "to": "+390511234567"},
                "recording": {"from": "off", "to": "after_notice"},
            },
        )
    ]  # fmt: skip
    again = await place.set_line()
    assert (again.status_code, again.json()["revision"]) == (200, answer.json()["revision"])
    assert len(await place.audited()) == 1, "what says the same is no change"


async def test_words_to_recognise_correct_what_is_heard(place: Place) -> None:
    heard = "avete i libri di camileri"
    assert place.line.hints is not None
    assert place.line.hints.correct(heard).text == heard
    wanted = {"revision": (await place.shown())["revision"], "words": ["Camilleri", "Adelphi"]}
    answer = await place.writer.put("/api/settings/lines/uno/words", json=wanted)
    assert answer.status_code == 200, answer.text
    assert place.line.hints.correct(heard).text == "avete i libri di camilleri"
    assert tomllib.loads(place.file)["lines"][0]["words"] == ["Camilleri", "Adelphi"]
    assert await place.audited() == [
        ("settings.line_set", "uno", {"words": {"added": ["Camilleri", "Adelphi"], "removed": []}})
    ]


async def test_a_calendar_is_made_used_changed_and_goes(place: Place) -> None:
    async def put(calendar: Any) -> httpx.Response:
        body = {"revision": (await place.shown())["revision"], "calendar": calendar}
        return await place.writer.put("/api/settings/calendars/negozio", json=body)

    assert (await put(CALENDAR)).status_code == 200
    (calendar,) = (await place.shown())["calendars"]
    assert (calendar["name"], calendar["lines"], calendar["week"]["fri"]) == ("negozio", [], ["09:00-18:00"])
    hours = {"calendar": "negozio", "closed": "", "forward": "+390511234567"}
    assert (await place.set_line(hours=hours)).status_code == 200
    assert place.line.hours is not None
    assert place.line.hours.calendar.week["fri"][0].to_min == 18 * 60
    assert (await put({**CALENDAR, "week": {**CALENDAR["week"], "fri": ["09:00-17:00"]}})).status_code == 200
    assert place.line.hours.calendar.week["fri"][0].to_min == 17 * 60
    assert (await place.audited())[-1][2] == {
        "week": {"from": "mon-fri 09:00-18:00", "to": "mon-thu 09:00-18:00; fri 09:00-17:00"}
    }

    gone = f"/api/settings/calendars/negozio?revision={(await place.shown())['revision']}"
    refused = await place.writer.delete(gone)
    assert refused.status_code == 422
    assert "there is no calendar 'negozio'" in refused.json()["detail"]["message"]
    assert (await place.set_line(hours=None)).status_code == 200
    gone = f"/api/settings/calendars/negozio?revision={(await place.shown())['revision']}"
    assert (await place.writer.delete(gone)).status_code == 200
    assert "calendars" not in tomllib.loads(place.file)
    assert (await place.writer.delete(gone)).status_code == 409


async def test_what_is_wrong_is_told_at_its_field_and_changes_nothing(place: Place) -> None:
    before = place.file
    for values, field, why in (
        ({"number": "051 123"}, "number", "pattern"),
        ({"language": "fr"}, "language", "no texts"),
        ({"voice_engine": "sirena"}, "voice_engine", "there are pyttsx3"),
        ({"recording": "always"}, "recording", "'off' or 'after_notice'"),
        ({"recordings_kept_days": 0}, "recordings_kept_days", "greater than or equal to 1"),
        ({"hours": {"calendar": "negozio", "closed": "x", "forward": ""}}, "hours", "there is no calendar 'negozio'"),
        ({"words": [""]}, "words.0", "at least 1"),
    ):
        answer = await place.set_line(**values)
        assert answer.status_code == 422, answer.text
        detail = answer.json()["detail"]
        assert detail["code"] == "settings_refused"
        assert any(one["field"] == field and why in one["message"] for one in detail["problems"]), detail
    wrong = {**CALENDAR, "tz": "Europe/Roma", "week": {**CALENDAR["week"], "sat": ["13:00-9"]}}
    body = {"revision": (await place.shown())["revision"], "calendar": wrong}
    detail = (await place.boss.put("/api/settings/calendars/negozio", json=body)).json()["detail"]
    assert {one["field"] for one in detail["problems"]} == {"tz", "week.sat.0"}
    assert place.file == before
    assert await place.audited() == []


async def test_nobody_writes_over_what_another_wrote(place: Place) -> None:
    mine, theirs = await place.line_with(title="Mia"), await place.line_with(title="Loro")
    both = await asyncio.gather(*(place.boss.put("/api/settings/lines/uno", json=body) for body in (mine, theirs)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    lost = next(answer for answer in both if answer.status_code == 409)
    assert lost.json()["detail"]["code"] == "changed_meanwhile"
    by_hand = await place.line_with(title="Ancora")
    (place.folder / "company.toml").write_text(place.file + "# edited by hand\n")
    assert (await place.boss.put("/api/settings/lines/uno", json=by_hand)).status_code == 409
    assert place.file.endswith("# edited by hand\n")


async def test_what_needs_a_restart_is_written_only_when_that_is_wanted(place: Place) -> None:
    refused = await place.set_line(recognizer="vosk")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "after_restart")
    assert place.file == COMPANY
    body = {**await place.line_with(recognizer="vosk"), "restart": True}
    answer = (await place.boss.put("/api/settings/lines/uno", json=body)).json()
    assert answer["served"] is False
    assert "restart the server" in answer["why"][0]
    assert 'recognizer = "vosk"' in place.file
    assert place.reloading.company.engines["it"] is None
    shown = await place.shown()
    assert (shown["served"], shown["why"]) == (False, answer["why"])


async def test_a_file_that_cannot_be_written_stays_whole(place: Place) -> None:
    (place.folder / ".company.toml.part").mkdir()
    answer = await place.set_line(title="Nuova")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "file_not_written")
    assert "must be able to write company.toml" in answer.json()["detail"]["message"]
    assert (place.file, place.line.title) == (COMPANY, "Libreria")
    assert await place.audited() == []


async def test_without_the_audit_log_nothing_is_changed(place: Place) -> None:
    body = await place.line_with(title="Nuova")
    await place.house.journal.close()
    assert (await place.boss.put("/api/settings/lines/uno", json=body)).status_code == 503
    assert (place.file, place.line.title) == (COMPANY, "Libreria")
    assert [path.name for path in place.folder.iterdir() if path.name.endswith(".part")] == []


async def test_lines_come_and_go(place: Place) -> None:
    fields = {**(await place.line_with(title="Seconda", number="+390510000002"))["line"], "words": ["Adelphi"]}
    body = {"revision": (await place.shown())["revision"], "id": "due", "line": fields}
    taken = await place.boss.post("/api/settings/lines", json={**body, "id": "uno"})
    assert taken.json()["detail"]["problems"] == [{"field": "id", "message": "another line is called 'uno', too"}]
    answer = await place.boss.post("/api/settings/lines", json=body)
    assert answer.status_code == 201, answer.text
    assert place.reloading.company.lines.get("+390510000002").title == "Seconda"
    gone = await place.boss.delete(f"/api/settings/lines/due?revision={answer.json()['revision']}")
    assert gone.status_code == 200, gone.text
    assert [line.id for line in place.reloading.company.lines] == ["uno"]
    assert place.file.strip() == COMPANY.strip()
    last = await place.boss.delete(f"/api/settings/lines/uno?revision={gone.json()['revision']}")
    assert last.status_code == 422, "a company has a line"
    assert [action for action, _, _ in await place.audited()] == ["settings.line_added", "settings.line_removed"]


async def test_retention_is_written_into_the_settings_for_the_next_start(place: Place, tmp_path: Path) -> None:
    url = "/api/settings/retention"
    shown = (await place.boss.get(url)).json()
    days = {"audio_days": None, "transcript_days": None, "facts_days": None}
    assert (shown["revision"], shown["now"]) == ("", {**days, "channels": {}})
    assert shown["file"] == str(tmp_path / "centralino.toml")
    wanted = {**days, "audio_days": 90, "channels": {"email": {"transcript_days": 730}}}
    made = await place.boss.put(url, json={"revision": "", "retention": wanted})
    assert made.status_code == 200, made.text
    assert made.json()["served"] is False
    file = tmp_path / "centralino.toml"
    file.write_text(f"# by hand\nport = 8090\n{file.read_text()}".replace("audio_days = 90", "audio_days = 90  # days"))
    shown = (await place.boss.get(url)).json()
    assert shown["next"]["channels"]["email"]["transcript_days"] == 730
    assert shown["next"]["audio_days"] == 90
    assert shown["now"]["audio_days"] is None

    wanted = {**days, "audio_days": 30, "facts_days": 20, "channels": {}}
    wrong = await place.boss.put(url, json={"revision": shown["revision"], "retention": wanted})
    assert wrong.status_code == 422
    assert "facts_days is 20, less than audio_days, 30" in wrong.json()["detail"]["problems"][0]["message"]
    wanted = {**days, "audio_days": 30, "channels": {"chat": {"facts_days": 10}}}
    done = await place.boss.put(url, json={"revision": shown["revision"], "retention": wanted})
    assert done.status_code == 200, done.text
    assert file.read_text().startswith("# by hand\nport = 8090\n")
    assert "audio_days = 30  # days" in file.read_text()
    written = {"audio_days": 30, "channels": {"chat": {"facts_days": 10}}}
    assert tomllib.loads(file.read_text()) == {"port": 8090, "retention": written}
    assert (await place.audited())[-1][1:] == (
        "retention",
        {
            "audio_days": {"from": 90, "to": 30},
            "email.transcript_days": {"from": 730, "to": None},
            "chat.facts_days": {"from": None, "to": 10},
        },
    )
    query = text("SELECT actor FROM audit_log WHERE action = 'settings.retention_set' ORDER BY seq")
    who = await place.house.timeline.read(lambda connection: connection.execute(query).scalars().all())
    assert who == [(await place.boss.get("/api/me")).json()["id"]] * 2


async def test_an_environment_that_wins_over_the_file_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_RETENTION__AUDIO_DAYS", "5")
    shown = (await place.boss.get("/api/settings/retention")).json()
    assert (shown["from_environment"], shown["next"]["audio_days"]) == (["CENTRALINO_RETENTION__AUDIO_DAYS"], 5)


async def test_only_who_may_sees_and_changes_what_they_may(place: Place) -> None:
    body = await place.line_with(title="Nuova")
    days = {"revision": "", "retention": {"channels": {}}}
    words = {"revision": body["revision"], "words": ["Adelphi"]}
    calendar = {"revision": body["revision"], "calendar": CALENDAR}

    async def asked(client: httpx.AsyncClient) -> list[int]:
        answers = [
            await client.get("/api/settings"),
            await client.put("/api/settings/lines/nessuna/words", json=words),
            await client.put("/api/settings/calendars/negozio", json={**calendar, "revision": "old"}),
            await client.delete("/api/settings/calendars/negozio?revision=old"),
            await client.get("/api/settings/retention"),
            await client.put("/api/settings/retention", json={**days, "revision": "old"}),
            await client.post("/api/settings/lines", json={**body, "id": "due", "revision": "old"}),
            await client.put("/api/settings/lines/uno", json={**body, "revision": "old"}),
            await client.delete("/api/settings/lines/uno?revision=old"),
        ]
        return [answer.status_code for answer in answers]

    assert await asked(place.boss) == [200, 404, 409, 409, 200, 409, 409, 409, 409]
    assert await asked(place.writer) == [200, 404, 409, 409, 403, 403, 403, 403, 403]
    for role in ("operator", "supervisor", "privacy-officer"):
        _, client = await place.house.member(role, role)
        assert set(await asked(client)) == {403}
    async with place.house.browser() as nobody:
        assert set(await asked(nobody)) == {401}
    del place.boss.headers["X-CSRF-Token"]
    assert (await place.boss.put("/api/settings/lines/uno", json=body)).status_code == 403
    async with place.house.browser("https://evil.example") as evil:
        evil.cookies.set("centralino", place.boss.cookies["centralino"])
        assert (await evil.put("/api/settings/lines/uno", json=body)).json()["detail"]["code"] == "foreign_origin"
    assert place.file == COMPANY
