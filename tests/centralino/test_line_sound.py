"""What is done to callers' sound on a line, `[lines.sound]` in company.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from centralino.company import load_company
from centralino.settings import SettingsError
from tests.centralino.test_line_turns import company  # noqa: F401
from voice.listening.conditioning import Conditioning
from voice.listening.levelling import Level

LINE = '\n[[lines]]\nid = "loud"\nlanguage = "it"\nrecognizer = "whisper"\n[lines.sound]\n'


def add(company: Path, sound: str) -> None:  # noqa: F811
    with (company / "company.toml").open("a") as file:
        file.write(LINE + sound)


def test_a_line_says_what_is_done_to_its_callers_sound(company: Path) -> None:  # noqa: F811
    add(company, "noise = false\nloud_db = -20\nup_db = 6\n")
    lines = load_company(company).lines
    assert lines.get("loud").conditioning == Conditioning(noise=False, level=Level(loud_db=-20, up_db=6))
    assert lines.get("libreria").conditioning == Conditioning()


def test_a_line_may_leave_every_level_as_it_is(company: Path) -> None:  # noqa: F811
    add(company, "level = false\n")
    assert load_company(company).lines.get("loud").conditioning.level is None


@pytest.mark.parametrize(("sound", "complaint"), [("loud_db = -50\n", "soft_db < loud_db"), ("gate = 3\n", "gate")])
def test_what_cannot_be_is_refused_by_name(company: Path, sound: str, complaint: str) -> None:  # noqa: F811
    add(company, sound)
    with pytest.raises(SettingsError, match=complaint):
        load_company(company)
