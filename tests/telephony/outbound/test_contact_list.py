"""A campaign's list: what is called, what is wrong with which line, and that no line is lost."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.outbound.contact_list import BadList, read_contacts
from telephony.outbound.numbers import dialled

LIST = """\
number,name,titolo,scadenza
051 234 5678,Anna Neri,Il nome della rosa,sabato 5 dicembre
+39 333 1234567,Marco,"Se una notte d'inverno, un viaggiatore",lunedì
12345,Piero,Gomorra,lunedì
333 765 4321,Lia,,lunedì

00393331234567,Marco ancora,Gomorra,lunedì
+44 20 7946 0958,Jane,Gomorra
"""


def test_a_list_with_good_and_bad_lines() -> None:
    read = read_contacts(LIST, ["titolo", "scadenza"], "service")
    assert [(one.line, one.number, one.slots["titolo"]) for one in read.contacts] == [
        (2, "+390512345678", "Il nome della rosa"),
        (3, "+393331234567", "Se una notte d'inverno, un viaggiatore"),
    ]
    assert [(one.line, one.why.partition(":")[0]) for one in read.bad] == [
        (4, "no such number can exist in IT"),
        (5, "nothing in titolo"),
        (7, "the same number as in line 3"),
        (8, "3 columns, the first line has 4"),
    ]
    assert read.bad[0].fields == ("12345", "Piero", "Gomorra", "lunedì")


def test_spreadsheets_write_semicolons_and_a_mark_at_the_beginning() -> None:
    read = read_contacts("\ufeffNumber;Titolo\r\n0512345678;Gomorra\r\n", ["titolo"], "service")
    assert [one.number for one in read.contacts] == ["+390512345678"]


def test_advertising_needs_consent() -> None:
    text = "number,consent\n0512345678,modulo web 2026-10-02\n0512345679,\n"
    read = read_contacts(text, [], "marketing")
    assert [one.consent for one in read.contacts] == ["modulo web 2026-10-02"]
    assert [one.line for one in read.bad] == [3]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column 'number', 'titolo'"),
        ("number,name\n", "no column 'titolo'"),
        ("number,titolo,tittolo\n", "no slot for 'tittolo'"),
        ("number,titolo,titolo\n", "is there twice"),
        ("number,titolo\n" + "x" * 200_000, "line 2: field larger"),
    ],
)
def test_a_list_that_cannot_be_used_is_told(text: str, told: str) -> None:
    with pytest.raises(BadList, match=told):
        read_contacts(text, ["titolo"], "service")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("051 000 0001", "+390510000001"),
        ("06/12345678", "+390612345678"),
        ("(+39) 340-1234567", "+393401234567"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_numbers_as_people_write_them(written: str, number: str) -> None:
    assert dialled(written) == number


@pytest.mark.parametrize("written", ["", "ciao", "899 123 456", "+39 051 234 5678 int. 12", "112", "+999 1234567"])
def test_what_cannot_or_must_not_be_dialled(written: str) -> None:
    with pytest.raises(ValueError, match="number"):
        dialled(written)


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=2), max_size=8))
def test_every_line_is_a_contact_or_told(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["number", "titolo"], *rows])
    try:
        read = read_contacts(out.getvalue(), ["titolo"], "service")
    except BadList:
        return  # bytes that no CSV may hold: all of it is refused, with the line
    filled = [row for row in rows if any(field.strip() for field in row)]
    assert len(read.contacts) + len(read.bad) == len(filled)
