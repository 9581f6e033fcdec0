"""The next best action: the first rule of a file that fits. An admin's own rules come before ours."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

OURS = Path(__file__).parent / "rules.toml"
LARGEST_BYTES = 256 * 1024
FACTS = ("topic", "urgency", "mood", "outcome", "channel", "handed", "open_callback", "came_back")


class RulesError(ValueError):
    """The file of rules cannot be used; says where and why."""


class Rule(BaseModel):
    """when: fact → the value it has, or several; all must be so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    when: dict[str, str | bool | list[str]] = {}
    it: Annotated[str, Field(max_length=300)]
    en: Annotated[str, Field(max_length=300)] = ""

    def fits(self, facts: Mapping[str, Any]) -> bool:
        return all(facts[name] in wanted if isinstance(wanted, list) else facts[name] == wanted
                   for name, wanted in self.when.items())  # fmt: skip


@dataclass(frozen=True)
class Action:
    """rule: that fitted; text: what to do, by language; because: the facts that the rule names."""

    rule: str
    text: Mapping[str, str]
    because: Mapping[str, Any]


def next_action(facts: Mapping[str, Any], rules: tuple[Rule, ...]) -> Action | None:
    """facts: all of `FACTS`. Pure."""
    for rule in rules:
        if rule.fits(facts):
            return Action(rule.name, {"it": rule.it, "en": rule.en or rule.it}, {one: facts[one] for one in rule.when})
    return None


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Those of the file. Raises RulesError."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise RulesError(f"{path}: over {LARGEST_BYTES} bytes")
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = tuple(Rule.model_validate(one) for one in told.get("rules", ()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulesError(f"{path}: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise RulesError(f"{path}: {faults}") from None
    for rule in rules:
        if unknown := sorted(rule.when.keys() - set(FACTS)):
            raise RulesError(f"{path}: rule {rule.name!r} asks for {', '.join(unknown)}; known: {', '.join(FACTS)}")
    return rules


def rules_of(company: Path) -> tuple[Rule, ...]:
    """Those in the company's folder; none without a file. Raises RulesError."""
    path = company / "analyses.toml"
    return read_rules(path) if path.exists() else ()


@lru_cache(maxsize=1)
def our_rules() -> tuple[Rule, ...]:
    return read_rules(OURS)
