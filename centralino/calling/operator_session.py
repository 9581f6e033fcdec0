"""How a program signs in as an operator: the console's own HTTP, then a single-use ticket for the websocket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from centralino.calling.door import CallRefused

TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Credentials:
    name: str
    password: str = field(repr=False)


async def operator_ticket(server_url: str, credentials: Credentials) -> str:
    """Sign in and get a ticket for the operators' websocket. Raises CallRefused."""
    async with httpx.AsyncClient(base_url=server_url, timeout=TIMEOUT_S, trust_env=False) as client:
        me = await _post(client, "/api/sign-in", json={"name": credentials.name, "password": credentials.password})
        ticket = await _post(client, "/api/operator-tickets", headers={"X-CSRF-Token": str(me["csrf_token"])})
        return str(ticket["ticket"])


async def _post(client: httpx.AsyncClient, path: str, **request: Any) -> dict[str, Any]:
    try:
        answer = await client.post(path, **request)
    except httpx.HTTPError as error:
        raise CallRefused(f"no answer from {client.base_url} ({error!r}); is the server running there?") from error
    if answer.status_code != 200:
        raise CallRefused(f"{client.base_url}{path} answered {answer.status_code}: {answer.text[:300]}")
    content = answer.json()
    if not isinstance(content, dict):
        raise CallRefused(f"{client.base_url}{path} answered with {content!r}, not with an object")
    return content
