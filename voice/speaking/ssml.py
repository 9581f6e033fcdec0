"""The few SSML tags that texts may hold: pauses, rate and volume, and how a value is to be read.

    <break time="300ms"/>                                   up to 10 s; without time: 400 ms
    <prosody rate="slow" volume="loud">…</prosody>          x-slow slow medium fast x-fast or 50% to 200%;
                                                            x-soft soft medium loud x-loud
    <say-as interpret-as="digits|telephone|date">…</say-as>

No other tag, no entity, comment, or declaration: there is nothing to expand and nothing to fetch. A '<' that begins no
tag ('meno di < 5') and an '&' are characters like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from voice.speaking.saying import said, said_as

LONGEST_BREAK_MS = 10_000
_BREAK_MS = 400
RATES = {"x-slow": 0.65, "slow": 0.82, "medium": 1.0, "fast": 1.2, "x-fast": 1.4}
"""Times the engine's own pace; 'slow' is what people use to dictate a number."""
VOLUMES_DB = {"x-soft": -10.0, "soft": -5.0, "medium": 0.0, "loud": 3.0, "x-loud": 5.0}
"""Against the level of all prompts, which is near the loudest that a phone takes: there is more room below."""
READINGS = ("digits", "telephone", "date")
_ALLOWED = (
    '<break time="300ms"/>, <prosody rate="slow" volume="loud"> and <say-as interpret-as="digits|telephone|date">'
)

_TAG = re.compile(r"<(?=[A-Za-z/!?])[^<>]*>?")
_OPEN = re.compile(r'<([a-z-]+)((?:\s+[a-z-]+="[^"<>&]*")*)\s*(/?)>')
_CLOSE = re.compile(r"</([a-z-]+)\s*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w*);", re.I)


class MarkupError(ValueError):
    """A text's tags are not among the few that are understood; the message says which, and what may stand there."""


@dataclass(frozen=True)
class Manner:
    """rate: times the engine's own. gain_db: against the level of all prompts."""

    rate: float = 1.0
    gain_db: float = 0.0


@dataclass(frozen=True)
class Words:
    """Something to speak. reading: '' or one of `READINGS`."""

    text: str
    manner: Manner = Manner()
    reading: str = ""


@dataclass(frozen=True)
class Break:
    """Silence."""

    ms: int


def parse(text: str) -> tuple[Words | Break, ...]:
    """The parts of `text` in order. Raises MarkupError."""
    if "<" not in text and "&" not in text:
        return (Words(text),)
    entity = _ENTITY.search(text)
    if entity:
        raise MarkupError(f"{entity[0]!r}: entities are not read; write the character itself")
    parts: list[Words | Break] = []
    open_tags: list[tuple[str, Manner]] = []
    manner, reading, at = Manner(), "", 0
    for tag in _TAG.finditer(text):
        if tag.start() > at:
            parts.append(Words(text[at : tag.start()], manner, reading))
        at = tag.end()
        closing = _CLOSE.fullmatch(tag[0])
        if closing:
            if not open_tags or open_tags[-1][0] != closing[1]:
                raise MarkupError(f"{tag[0]} closes nothing that is open here")
            manner, reading = open_tags.pop()[1], ""
            continue
        name, values, is_empty = _opened(tag[0])
        if reading:
            raise MarkupError(f"{tag[0]}: no tag may stand within <say-as>")
        if name == "break":
            if not is_empty:
                raise MarkupError(f'{tag[0]}: a break is written <break time="300ms"/>')
            parts.append(Break(_break_ms(values, tag[0])))
            continue
        if is_empty:
            raise MarkupError(f"{tag[0]} holds nothing; write <{name} …>…</{name}>")
        open_tags.append((name, manner))
        if name == "prosody":
            manner = _manner(values, manner, tag[0])
        else:
            reading = _reading(values, tag[0])
    if open_tags:
        raise MarkupError(f"<{open_tags[-1][0]}> is not closed; add </{open_tags[-1][0]}>")
    if at < len(text):
        parts.append(Words(text[at:], manner, reading))
    return tuple(parts)


