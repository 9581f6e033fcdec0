"""Whether a line would work: what is seen without a call. A call of it is in tests/calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from centralino.company import Company, load_company
from centralino.line_call import UNDERSTOOD, share_heard
from centralino.line_checks import usual_door
from centralino.line_parts import Found, of_door, of_model, of_queues, of_settings, of_voice
from centralino.settings import Settings, load_settings
from console.accounts import Accounts
from dialogs.calendars import Calendar
from telephony.lines import Hours, Line
from voice.models import ModelStore
from voice.speaking.synthesizer import Voice

NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    return load_company(load_settings().company)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path, human_number="+390511234567", public_url="https://phone.example.org")


def by_name(found: list[Found]) -> dict[str, tuple[str, str]]:
    """what: (status, what is told)."""
    return {one.what: (one.status, f"{one.detail} → {one.way_out}") for one in found}


def test_a_line_that_is_well(company: Company, settings: Settings) -> None:
    found = list(of_settings(settings, company, company.lines.get("libreria"), NOON))
    assert {one.status for one in found} == {"ok"}, found


def test_what_is_missing_is_told_with_the_way_out(company: Company, settings: Settings) -> None:
    alone = settings.model_copy(update={"human_number": "", "public_url": "http://127.0.0.1:8080"})
    line = replace(company.lines.get("libreria"), number="")
    found = by_name([*of_settings(alone, company, line, NOON), *of_door(alone, line, "twilio")])
    for what, told in (
        ("number", "company.toml"),
        ("human", "human_number"),
        ("public address", "CENTRALINO_PUBLIC_URL"),
        ("credentials", "CENTRALINO_TWILIO_AUTH_TOKEN"),
    ):
        assert found[what][0] == "warn"
        assert told in found[what][1]
    assert by_name(list(of_door(alone, line, "telnyx")))["credentials"][0] == "fail"


def test_a_human_who_is_the_line_itself_would_ring_for_ever(company: Company, settings: Settings) -> None:
    line = replace(company.lines.get("libreria"), human_number="+390510000001")
    assert by_name(list(of_settings(settings, company, line, NOON)))["human"][0] == "fail"


def test_hours_say_when_it_opens(company: Company, settings: Settings) -> None:
    def told(line: Line) -> tuple[str, str]:
        return by_name(list(of_settings(settings, company, line, NOON)))["hours"]

    line = company.lines.get("libreria")
    evenings = Calendar.model_validate({"week": {"mon-fri": ["20:00-22:00"]}})
    assert "until 2026-11-27 20:00" in told(replace(line, hours=Hours(evenings, closed_flow="chiuso")))[1]
    never = Calendar.model_validate({"week": {}})
    assert told(replace(line, hours=Hours(never, forward="+39051")))[0] == "warn"


async def test_a_missing_model_and_a_missing_voice_fail(company: Company, settings: Settings, tmp_path: Path) -> None:
    line, empty = company.lines.get("libreria"), ModelStore(tmp_path / "nothing")
    found, choice = of_model(line, company, empty)
    assert (found.status, choice) == ("fail", None)
    assert "centralino" in found.way_out
    mute = replace(line, voice=Voice("piper", "it", "nowhere.onnx"))
    (found,) = await of_voice(mute, company, settings, empty)
    assert (found.what, found.status) == ("voice", "fail")


async def test_queues_need_somebody(company: Company, settings: Settings) -> None:
    line = company.lines.get("libreria")
    assert [one.status for one in await of_queues(line, settings, {})] == ["warn", "warn"]
    accounts = await Accounts.open(settings.accounts_path)
    await accounts.create_account("anna", "Anna", ["operator"], ["ordini"])
    await accounts.close()
    found = by_name(await of_queues(line, settings, {"operators": 1}))
    assert found["queue ordini"][0] == "ok"
    assert "--queue assistenza" in found["queue assistenza"][1]
    queues = {**line.book.queues, "ordini": line.book.queues["ordini"].model_copy(update={"skills": ("tedesco",)})}
    asks = replace(line, book=line.book.model_copy(update={"queues": queues}))
    found = by_name(await of_queues(asks, settings, {"operators": 1}))
    assert found["queue ordini"][0] == "warn", "nobody has what its callers need"


def test_what_is_heard_back(settings: Settings) -> None:
    said = "Libreria Portici, buongiorno. Le risponde un assistente virtuale automatico."
    assert share_heard(said, "libreria portici buongiorno le risponde un assistente virtuale automatico") == 1
    badly = "Rimene di aportici, un giorno, le diponde la si sente virtuare automatico"
    assert UNDERSTOOD < 0.5 < share_heard(said, badly)
    assert share_heard(said, "il numero selezionato non è attivo, la preghiamo di richiamare") < UNDERSTOOD / 2
    assert share_heard("안녕하세요, 포르티치 서점입니다", "안녕하세요 포르티치 서점 입니다") > 0.8
    assert usual_door(settings) == "twilio"
