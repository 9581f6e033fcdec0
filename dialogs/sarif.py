"""Problems of flowbooks as SARIF 2.1.0, which editors and code hosts show beside the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dialogs.problems import Located

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: Sequence[Located], version: str) -> dict[str, Any]:
    """One run of `centralino flows check`; paths as the problems have them."""
    rules = sorted({problem.rule for problem in problems})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "centralino", "version": version, "rules": [{"id": r} for r in rules]}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, rules) for problem in problems],
            }
        ],
    }


def _result(problem: Located, rules: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": problem.file}, "region": region},
    }
    if problem.node:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.node, "kind": "member"}]
    return {
        "ruleId": problem.rule,
        "ruleIndex": rules.index(problem.rule),
        "level": "warning" if problem.is_warning else "error",
        "message": {"text": f"{problem.place}: {problem.message}" if problem.place else problem.message},
        "locations": [location],
    }
