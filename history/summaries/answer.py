"""What a model answered, as a summary: plain text of a bounded length, without identifiers. Pure.

The form is that of `POST /v1/chat/completions`: `choices[0].message.content`, `choices[0].finish_reason`, `usage`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from history.redaction import redact_text

LONGEST = 1200
"""Characters; what is longer, or was cut off, ends with the last whole sentence."""
_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""How models that reason aloud begin, where a server does not take it out."""
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|。")


class Unusable(Exception):
    """No summary can be made of the answer; the message says why and quotes nothing of it."""


@dataclass(frozen=True)
class Summed:
    """tokens: what the endpoint says it counted."""

    text: str
    tokens: Mapping[str, int]


def summary_of(body: bytes) -> Summed:
    """Raises Unusable."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Unusable("the answer is no JSON") from None
    choices = told.get("choices") if isinstance(told, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(first, dict) or not isinstance(content, str):
        raise Unusable("the answer has no choices[0].message.content that is text")
    if first.get("finish_reason") == "content_filter":
        raise Unusable("the endpoint's filter left the summary out")
    text = redact_text(_plain(_THINKING.sub("", content, count=1)))
    if first.get("finish_reason") == "length":
        text = _whole_sentences(text)
        if not text:
            raise Unusable("the summary was cut off in its first sentence: raise [summaries] max_tokens")
    if not text:
        raise Unusable("the summary is empty")
    return Summed(_cut(text), _tokens(told.get("usage")))


def _plain(text: str) -> str:
    """One line: no control characters, nothing that turns the direction of writing or hides."""
    shown = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(sign for sign in shown if unicodedata.category(sign) not in ("Cf", "Cs", "Co")).split())


def _whole_sentences(text: str) -> str:
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else ""


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    whole = _whole_sentences(text[:LONGEST])
    return whole if len(whole) > LONGEST // 4 else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _tokens(usage: Any) -> dict[str, int]:
    if not isinstance(usage, dict):
        return {}
    names = ("prompt_tokens", "completion_tokens")
    return {name: usage[name] for name in names if type(usage.get(name)) is int and 0 <= usage[name] < 1 << 31}
