"""What jambonz does with an application's verbs, as strictly as jambonz does it (as far as a stream needs)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERBS: dict[str, tuple[dict[str, type | tuple[type, ...]], tuple[str, ...]]] = {
    "listen": (
        {
            "url": str, "wsAuth": dict, "mixType": str, "sampleRate": int, "passDtmf": bool, "metadata": dict,
            "bidirectionalAudio": dict, "actionHook": (str, dict),
        },
        ("url",),
    ),
    "dial": ({"target": list, "answerOnBridge": bool, "callerId": str, "actionHook": (str, dict)}, ("target",)),
    "say": ({"text": (str, list), "synthesizer": dict}, ("text",)),
    "hangup": ({"headers": dict}, ()),
    "sip:decline": ({"status": int, "reason": str, "headers": dict}, ("status",)),
}  # fmt: skip
"""Verbs, their properties, and those that must be there."""
RATES_HZ = (8000, 16000, 24000, 32000, 48000, 64000)


class BadVerbs(ValueError):
    """An answer that jambonz would not execute. Says where and what it would want instead."""


@dataclass(frozen=True)
class Instructions:
    """listen: the verb that streams the call, None where nothing does; others: the verbs after it, or instead of it."""

    listen: dict[str, Any] | None
    others: tuple[str, ...] = field(default=())


def parse(answer: Any) -> Instructions:
    """Read a webhook's answer. Raises BadVerbs."""
    if not isinstance(answer, list) or not answer:
        raise BadVerbs(f"an array of verbs is expected, got {str(answer)[:80]!r}")
    for verb in answer:
        _check(verb)
    if answer[0]["verb"] != "listen":
        return Instructions(None, tuple(map(_shown, answer)))
    _check_listen(answer[0])
    return Instructions(answer[0], tuple(map(_shown, answer[1:])))


def _check(verb: Any) -> None:
    name = verb.get("verb") if isinstance(verb, dict) else None
    if name not in VERBS:
        raise BadVerbs(f"{str(verb)[:80]} is no verb that is known here")
    known, needed = VERBS[name]
    for property_, value in verb.items():
        if property_ != "verb" and not isinstance(value, known.get(property_, ())):
            raise BadVerbs(f"{name}: the property {property_} does not exist, or is no {known.get(property_)}")
    if missing := [property_ for property_ in needed if property_ not in verb]:
        raise BadVerbs(f"{name} without {', '.join(missing)}")


def _check_listen(listen: dict[str, Any]) -> None:
    both_ways = listen.get("bidirectionalAudio", {})
    if not (both_ways.get("enabled") and both_ways.get("streaming") and both_ways.get("sampleRate")):
        raise BadVerbs(
            "listen: bidirectionalAudio must be enabled, streaming, and have a sampleRate: none can be heard"
        )
    if listen.get("sampleRate", 8000) not in RATES_HZ or both_ways["sampleRate"] not in RATES_HZ:
        raise BadVerbs(f"listen: a sampleRate is none of {RATES_HZ}")
    if not listen["url"].startswith(("ws://", "wss://")):
        raise BadVerbs(f"listen: {listen['url']} is no address of a websocket")
    if not listen.get("passDtmf"):
        raise BadVerbs("listen: without passDtmf no key is told")


def _shown(verb: dict[str, Any]) -> str:
    target = verb.get("target")
    what = target[0].get("number", "") if target else verb.get("text", verb.get("status", ""))
    return f"{verb['verb']} {what}".strip()
