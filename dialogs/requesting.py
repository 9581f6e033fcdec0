"""A request to another system, from a flowbook's templates to what is sent. Pure; secrets come from a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from dialogs.events import Request
from dialogs.rendering import Field, as_text, fields, render

SECRET = "env"  # noqa: S105 (a name)
"""The root of fields that name a secret: {env.CRM_TOKEN}."""
_ADDRESS = re.compile(r"(https?://[a-zA-Z0-9.-]+(:\d{1,5})?|\{env\.[A-Z][A-Z0-9_]*\})([/?].*)?", re.S)
_LONE_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Ready:
    """What goes over the wire. body: JSON-ready, None for none."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


def templates(url: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any) -> Iterator[str]:
    """Every text of a request in which fields may stand."""
    yield url
    yield from query.values()
    yield from headers.values()
    yield from _texts_in(body)


def host_is_fixed(url: str) -> bool:
    """Whether the flowbook, or a secret, says which host is asked: nothing that a caller says can."""
    return _ADDRESS.fullmatch(url) is not None


def used(request: Request) -> Iterator[Field]:
    """The fields of a request."""
    for text in templates(request.url, request.query, request.headers, request.body):
        yield from fields(text)


def ready(request: Request, secret: Callable[[str], str], slots: Mapping[str, Any] = MappingProxyType({})) -> Ready:
    """Everything filled in, each value once: what a caller or another system says is never read as a field.

    secret: the value of {env.NAME} by NAME; its errors are passed on. slots: the call's, for what `request.values` has
    not: what was told in confidence.
    """

    def value(field: Field) -> Any:
        if field.root == SECRET:
            return secret(field.name.partition(".")[2])
        return request.values[field.name] if field.name in request.values else slots.get(field.name)

    def plain(text: str) -> str:
        return render(text, lambda field: as_text(value(field)))

    def in_address(field: Field) -> str:
        filled = as_text(value(field))
        return filled if field.root == SECRET else quote(filled, safe="")

    def in_body(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {str(name): in_body(inner) for name, inner in part.items()}
        if isinstance(part, list | tuple):
            return [in_body(inner) for inner in part]
        if isinstance(part, str):
            return value(next(fields(part))) if _LONE_FIELD.fullmatch(part) else plain(part)
        return part

    return Ready(
        request.method,
        render(request.url, in_address),
        {name: plain(text) for name, text in request.query.items()},
        {name: plain(text) for name, text in request.headers.items()},
        in_body(request.body),
    )


def _texts_in(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping):
        for inner in body.values():
            yield from _texts_in(inner)
    elif isinstance(body, list | tuple):
        for inner in body:
            yield from _texts_in(inner)
