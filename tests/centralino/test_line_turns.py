"""`[lines.turns]` in company.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import samples
from centralino.company import load_company
from centralino.settings import SettingsError
from voice.listening.endpointing import Endpointing
from voice.speaking.barge_in import BargeIn

LINE = '\n[[lines]]\nid = "slow"\nlanguage = "it"\nrecognizer = "whisper"\n[lines.turns]\n'


@pytest.fixture
def company(tmp_path: Path) -> Path:
    shutil.copytree(Path(samples.__file__).parent / "bookshop", tmp_path / "bookshop")
    return tmp_path / "bookshop"


def add(company: Path, turns: str) -> None:
    with (company / "company.toml").open("a") as file:
        file.write(LINE + turns)


def test_a_line_sets_its_own_patience(company: Path) -> None:
    add(company, "silence_ms = 900\nprotected_ms = 1000\nbarge_in_ms = 300\n")
    lines = load_company(company).lines
    assert lines.get("slow").endpointing == Endpointing(silence_ms=900)
    assert lines.get("slow").barge_in == BargeIn(speech_ms=300, protected_ms=1000)
    assert lines.get("libreria").endpointing == Endpointing()


@pytest.mark.parametrize(
    ("turns", "complaint"), [("silence_ms = 3000\n", "silence_ms <= slow_ms"), ("patience = 3\n", "patience")]
)
def test_what_cannot_be_is_refused_by_name(company: Path, turns: str, complaint: str) -> None:
    add(company, turns)
    with pytest.raises(SettingsError, match=complaint):
        load_company(company)
