"""How patient a line is, `[lines.turns]` in company.toml, and a step of its flowbook, `turns:`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import samples
from centralino.company import load_company
from centralino.settings import SettingsError
from dialogs.events import TurnSettings
from dialogs.problems import FlowbookErrors
from telephony.turn_limits import barge_in_with, endpointing_with
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


ORDER = "  order_status:\n    - fill:\n"


def give_the_order_number(company: Path, turns: str) -> int:
    """Its step, these `turns`; returns the line on which they stand."""
    book = company / "flowbook.yaml"
    text = book.read_text(encoding="utf-8")
    assert text.count(ORDER) == 1
    written = text.replace(ORDER, f"  order_status:\n    - turns: {{{turns}}}\n      fill:\n")
    book.write_text(written, encoding="utf-8")
    return written[: written.index("turns: {")].count("\n") + 1


def test_a_step_wins_over_its_line_and_a_line_over_the_defaults() -> None:
    line, rule = Endpointing(silence_ms=900, slow_ms=2000), BargeIn(speech_ms=200)
    step = TurnSettings(silence_ms=1500, protected_ms=0)
    assert endpointing_with(line, step) == Endpointing(silence_ms=1500, slow_ms=2000)
    assert barge_in_with(rule, step) == BargeIn(speech_ms=200, protected_ms=0)
    assert (endpointing_with(line, None), barge_in_with(rule, None)) == (line, rule)


def test_a_step_must_go_with_every_line(company: Path) -> None:
    at = give_the_order_number(company, "silence_ms: 1000")
    add(company, "slow_ms = 900\n")
    with pytest.raises(FlowbookErrors) as caught:
        load_company(company)
    (told,) = map(str, caught.value.errors)
    assert told.startswith(f"flowbook.yaml:{at}:")
    assert ": flow 'order_status', step 1: turns: on line 'slow': need 0 < look_ms" in told
    assert f"got {Endpointing().look_ms}, 250, 400, 1000, 900" in told
