"""Large bodies, which are read only once it is known who sends them: the framework itself would read them before."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from console.guard import refusal
from console.sessions import Session

Given = TypeVar("Given", bound=BaseModel)


def body_of(kind: type[Given], allowed: Callable[[Request], Awaitable[Session]]) -> Callable[..., Awaitable[Given]]:
    """A dependency: the request's JSON as `kind`, 422 when it is something else. allowed: refuses who may not."""

    async def read(request: Request, session: Annotated[Session, Depends(allowed)]) -> Given:
        try:
            return kind.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise refusal(422, "malformed", f"{where}: {first['msg']}" if where else first["msg"]) from None

    return read


def described(kind: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route with such a body."""
    schema = kind.model_json_schema()
    content = {"application/json": {"schema": _in_place(schema, schema.get("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _in_place(part: Any, named: Mapping[str, Any]) -> Any:
    """Parts that pydantic refers to by `#/$defs/…`, which means nothing inside an OpenAPI document, put where they are
    meant. A body that contains itself would not end: none does."""
    if isinstance(part, list):
        return [_in_place(one, named) for one in part]
    if not isinstance(part, dict):
        return part
    if str(part.get("$ref", "")).startswith("#/$defs/"):
        return _in_place(named[part["$ref"].removeprefix("#/$defs/")], named)
    return {key: _in_place(value, named) for key, value in part.items() if key != "$defs"}
