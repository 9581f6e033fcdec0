"""Changes to the text of company.toml: a line, a calendar. Pure; what is not changed stays as it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from centralino.company_file import CompanySection, LineSection
from centralino.toml_editing import with_element, with_table, with_values, without
from dialogs.calendars import DAYS, Calendar, Hours, days_in

_LINE_KEYS = list(LineSection.model_fields)
_CALENDAR_KEYS = list(Calendar.model_fields)


@dataclass(frozen=True)
class Edit:
    """text: of the file. changes: by key from what to what, '' and [] for nothing; of lists what was added and what was
    removed."""

    text: str
    changes: Mapping[str, Any] = field(default_factory=dict)


def line_json(line: LineSection) -> dict[str, Any]:
    """A line as it may be edited: every key, also where nothing is written."""
    return line.model_dump(mode="json", include=set(EDITED_KEYS))


EDITED_KEYS = ("title", "number", "language", "recognizer", "voice_engine", "voice", "human_number", "words", "hours",
               "recording", "recordings_kept_days")  # fmt: skip


def with_line(text: str, described: CompanySection, number: int, values: Mapping[str, Any]) -> Edit:
    """The line with this number (from 0) has these values. Lines of one language share their recognizer: another one
    is written into all of them. Raises NotEditable."""
    line = described.lines[number]
    before = line_json(line)
    wanted = {key: value for key, value in values.items() if before[key] != value}
    text = with_values(text, ("lines", number), _as_written(wanted), _LINE_KEYS)
    changes = {key: _change(before[key], value) for key, value in wanted.items()}
    if "recognizer" in wanted:
        spoken = values.get("language", line.language)
        others = [at for at, one in enumerate(described.lines) if at != number and one.language == spoken]
        for at in others:
            text = with_values(text, ("lines", at), _as_written({"recognizer": wanted["recognizer"]}), _LINE_KEYS)
        if others:
            changes["recognizer"]["also"] = [described.lines[at].id for at in others]
    return Edit(text, changes)


def with_new_line(text: str, line_id: str, values: Mapping[str, Any]) -> Edit:
    written = {key: value for key, value in _as_written({"id": line_id, **values}).items() if value is not None}
    ordered = {key: written[key] for key in _LINE_KEYS if key in written}
    return Edit(with_element(text, "lines", ordered), {key: _change("", value) for key, value in ordered.items()})


def without_line(text: str, described: CompanySection, number: int) -> Edit:
    gone = described.lines[number].model_dump(mode="json", exclude_defaults=True)
    return Edit(without(text, ("lines", number)), {key: _change(value, "") for key, value in gone.items()})


def _as_written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keys with their usual value are left out: None."""
    usual = {key: one.get_default(call_default_factory=True) for key, one in LineSection.model_fields.items()}
    written = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            value = {name: inner for name, inner in value.items() if inner}
        is_usual = value == (list(usual[key]) if isinstance(usual[key], tuple) else usual[key])
        written[key] = None if is_usual else value
    return written


def _change(before: Any, after: Any) -> dict[str, Any]:
    if isinstance(before, list) and isinstance(after, list):
        added = [one for one in after if one not in before]
        return {"added": added, "removed": [one for one in before if one not in after]}
    return {"from": before, "to": after}


def calendar_json(calendar: Calendar) -> dict[str, Any]:
    """A calendar as it may be edited: each day with its spans, "08:30-12:30"."""
    return {
        "tz": calendar.tz,
        "holidays": calendar.holidays,
        "week": {day: _spans(calendar.week.get(day, ())) for day in DAYS},
        "overrides": [
            {"on": one.on, "until": one.until, "every_year": one.every_year, "hours": _spans(one.hours)}
            for one in calendar.overrides
        ],
    }


def with_calendar(text: str, described: CompanySection, name: str, values: Mapping[str, Any]) -> Edit:
    """The calendar of this name, made where there is none. Raises NotEditable."""
    if name not in described.calendars:
        raw: dict[str, Any] = {"tz": values["tz"], "week": _week({}, values["week"])}
        raw |= {"holidays": values["holidays"]} if values["holidays"] else {}
        raw |= {"overrides": [_override(one) for one in values["overrides"]]} if values["overrides"] else {}
        ordered = {key: raw[key] for key in _CALENDAR_KEYS if key in raw}
        return Edit(with_table(text, ("calendars", name), ordered, "[[lines]]"), _calendar_changes({}, values))
    before = calendar_json(described.calendars[name])
    written = tomllib.loads(text)["calendars"][name]
    changed: dict[str, Any] = {}
    for key in ("tz", "holidays"):
        if values[key] != before[key]:
            changed[key] = values[key] or None
    if values["week"] != before["week"]:
        changed["week"] = _week(written["week"], values["week"])
    if values["overrides"] != before["overrides"]:
        as_it_stands = list(zip(before["overrides"], written.get("overrides", []), strict=True))
        new = [next((raw for old, raw in as_it_stands if old == one), None) or _override(one) for one in
               values["overrides"]]  # fmt: skip
        changed["overrides"] = new or None
    text = with_values(text, ("calendars", name), changed, _CALENDAR_KEYS)
    return Edit(text, _calendar_changes(before, values))


def without_calendar(text: str, described: CompanySection, name: str) -> Edit:
    before = calendar_json(described.calendars[name])
    return Edit(without(text, ("calendars", name)), {"week": {"from": _told_week(before["week"]), "to": ""}})


def _calendar_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    changes = {
        key: _change(before.get(key, ""), after[key])
        for key in ("tz", "holidays") if before.get(key, "") != after[key]
    }  # fmt: skip
    if before.get("week") != after["week"]:
        changes["week"] = {"from": _told_week(before.get("week", {})), "to": _told_week(after["week"])}
    days = [_told_override(one) for one in before.get("overrides", [])]
    if days != (new := [_told_override(one) for one in after["overrides"]]):
        changes["overrides"] = _change(days, new)
    return changes


def _told_week(week: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{names} {', '.join(hours)}" for names, hours in _week({}, week).items())


def _told_override(one: Mapping[str, Any]) -> str:
    until = f"/{one['until']}" if one["until"] else ""
    return f"{one['on']}{until}{' every year' if one['every_year'] else ''}: {', '.join(one['hours']) or 'closed'}"


def _spans(hours: Hours) -> list[str]:
    return [str(span) for span in hours]


def _week(written: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Days are named as they are in `written` where they still have the same hours; others in rows: mon-fri."""
    left = {day: list(wanted.get(day, ())) for day in DAYS if wanted.get(day)}
    week: dict[str, list[str]] = {}
    for names in written:
        days = list(days_in(names))
        hours = [left.get(day) for day in days]
        if hours[0] and all(one == hours[0] for one in hours):
            week[names] = hours[0]
            for day in days:
                del left[day]
    for hours_of, row in groupby(DAYS, lambda day: left.get(day)):
        if hours_of:
            days = list(row)
            week["-".join(dict.fromkeys((days[0], days[-1])))] = hours_of
    return week


def _override(one: Mapping[str, Any]) -> dict[str, Any]:
    """As it is written: without what is usual."""
    return {key: value for key, value in one.items() if value}
