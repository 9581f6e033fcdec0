"""Segments that have a name: one rule a file, `segments/NAME.toml` in the company's folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from history.journeys.segments import Rule

FOLDER = "segments"
LARGEST_BYTES = 64 * 1024
MOST_FILES = 500
NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class BadRule(ValueError):
    """A file of a rule cannot be used; says which, where and why."""


def read_rule(path: Path) -> Rule:
    """Raises BadRule."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadRule(f"{path}: over {LARGEST_BYTES} bytes")
        return Rule.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadRule(f"{path}: {faults}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRule(f"{path}: {error}") from None


def named_rules(company: Path) -> Mapping[str, Rule | BadRule]:
    """Those in the company's folder by name, as the files are now; an error in place of one that cannot be used."""
    found: dict[str, Rule | BadRule] = {}
    for path in sorted((company / FOLDER).glob("*.toml"))[:MOST_FILES]:
        try:
            if not re.fullmatch(NAME, path.stem):
                raise BadRule(f"{path}: a segment's name is small letters, digits, - and _")
            found[path.stem] = read_rule(path)
        except BadRule as error:
            found[path.stem] = error
    return found
