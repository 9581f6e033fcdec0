"""A phone system's web interface: one client for each, bounded, without proxies, its errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from telephony.control.contract import TIMEOUT_S, ControlFailed, Deed

LONGEST_DETAIL = 200
LARGEST_ANSWER = 256 * 1024
GONE = frozenset({404, 410})
"""What the web says of a call that has ended."""


class Rest:
    """system: its name, for errors. auth, headers: what proves us; never shown."""

    def __init__(
        self, system: str, url: str, auth: httpx.Auth | tuple[str, str] | None = None, headers: Any = None
    ) -> None:
        self._system = system
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            auth=auth,
            headers=headers,
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=20),
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self,
        deed: Deed,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object it answers, {} for none. Raises ControlFailed: refused, not reached, or not understood."""
        try:
            answer = await self._http.request(method, path, data=form, json=json, headers=headers)
        except httpx.HTTPError as error:
            raise ControlFailed(self._system, deed, f"no answer ({type(error).__name__})") from None
        if answer.status_code >= 300:
            raise ControlFailed(self._system, deed, answer.text[:LONGEST_DETAIL], answer.status_code)
        if not answer.content:
            return {}
        try:
            said = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise ControlFailed(self._system, deed, "the answer is no JSON object", answer.status_code)
        return said

    async def end(self, deed: Deed, method: str, path: str, gone: frozenset[int] = GONE, **more: Any) -> None:
        """The same for what ends something: that it has ended already is no error. gone: how the system says that."""
        try:
            await self.ask(deed, method, path, **more)
        except ControlFailed as error:
            if error.status not in gone:
                raise


def text(system: str, deed: Deed, said: Mapping[str, Any], name: str) -> str:
    """A field that must be there. Raises ControlFailed."""
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 256:
        raise ControlFailed(system, deed, f"the answer has no {name}")
    return value


def part(given: str) -> str:
    """As one part of a path."""
    return quote(given, safe="")
