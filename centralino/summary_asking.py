"""A language model is asked over HTTP, `POST /v1/chat/completions`: only the endpoint that the settings name, without
redirects and proxies, within a time and a size. What it is sent holds callers' words, so plain http stays inside."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from centralino.settings import SettingsError
from centralino.summary_settings import SummarySettings
from centralino.webhook_posting import seconds_of
from history import Journal, Timeline
from history.summaries.asking import Answer, Ask
from history.summaries.worker import Summarizing
from telephony.reachable import Refused, checked

LARGEST_ANSWER = 256 * 1024


def summarizing_of(settings: SummarySettings | None, journal: Journal, timeline: Timeline) -> Summarizing | None:
    """None without the section. Raises SettingsError when the key cannot be read."""
    if settings is None:
        return None
    try:
        ask = asking(settings, settings.key_now())
    except (OSError, ValueError) as error:
        raise SettingsError(f"[summaries] api_key_file: {error}") from None
    return Summarizing(
        journal, timeline, ask, settings.asking(), settings.wanted(),
        timeout_s=settings.timeout_s, at_once=settings.at_once,
    )  # fmt: skip


def asking(settings: SummarySettings, key: str = "") -> Ask:
    """The endpoint of these settings. An address in a private network or on this machine may be asked, as whoever runs
    the server named it; link-local ones, where clouds keep their metadata, never."""
    url = f"{settings.url}/chat/completions"
    name = (urlsplit(url).hostname or "").lower()
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    context = ssl.create_default_context()
    limits = httpx.Limits(max_keepalive_connections=0)

    async def once(content: bytes) -> Answer:
        target = await checked(url, [name], [name], setting="[summaries]")
        if urlsplit(url).scheme == "http" and ip_address(urlsplit(target.url).hostname or "").is_global:
            raise Refused("plain http is only sent to private addresses: use https ([summaries] url)")
        async with (
            httpx.AsyncClient(
                verify=context, limits=limits, trust_env=False, follow_redirects=False,
                timeout=None,  # noqa: S113 (`ask` bounds the whole)
            ) as client,
            client.stream(
                "POST", target.url, content=content, headers={**headers, "Host": target.host},
                extensions={"sni_hostname": target.name},
            ) as answer,
        ):  # fmt: skip
            if answer.status_code != 200:  # what it says beside may quote what was sent
                again_s = seconds_of(answer.headers.get("retry-after"))
                return Answer(answer.status_code, f"status {answer.status_code}", again_s)
            if answer.headers.get("content-encoding", "identity") != "identity":
                return Answer(200, "the answer is compressed, which was not asked for")
            body = b""
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return Answer(200, f"the answer is larger than {LARGEST_ANSWER} bytes")
            return Answer(200, body=body)

    async def ask(body: Mapping[str, Any]) -> Answer:
        try:
            content = await asyncio.to_thread(lambda: json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
            async with asyncio.timeout(settings.timeout_s):
                return await once(content)
        except TimeoutError:
            return Answer(0, f"no answer within {settings.timeout_s:g} s")
        except Refused as refused:
            return Answer(0, str(refused))
        except httpx.HTTPError as broken:
            return Answer(0, f"no answer: {type(broken).__name__}")
        except (ValueError, OSError) as broken:
            return Answer(0, f"not asked: {type(broken).__name__}")

    return ask
