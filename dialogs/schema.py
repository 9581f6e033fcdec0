"""The JSON Schema of flowbooks, for editors: made from the same classes that read them."""

from __future__ import annotations

from typing import Any

from dialogs.flowbook import Flowbook
from dialogs.steps.step import STEP_MARK, registered

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPAN = {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}\s*$", "examples": ["08:30-12:30"]}


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a whole flowbook as it is written in YAML."""
    schema: dict[str, Any] = Flowbook.model_json_schema(by_alias=True)
    definitions = schema.setdefault("$defs", {})
    for keyword, kind in sorted(registered().items()):
        step = kind.model_json_schema(by_alias=True)
        definitions.update(step.pop("$defs", {}))
        definitions[f"step_{keyword}"] = {**step, "required": sorted({*step.get("required", ()), keyword})}
    definitions["step"] = {"oneOf": [{"$ref": f"#/$defs/step_{keyword}"} for keyword in sorted(registered())]}
    definitions["Span"] = _SPAN
    linked: dict[str, Any] = _linked(schema)
    return {"$schema": _DIALECT, **linked, "title": "Centralino flowbook"}


def _linked(part: Any) -> Any:
    if isinstance(part, dict):
        if STEP_MARK in part:
            return {"$ref": "#/$defs/step"}
        return {name: _linked(inner) for name, inner in part.items()}
    return [_linked(inner) for inner in part] if isinstance(part, list) else part