def fault(text: str) -> str:
    """What is wrong with the tags of `text`, '' when nothing is: for checking texts when they are loaded."""
    try:
        parse(text)
    except MarkupError as error:
        return str(error)
    return ""


def plain(text: str) -> str:
    """`text` without its tags, for transcripts; one with wrong tags loses everything in angle brackets."""
    if "<" not in text:
        return text
    bare = re.sub(r"<break\b[^<>]*>", " ", text)
    return re.sub(r" +([.,;:!?…])", r"\1", re.sub(r" {2,}", " ", re.sub(r"<(?=[A-Za-z/!?])[^<>]*>", "", bare))).strip()


@lru_cache(maxsize=4096)
def written_out(text: str, language: str) -> str:
    """`text` with its values in words (`voice.speaking.saying`); breaks and prosody stay. Raises MarkupError."""
    return "".join(_written(part, language) for part in parse(text))


def _written(part: Words | Break, language: str) -> str:
    if isinstance(part, Break):
        return f'<break time="{part.ms}ms"/>'
    spoken = said_as(part.text, part.reading, language) if part.reading else said(part.text, language)
    if part.manner == Manner():
        return spoken
    volume = next(name for name, gain_db in VOLUMES_DB.items() if gain_db == part.manner.gain_db)
    return f'<prosody rate="{round(part.manner.rate * 100)}%" volume="{volume}">{spoken}</prosody>'


def _opened(tag: str) -> tuple[str, dict[str, str], bool]:
    match = _OPEN.fullmatch(tag)
    if match is None or match[1] not in ("break", "prosody", "say-as"):
        raise MarkupError(f"{tag} is not understood; a text may hold {_ALLOWED}")
    return match[1], dict(_pairs(match[2], tag)), bool(match[3])


def _pairs(written: str, tag: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name, value in _ATTRIBUTE.findall(written):
        if name in seen:
            raise MarkupError(f"{tag}: {name} stands there twice")
        seen.add(name)
        yield name, value


def _only(values: dict[str, str], tag: str, *names: str) -> None:
    for name in values:
        if name not in names:
            raise MarkupError(f"{tag}: there is no {name}, only {' and '.join(names)}")


def _break_ms(values: dict[str, str], tag: str) -> int:
    _only(values, tag, "time")
    written = values.get("time", f"{_BREAK_MS}ms")
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)(ms|s)", written)
    ms = round(float(match[1]) * (1000 if match[2] == "s" else 1)) if match else -1
    if not 0 <= ms <= LONGEST_BREAK_MS:
        raise MarkupError(f"{tag}: time is written 300ms or 1.5s, at most {LONGEST_BREAK_MS // 1000}s")
    return ms


def _manner(values: dict[str, str], outer: Manner, tag: str) -> Manner:
    _only(values, tag, "rate", "volume")
    manner = outer
    if (rate := values.get("rate")) is not None:
        percent = re.fullmatch(r"(\d{2,3})%", rate)
        factor = int(percent[1]) / 100 if percent else RATES.get(rate, 0.0)
        if not 0.5 <= factor <= 2:
            raise MarkupError(f"{tag}: rate is {', '.join(RATES)}, or 50% to 200%")
        manner = replace(manner, rate=factor)
    if (volume := values.get("volume")) is not None:
        if volume not in VOLUMES_DB:
            raise MarkupError(f"{tag}: volume is {', '.join(VOLUMES_DB)}")
        manner = replace(manner, gain_db=VOLUMES_DB[volume])
    return manner


def _reading(values: dict[str, str], tag: str) -> str:
    _only(values, tag, "interpret-as")
    reading = values.get("interpret-as", "")
    if reading not in READINGS:
        raise MarkupError(f"{tag}: interpret-as is {', '.join(READINGS)}")
    return reading
