"""Changes to `[retention]` of centralino.toml. Pure; what is not changed stays as it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from centralino.retention_settings import ChannelRetention, RetentionSettings
from centralino.toml_editing import with_table, with_values, without
from console.settings_shelf import Fault

_DAYS = list(ChannelRetention.model_fields)
_AT_THE_END = "\0"


def retention_json(retention: RetentionSettings) -> dict[str, Any]:
    return retention.model_dump(mode="json")


def retention_errors(values: Mapping[str, Any]) -> list[Fault]:
    """What the server would not start with."""
    try:
        RetentionSettings.model_validate(values)
    except ValidationError as error:
        return [Fault(".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in
                error.errors()]  # fmt: skip
    return []


def with_retention(text: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text with these days, and what that changes: from what to what. values: as `retention_json`.

    Raises TOMLDecodeError and NotEditable.
    """
    written = tomllib.loads(text)
    there = "retention" in written
    before = written.get("retention", {})
    changes: dict[str, Any] = {}
    usual = {key: values[key] for key in _DAYS}
    _note(changes, "", before, usual)
    if there:
        text = with_values(text, ("retention",), usual, [*_DAYS, "channels"])
    elif given := _given(usual):
        text = with_table(text, ("retention",), given, _AT_THE_END)
    channels = before.get("channels", {})
    for name in {**channels, **values["channels"]}:
        days = {key: (values["channels"].get(name) or {}).get(key) for key in _DAYS}
        _note(changes, f"{name}.", channels.get(name, {}), days)
        place = ("retention", "channels", name)
        if name not in values["channels"]:
            text = without(text, place)
        elif name in channels:
            text = with_values(text, place, days, _DAYS)
        else:
            text = with_table(text, place, _given(days), _AT_THE_END)
    return text, changes


def _given(days: Mapping[str, Any]) -> dict[str, Any]:
    return {key: number for key, number in days.items() if number is not None}


def _note(changes: dict[str, Any], of: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for key, number in after.items():
        if before.get(key) != number:
            changes[of + key] = {"from": before.get(key), "to": number}
