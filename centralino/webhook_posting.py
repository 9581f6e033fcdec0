"""Webhooks' messages leave by HTTP: only to addresses that may be reached, without redirects, within a time."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import httpx

from history.webhooks.posting import Answer, Post
from telephony.reachable import Refused, checked

CONNECT_S = 10.0


def posting(inside: Collection[str]) -> Post:
    """inside: hosts in a private network or on this machine that may be reached, 'crm.local' or with a port; all others
    need a public address and https."""
    # One context: making it takes longer than most receivers do. No connection is kept: two names of one address would
    # share it, and with it the certificate that only one of them showed.
    context = ssl.create_default_context()
    limits = httpx.Limits(max_keepalive_connections=0)

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        name = (parts.hostname or "").lower()
        local = bool({name, f"{name}:{parts.port}"} & {host.lower() for host in inside})
        if parts.scheme != "https" and not local:
            return Answer(0, "only https is sent to hosts outside ([webhooks] inside)")
        try:
            target = await checked(url, [name], inside, setting="[webhooks]")
            async with (
                httpx.AsyncClient(
                    verify=context, limits=limits, trust_env=False, follow_redirects=False,
                    timeout=httpx.Timeout(None, connect=CONNECT_S),  # the dispatcher bounds the whole
                ) as client,
                client.stream(
                    "POST", target.url, content=body, headers={**headers, "host": target.host},
                    extensions={"sni_hostname": target.name},
                ) as answer,
            ):  # fmt: skip
                # What a receiver says beside its status is not read, however long it is.
                why = "" if answer.is_success else f"status {answer.status_code}"
                return Answer(answer.status_code, why, seconds_of(answer.headers.get("retry-after")))
        except Refused as refused:
            return Answer(0, str(refused))
        except httpx.HTTPError as broken:
            return Answer(0, f"no answer: {type(broken).__name__}")
        except (ValueError, OSError) as broken:
            return Answer(0, f"not sent: {type(broken).__name__}")

    return post


def seconds_of(retry_after: str | None) -> float | None:
    """Of the header `Retry-After`. A date instead of seconds is not looked at: the schedule's own wait is used."""
    return float(retry_after) if retry_after and retry_after.isdecimal() and len(retry_after) < 10 else None
