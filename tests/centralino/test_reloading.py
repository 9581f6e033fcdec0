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
from centralino.pinned_book import pinned_book
from centralino.publishing import Publishing, document_of
from centralino.reloading import Reloading
from dialogs.problems import FlowbookErrors
from knowledge.revision import Conflict
from knowledge.revisions import Revisions
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
        revisions = Revisions(folder / "revisions.db")
        company = load_company(folder / "company", revisions=revisions)
        self.reloading = Reloading(
            folder / "company", company, Publishing(folder / "company", revisions), recognizers, speaker,
            ModelStore(folder), self._take_up,
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
    one.taken_up.clear()
    one.cached_when_taken.clear()
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
        ('revision = "abcdef"', 6, "no revision 'abcdef'; there are 1 to 1"),
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


def bye(text: str) -> str:
    return FLOWBOOK.replace("bye: {it: Ciao.}", f"bye: {{it: {text}}}")


async def test_what_is_published_is_taken_up_once_and_has_the_next_number(served: Served) -> None:
    publishing = served.reloading.publishing
    flow = publishing.file("door")
    before = served.reloading.company.lines.get("uno")
    assert before.revision_number == 1
    revision, _ = await served.reloading.publish(flow, bye("A domani."), who="anna", message="saluto", base=1)
    after = served.taken_up[-1].get("uno")
    assert (revision.number, after.revision_number, after.book.texts["bye"]["it"]) == (2, 2, "A domani.")
    assert served.cached_when_taken == [True]
    assert flow.path.read_text(encoding="utf-8") == bye("A domani.")
    assert publishing.revisions.unplaced("flowbook") == []
    assert served.status["lines"]["uno"]["revision_number"] == "2"
    assert before.book.texts["bye"]["it"] == "Ciao."
    began = {"id": "door", "revision": before.book.revision, "number": 1}
    then = pinned_book(served.reloading.company, publishing.revisions, began)
    assert then
    assert (then.revision, then.texts["bye"]["it"]) == (before.book.revision, "Ciao.")
    assert pinned_book(served.reloading.company, publishing.revisions, {**began, "revision": "abcdef012345"}) is None
    assert (await served.reloading.reload("the same file again")).ok
    assert len(publishing.revisions.revisions(document_of(flow))) == 2, "reading the file again makes no revision"

    old = publishing.revisions.read(document_of(flow), 1).decode()
    back, _ = await served.reloading.publish(flow, old, who="bruno", message="no", base=2, again=1)
    assert (back.number, back.of, served.taken_up[-1].get("uno").book.texts["bye"]["it"]) == (3, 1, "Ciao.")


async def test_what_cannot_be_used_or_was_overtaken_is_not_published(served: Served) -> None:
    publishing = served.reloading.publishing
    flow = publishing.file("flowbook.yaml")
    for text, why in (
        (FLOWBOOK.replace("- say: bye", "- say: addio"), "addio"),
        (FLOWBOOK.replace("id: door", "id: porta"), "a flowbook keeps its id"),
        ("a: [", "no YAML"),
    ):
        with pytest.raises(FlowbookErrors, match=why):
            await served.reloading.publish(flow, text, who="anna", message="", base=1)
    served.edit("flowbook.yaml", "Ciao.", "Ciao ciao.")
    with pytest.raises(Conflict, match="revision 2 was published since revision 1"):
        await served.reloading.publish(flow, bye("A domani."), who="anna", message="", base=1)
    assert flow.path.read_text(encoding="utf-8") == bye("Ciao ciao.")
    assert not served.taken_up
    assert [one.what for one in publishing.revisions.revisions(document_of(flow))] == ["found", "found"]
    assert [path.name for path in flow.path.parent.iterdir() if path.name.endswith(".part")] == []


async def test_a_line_may_stay_on_a_number(served: Served) -> None:
    flow = served.reloading.publishing.file("door")
    served.edit("company.toml", 'id = "uno"', 'id = "uno"\nrevision = 1')
    await served.reloading.publish(flow, bye("A domani."), who="anna", message="", base=1)
    line = served.taken_up[-1].get("uno")
    assert (line.revision_number, line.book.texts["bye"]["it"]) == (1, "Ciao.")
