"""Asterisk's REST interface (ARI): what can be done to the channels and bridges of a phone system.

Reference: Asterisk's documentation "Asterisk REST Interface", and a real Asterisk 22.10. A channel can be moved about
while it is in our Stasis application; what becomes of it is told on the events' websocket (`ari_events.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

TIMEOUT_S = 5.0
LONGEST_TEXT = 200


class AriError(RuntimeError):
    """Asterisk did not do it. status: of HTTP; 0 when it could not be reached."""

    def __init__(self, what: str, status: int, detail: str) -> None:
        super().__init__(f"ARI {what}: {status or 'no answer'} {detail[:LONGEST_TEXT]}".rstrip())
        self.status = status


class AriClient:
    """url: where ARI answers, `http://pbx:8088/ari`; username, password: of a user in ari.conf who is not read_only.

    Every method raises AriError; those that end something do nothing when it has ended already.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            auth=(username, password),
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=20),
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    # ------------------------------------------------------------------------------------------------------- channels

    async def answer(self, channel: str) -> None:
        await self._do("POST", f"/channels/{_id(channel)}/answer")

    async def hang_up(self, channel: str, reason: str = "normal") -> None:
        """reason: in ARI's words, e.g. 'normal', 'busy', 'congestion'."""
        await self._end(f"/channels/{_id(channel)}", reason=reason)

    async def continue_in_dialplan(
        self, channel: str, context: str = "", extension: str = "", priority: int | None = None, label: str = ""
    ) -> None:
        """Let the channel leave Stasis, to a place in the dialplan; without one, to what follows `Stasis()`."""
        place = {"context": context, "extension": extension, "priority": priority, "label": label}
        await self._do("POST", f"/channels/{_id(channel)}/continue", **place)

    async def originate(
        self,
        channel: str,
        endpoint: str,
        app: str,
        app_args: Sequence[str] = (),
        caller_id: str = "",
        timeout_s: int = 30,
        originator: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Ring an endpoint (`PJSIP/anna`, `PJSIP/+39…@trunk`); once answered it is in `app`.

        channel: the new channel's id; variables: set on it before it rings, e.g. SIP headers as
        `PJSIP_HEADER(add,X-Call-Id)`.
        """
        given = {
            "endpoint": endpoint, "app": app, "appArgs": ",".join(app_args), "callerId": caller_id,
            "timeout": timeout_s, "originator": originator,
        }  # fmt: skip
        await self._do("POST", f"/channels/{_id(channel)}", {"variables": dict(variables or {})}, **given)

    async def external_media(
        self,
        channel: str,
        app: str,
        external_host: str,
        codec: str,
        variables: Mapping[str, str] | None = None,
        over: str = "websocket",
        data: str = "",
    ) -> None:
        """A channel whose sound comes to a door of ours.

        over: 'websocket' (external_host: a client of websocket_client.conf) or 'audiosocket' (external_host: host:port,
        data: the UUID). codec: in Asterisk's words, e.g. 'slin16'.
        """
        if over == "websocket":
            way = {"transport": "websocket", "encapsulation": "none", "transport_data": "f(json)"}
        else:
            way = {"transport": "tcp", "encapsulation": "audiosocket", "data": data}
        given = {"channelId": channel, "app": app, "external_host": external_host, "format": codec, **way}
        await self._do(
            "POST", "/channels/externalMedia", {"variables": dict(variables or {})}, connection_type="client", **given
        )

    async def set_variable(self, channel: str, name: str, value: str) -> None:
        await self._do("POST", f"/channels/{_id(channel)}/variable", variable=name, value=value)

    async def send_keys(self, channel: str, keys: str, between_ms: int = 100, duration_ms: int = 100) -> None:
        """Play digits to who is on this channel."""
        await self._do("POST", f"/channels/{_id(channel)}/dtmf", dtmf=keys, between=between_ms, duration=duration_ms)

    async def start_music(self, channel: str, music_class: str = "") -> None:
        await self._do("POST", f"/channels/{_id(channel)}/moh", mohClass=music_class)

    async def stop_music(self, channel: str) -> None:
        await self._end(f"/channels/{_id(channel)}/moh")

    async def channels(self, app: str) -> list[str]:
        """The channels that are in this application."""
        try:
            found = await self._do("GET", f"/applications/{_id(app)}")
        except AriError as error:
            if error.status == 404:
                return []
            raise
        return _strings(found, "channel_ids")

    # -------------------------------------------------------------------------------------------------------- bridges

    async def create_bridge(self, bridge: str, name: str = "") -> None:
        """One in which everybody hears everybody."""
        await self._do("POST", f"/bridges/{_id(bridge)}", type="mixing", name=name)

    async def destroy_bridge(self, bridge: str) -> None:
        """Its channels stay in their application."""
        await self._end(f"/bridges/{_id(bridge)}")

    async def add_to_bridge(self, bridge: str, *channels: str) -> None:
        await self._do("POST", f"/bridges/{_id(bridge)}/addChannel", channel=",".join(channels))

    async def remove_from_bridge(self, bridge: str, *channels: str) -> None:
        await self._do("POST", f"/bridges/{_id(bridge)}/removeChannel", channel=",".join(channels))

    async def start_bridge_music(self, bridge: str, music_class: str = "") -> None:
        """Everybody in it hears music."""
        await self._do("POST", f"/bridges/{_id(bridge)}/moh", mohClass=music_class)

    async def stop_bridge_music(self, bridge: str) -> None:
        await self._end(f"/bridges/{_id(bridge)}/moh")

    async def bridges(self) -> list[str]:
        """All of the phone system's."""
        found = await self._do("GET", "/bridges")
        return [str(bridge["id"]) for bridge in found or () if isinstance(bridge, dict) and "id" in bridge]

    # ------------------------------------------------------------------------------------------------------- requests

    async def _end(self, path: str, **query: Any) -> None:
        try:
            await self._do("DELETE", path, **query)
        except AriError as error:
            if error.status not in (404, 409, 412):  # gone, out of our application, hung up
                raise

    async def _do(self, method: str, path: str, body: Mapping[str, Any] | None = None, /, **query: Any) -> Any:
        given = {name: value for name, value in query.items() if value not in ("", None)}
        what = f"{method} {path}"
        try:
            answer = await self._http.request(method, path, params=given, json=body)
        except httpx.HTTPError as error:
            raise AriError(what, 0, repr(error)) from None
        if answer.is_error:
            raise AriError(what, answer.status_code, answer.text)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise AriError(what, answer.status_code, "the answer is not JSON") from None


def _id(given: str) -> str:
    return quote(given, safe="")


def _strings(found: Any, name: str) -> list[str]:
    values = found.get(name) if isinstance(found, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else []
