"""A list of contacts, read from CSV: what can be called, and what is wrong with which line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from telephony.outbound.hours import Purpose
from telephony.outbound.numbers import dialled

MOST_ROWS = 200_000
LONGEST_VALUE = 300
LARGEST_FIELD = 100_000
NUMBER, NAME, CONSENT = "number", "name", "consent"
OWN_COLUMNS = (NUMBER, NAME, CONSENT)


@dataclass(frozen=True)
class Contact:
    """line: of the file, from 1; number: E.164; consent: when and how it was given, as the list says it."""

    line: int
    number: str
    name: str
    consent: str
    slots: Mapping[str, str]


@dataclass(frozen=True)
class BadRow:
    """A line that nobody can be called from. fields: as they stand there, so that nothing is lost."""

    line: int
    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ContactList:
    contacts: tuple[Contact, ...]
    bad: tuple[BadRow, ...]
    columns: tuple[str, ...]


class BadList(ValueError):
    """The file as a whole cannot be used; says why and what is expected."""


def read_contacts(text: str, slots: Collection[str], purpose: Purpose, country: str = "IT") -> ContactList:
    """slots: the columns that the flow needs. Columns are separated by commas, semicolons or tabs, names are in the
    first line; a column that is neither a slot nor number, name or consent is an error: it is likely a misspelt slot.

    The same number twice is called once: the second line is told as bad. Raises BadList.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_separator(text))
    try:
        columns = tuple(name.strip().lower() for name in next(reader, []))
        _check_columns(columns, slots)
        contacts, bad, seen = list[Contact](), list[BadRow](), dict[str, int]()
        while True:
            line = reader.line_num + 1  # where the row begins: a quoted value may hold line ends
            fields = next(reader, None)
            if fields is None:
                break
            if max(map(len, fields), default=0) > LARGEST_FIELD:
                raise BadList(
                    f"line {line}: field larger than {LARGEST_FIELD} characters; is a quotation mark missing?"
                )
            if not any(field.strip() for field in fields):
                continue
            if len(contacts) + len(bad) >= MOST_ROWS:
                raise BadList(f"over {MOST_ROWS} lines: split the file into several campaigns")
            try:
                contact = _contact(line, columns, fields, slots, purpose, country)
                if contact.number in seen:
                    raise ValueError(f"the same number as in line {seen[contact.number]}: it is called once")
            except ValueError as error:
                bad.append(BadRow(line, str(error), tuple(field[:LONGEST_VALUE] for field in fields)))
            else:
                seen[contact.number] = line
                contacts.append(contact)
    except csv.Error as error:
        raise BadList(f"line {reader.line_num}: {error}") from None
    return ContactList(tuple(contacts), tuple(bad), columns)


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _check_columns(columns: tuple[str, ...], slots: Collection[str]) -> None:
    expected = f"columns are: {', '.join([NUMBER, NAME, *sorted(slots)])}, and {CONSENT} for advertising"
    missing = [name for name in (NUMBER, *sorted(slots)) if name not in columns]
    unknown = [name for name in columns if name not in OWN_COLUMNS and name not in slots]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if missing:
        raise BadList(f"line 1: no column {', '.join(map(repr, missing))}; {expected}")
    if unknown:
        raise BadList(f"line 1: the flow has no slot for {', '.join(map(repr, unknown))}; {expected}")
    if twice:
        raise BadList(f"line 1: the column {', '.join(map(repr, twice))} is there twice; {expected}")


def _contact(
    line: int, columns: tuple[str, ...], fields: list[str], slots: Collection[str], purpose: Purpose, country: str
) -> Contact:
    if len(fields) != len(columns):
        raise ValueError(
            f"{len(fields)} columns, the first line has {len(columns)}: is a value with a comma in quotes?"
        )
    row = {name: " ".join(field.split()) for name, field in zip(columns, fields, strict=True)}
    if long := [name for name, value in row.items() if len(value) > LONGEST_VALUE]:
        raise ValueError(f"{', '.join(long)}: over {LONGEST_VALUE} characters")
    if odd := [name for name, value in row.items() if not value.isprintable()]:
        raise ValueError(f"{', '.join(odd)}: characters that cannot be spoken")
    number = dialled(row[NUMBER], country)
    if empty := [name for name in sorted(slots) if not row[name]]:
        raise ValueError(f"nothing in {', '.join(empty)}: the flow says it to the called person")
    consent = row.get(CONSENT, "")
    if purpose == "marketing" and not consent:
        raise ValueError(f"nothing in {CONSENT}: when and how did this person agree to automatic calls?")
    return Contact(line, number, row.get(NAME, ""), consent, {name: row[name] for name in sorted(slots)})
