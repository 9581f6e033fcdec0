"""A company in a folder, served as far as settings matter: its lines are taken up, nothing is spoken or heard."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from centralino.company import load_company
from centralino.publishing import Publishing
from centralino.reloading import Reloading
from knowledge.revisions import Revisions
from tests.telephony.conftest import FLOWBOOK
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker

ARTICLES = """\
- id: orari
  title: {it: gli orari}
  phrasings: {it: [quando aprite, siete aperti, a che ora chiudete]}
  spoken: {it: Alle nove.}
"""


async def _nothing(*_: object) -> Any:
    return SimpleNamespace(failed=(), made=0)


async def served_company(place: Path, company: str) -> Reloading:
    """company: the text of its company.toml. Italian is heard by Whisper."""
    folder = place / "company"
    (folder / "articles").mkdir(parents=True)
    (folder / "company.toml").write_text(company, encoding="utf-8")
    (folder / "flowbook.yaml").write_text(FLOWBOOK, encoding="utf-8")
    (folder / "articles/a.yaml").write_text(ARTICLES, encoding="utf-8")
    revisions = Revisions(place / "revisions.db")
    choice = EngineChoice("it", "whisper", "whisper-base", "it is there")
    reloading = Reloading(
        folder, load_company(folder, None, revisions), Publishing(folder, revisions),
        cast(Recognizers, SimpleNamespace(choice=lambda language: choice)),
        cast(Speaker, SimpleNamespace(add=lambda voices: None, prerender=_nothing, warm_up=_nothing)),
        ModelStore(place), lambda lines: None, place / "lines.json",
    )  # fmt: skip
    await reloading.begin()
    return reloading
