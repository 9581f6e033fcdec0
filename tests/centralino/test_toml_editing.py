"""A TOML file in which values are changed, and everything else stays as somebody wrote it."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from centralino.company_editing import with_calendar, with_line
from centralino.company_file import CompanySection
from centralino.toml_editing import NotEditable, with_element, with_table, with_values, without

COMPANY = """\
# of the shop
name = "Prova"

[calendars.negozio]   # the shop itself
tz = "Europe/Rome"
holidays = "IT-BO"              # and Bologna's patron saint
week = {mon-fri = ["09:00-13:00", "15:00-19:30"], sat = ["9:00-13:00"]}  # every week
overrides = [
  {on = 2026-12-24, hours = ["09:00-12:00"]},
  # august
  {on = 2026-08-10, until = 2026-08-24, every_year = true},   # closed
]

[[lines]]
id = "uno"  # the first
title = "Libreria"     # as people read it
number = "+390510000001"
language = "it"
recognizer = "whisper"

# when it is closed
[lines.hours]
calendar = "negozio"
closed = "chiuso"  # a flow

# the second
[[lines]]
id = "due"
language = "it"
recognizer = "whisper"  # as the first
# the end
"""
WEEK = {"mon": ["09:00-13:00", "15:00-19:30"]}
DAYS = ("mon", "tue", "wed", "thu", "fri")
CALENDAR = {
    "tz": "Europe/Rome",
    "holidays": "IT-BO",
    "week": {**{day: ["09:00-13:00", "15:00-19:30"] for day in DAYS}, "sat": ["09:00-13:00"], "sun": []},
    "overrides": [
        {"on": date(2026, 12, 24), "until": None, "every_year": False, "hours": ["09:00-12:00"]},
        {"on": date(2026, 8, 10), "until": date(2026, 8, 24), "every_year": True, "hours": []},
    ],
}
DESCRIBED = CompanySection.model_validate(tomllib.loads(COMPANY))


def changed(before: str, after: str) -> list[str]:
    """Lines that went and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


def test_a_line_changes_where_it_is_written_and_nothing_else_moves() -> None:
    values = {"title": "Libreria Nuova", "words": ["Camilleri", "Adelphi"], "number": ""}
    edit = with_line(COMPANY, DESCRIBED, 0, values)
    assert changed(COMPANY, edit.text) == [
        '-title = "Libreria"     # as people read it',
        '-number = "+390510000001"',
        '+title = "Libreria Nuova"     # as people read it',
        '+words = ["Camilleri", "Adelphi"]',
    ]
    lines = edit.text.splitlines()
    assert lines[lines.index('recognizer = "whisper"') + 1] == '+words = ["Camilleri", "Adelphi"]'[1:]
    assert edit.changes == {
        "title": {"from": "Libreria", "to": "Libreria Nuova"},
        "words": {"added": ["Camilleri", "Adelphi"], "removed": []},
        "number": {"from": "+390510000001", "to": ""},
    }
    again = with_line(edit.text, CompanySection.model_validate(tomllib.loads(edit.text)), 0, {"words": ["Adelphi"]})
    assert 'words = ["Adelphi"]' in again.text
    assert again.changes == {"words": {"added": [], "removed": ["Camilleri"]}}


def test_hours_change_in_their_table_and_begin_in_one_line() -> None:
    hours = {"calendar": "negozio", "closed": "", "forward": "+390511234567"}
    edit = with_line(COMPANY, DESCRIBED, 0, {"hours": hours})
    assert changed(COMPANY, edit.text) == ['-closed = "chiuso"  # a flow', '+forward = "+390511234567"']
    edit = with_line(COMPANY, DESCRIBED, 1, {"hours": hours})
    assert changed(COMPANY, edit.text) == ['+hours = {calendar = "negozio", forward = "+390511234567"}']
    gone = with_line(COMPANY, DESCRIBED, 0, {"hours": None})
    assert changed(COMPANY, gone.text) == [
        "-# when it is closed", "-[lines.hours]", '-calendar = "negozio"', '-closed = "chiuso"  # a flow',
    ]  # fmt: skip


