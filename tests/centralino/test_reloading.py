"""A company that is edited while it is served."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from centralino import reloading
from centralino.company import load_company
from centralino.reloading import Reloading
from centralino.revisions import Revisions
from telephony.lines import Lines
from tests.telephony.conftest import FLOWBOOK
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

COMPANY = """name = "Prova"
[[lines]]
id = "uno"
number = "+390510000001"
language = "it"
"""
ARTICLES = """
- id: orari
  title: {it: gli orari}
  phrasings: {it: [a che ora aprite, quali sono gli orari, quando siete aperti]}
  spoken: {it: Apriamo alle nove.}
"""


class Served:
    """What a server would have of the company in `folder`."""

    def __init__(self, folder: Path, speaker: Speaker) -> None:
        self.folder, self.speaker = folder, speaker
        self.taken_up: list[Lines] = []
        self.cached_when_taken: list[bool] = []
        choice = EngineChoice("it", "whisper", "whisper-base", "it is there")
        recognizers = cast(Recognizers, SimpleNamespace(choice=lambda language: choice))
        revisions = Revisions(folder / "kept")
        company = load_company(folder / "company", revisions=revisions)
        self.reloading = Reloading(
            folder / "company", company, revisions, recognizers, speaker, ModelStore(folder), self._take_up,
            folder / "lines.json",
        )  # fmt: skip

    def _take_up(self, lines: Lines) -> None:
        self.taken_up.append(lines)
        line = lines.get("uno")
        self.cached_when_taken.append(self.speaker.cached(line.book.texts["bye"]["it"], line.voice))

    def edit(self, name: str, old: str, new: str) -> int:
        """Returns the line on which the new text stands."""
        path = self.folder / "company" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    @property
    def status(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "lines.json").read_text()))


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    company = tmp_path / "company"
    (company / "articles").mkdir(parents=True)
    (company / "company.toml").write_text(COMPANY)
    (company / "flowbook.yaml").write_text(FLOWBOOK, encoding="utf-8")
    (company / "articles" / "a.yaml").write_text(ARTICLES)
    speaker = Speaker(tmp_path / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    one = Served(tmp_path, speaker)
    await one.reloading.begin()
    yield one
    await speaker.close()


async def test_an_edit_is_taken_up_with_its_prompts_and_who_has_the_old_line_keeps_it(served: Served) -> None:
    before = served.reloading.company.lines.get("uno")
    served.edit("flowbook.yaml", "bye: {it: Ciao.}", "bye: {it: Arrivederci a tutti.}")
    outcome = await served.reloading.reload("test")
    assert outcome.ok, outcome.errors
    after = served.taken_up[-1].get("uno")
    assert after.book.texts["bye"]["it"] == "Arrivederci a tutti."
    assert served.cached_when_taken == [True]
    assert before.book.texts["bye"]["it"] == "Ciao."
    assert outcome.lines["uno"]["revision"] == after.book.revision != before.book.revision
    assert served.status["lines"]["uno"]["revision"] == after.book.revision


async def test_what_is_wrong_is_told_with_file_and_line_and_changes_nothing(served: Served) -> None:
    at = served.edit("flowbook.yaml", "- say: bye", "- say: addio")
    outcome = await served.reloading.reload("test")
    assert not outcome.ok
    assert any(f"flowbook.yaml:{at}:" in error and "addio" in error for error in outcome.errors)
    assert not served.taken_up
    assert served.status["errors"] == list(outcome.errors)
    served.edit("flowbook.yaml", "- say: addio", "- say: bye")

    at = served.edit("articles/a.yaml", "spoken: {it: Apriamo alle nove.}", "spoken: {it: Vedi www.esempio.it}")
    assert any(f"a.yaml:{at}:" in error for error in (await served.reloading.reload("test")).errors)
    served.edit("articles/a.yaml", "Vedi www.esempio.it", "Apriamo alle nove.")

    at = served.edit("company.toml", 'language = "it"', 'language = "italiano"')
    (error,) = (await served.reloading.reload("test")).errors
    assert f"company.toml:{at}: lines.0.language" in error
    assert not served.taken_up


@pytest.mark.parametrize(
    ("added", "line", "told"),
    [
        ('voice_engine = "sirena"', 6, "sirena"),
        ('flowbook = "altro.yaml"', 6, "altro.yaml"),
        ('revision = "abcdef"', 6, "no revision abcdef was kept"),
        ('[lines.hours]\ncalendar = "ufficio"\nclosed = "x"', 6, "no calendar 'ufficio'"),
        ('[lines.hours]\ncalendar = "ufficio"', 6, "`forward`"),
        ('[calendars.u]\nweek = {lun = ["08:00-09:00"]}', 7, "mon-fri"),
        ('[[lines]]\nid = "uno"\nlanguage = "it"', 7, "another line is called 'uno'"),
        ("x = = 1", 6, "Invalid value"),
    ],
)
async def test_company_toml_says_on_which_line_it_is_wrong(served: Served, added: str, line: int, told: str) -> None:
    with (served.folder / "company" / "company.toml").open("a") as file:
        file.write(added + "\n")
    (error,) = (await served.reloading.reload("test")).errors
    assert f"company.toml:{line}:" in error
    assert told in error


async def test_a_line_may_stay_on_the_revision_it_had(served: Served) -> None:
    old = served.reloading.company.book.revision
    served.edit("company.toml", 'id = "uno"', f'id = "uno"\nrevision = "{old[:7]}"')
    served.edit("flowbook.yaml", "bye: {it: Ciao.}", "bye: {it: Arrivederci.}")
    outcome = await served.reloading.reload("test")
    assert outcome.ok, outcome.errors
    line = served.taken_up[-1].get("uno")
    assert (line.book.revision, line.book.texts["bye"]["it"]) == (old, "Ciao.")


async def test_edits_are_noticed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "LOOK_S", 0.05)
    watching = asyncio.create_task(served.reloading.watch())
    try:
        await asyncio.sleep(0.2)
        served.edit("articles/a.yaml", "alle nove", "alle dieci")
        async with asyncio.timeout(60):
            while not served.taken_up:
                await asyncio.sleep(0.05)
        assert "Apriamo alle dieci." in served.reloading.company.knowledge.spoken_texts("it")
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