def test_lines_of_one_language_get_the_same_recognizer() -> None:
    edit = with_line(COMPANY, DESCRIBED, 0, {"recognizer": "vosk"})
    assert 'recognizer = "vosk"  # as the first' in edit.text
    assert edit.changes == {"recognizer": {"from": "whisper", "to": "vosk", "also": ["due"]}}
    usual = with_line(COMPANY, DESCRIBED, 0, {"recognizer": "auto"})
    assert "recognizer" not in usual.text


def test_a_calendar_keeps_the_rows_and_the_days_that_stay() -> None:
    week = {**CALENDAR["week"], "sat": [], "sun": ["10:00-13:00"]}  # type: ignore[dict-item]
    new = {"on": date(2027, 1, 7), "until": None, "every_year": False, "hours": []}
    wanted = {**CALENDAR, "week": week, "overrides": [CALENDAR["overrides"][1], new]}  # type: ignore[index]
    edit = with_calendar(COMPANY, DESCRIBED, "negozio", wanted)
    assert changed(COMPANY, edit.text) == [
        '-week = {mon-fri = ["09:00-13:00", "15:00-19:30"], sat = ["9:00-13:00"]}  # every week',
        '-  {on = 2026-12-24, hours = ["09:00-12:00"]},',
        '+week = {mon-fri = ["09:00-13:00", "15:00-19:30"], sun = ["10:00-13:00"]}  # every week',
        "+  {on = 2027-01-07},",
    ]
    assert edit.changes["week"] == {
        "from": "mon-fri 09:00-13:00, 15:00-19:30; sat 09:00-13:00",
        "to": "mon-fri 09:00-13:00, 15:00-19:30; sun 10:00-13:00",
    }
    assert edit.changes["overrides"] == {"added": ["2027-01-07: closed"], "removed": ["2026-12-24: 09:00-12:00"]}
    assert with_calendar(COMPANY, DESCRIBED, "negozio", CALENDAR).text == COMPANY


def test_a_row_of_days_is_split_when_one_of_them_differs() -> None:
    week = {**CALENDAR["week"], "wed": ["09:00-13:00"]}  # type: ignore[dict-item]
    text = with_calendar(COMPANY, DESCRIBED, "negozio", {**CALENDAR, "week": week}).text
    assert list(tomllib.loads(text)["calendars"]["negozio"]["week"]) == ["sat", "mon-tue", "wed", "thu-fri"]


def test_new_tables_stand_where_one_would_look_for_them() -> None:
    text = with_table(COMPANY, ("calendars", "sede"), {"tz": "Europe/Rome", "week": WEEK}, "[[lines]]")
    block = (
        '[calendars.sede]\ntz = "Europe/Rome"\nweek = {mon = ["09:00-13:00", "15:00-19:30"]}\n\n[[lines]]\nid = "uno"'
    )
    assert block in text
    text = with_element(text, "lines", {"id": "tre", "language": "it"})
    assert text.endswith('# the end\n\n[[lines]]\nid = "tre"\nlanguage = "it"\n')
    text = without(text, ("lines", 1))
    assert [line["id"] for line in tomllib.loads(text)["lines"]] == ["uno", "tre"]
    assert "# the second" not in text
    assert without(COMPANY, ("lines", 1)).endswith("# a flow\n\n# the end\n")


def test_long_lists_are_broken_and_grow_in_their_place() -> None:
    words = [f"parola{number}" for number in range(40)]
    text = with_values(COMPANY, ("lines", 1), {"words": words}, ["id", "words"])
    assert max(map(len, text.splitlines())) <= 105
    grown = with_values(text, ("lines", 1), {"words": [*words[1:], "Adelphi"]}, ["id", "words"])
    assert tomllib.loads(grown)["lines"][1]["words"] == [*words[1:], "Adelphi"]


def test_what_cannot_be_edited_is_refused_and_not_made_to_say_something_else() -> None:
    text = 'name = "Prova"\nlines = [{id = "uno", language = "it"}]\n'
    with pytest.raises(NotEditable, match=r"lines\.0 is laid out in a way that cannot be edited from here"):
        with_values(text, ("lines", 0), {"title": "Libreria"}, ["id", "title", "language"])
    edited = with_values(text, ("lines", 0), {"language": "en"}, ["id", "title", "language"])
    assert edited == text.replace('"it"', '"en"')
