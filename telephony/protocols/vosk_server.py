"""The websocket of vosk-server: `{"config": ...}` and PCM16 in, one JSON answer for each message with sound.

The shapes are libvosk's, measured with 0.3.45, down to the spaces that shell scripts look for. What is different here:
no model is loaded because a client names a path, and what is wrong is said (`{"error": ...}`) before the socket closes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telephony.dictation import Utterance
from telephony.media import ProtocolError
from telephony.protocols import frames

DEFAULT_RATE_HZ = 8000
LEAST_RATE_HZ, MOST_RATE_HZ = 8000, 48_000
MOST_PHRASES = 1000
LONGEST_PHRASE = 200
UNKNOWN = "[unk]"
"""Stands for any other words in a phrase list; it is always there here."""


@dataclass(frozen=True)
class Options:
    """What a client asked for; the defaults are vosk-server's. phrases: what may be said, nothing: anything.

    alternatives: 0 for the one shape of results, more for the other, which lists what may have been said.
    """

    rate_hz: int = DEFAULT_RATE_HZ
    words: bool = True
    alternatives: int = 0
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """changes: of `Options`."""

    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Sound:
    pcm: bytes


@dataclass(frozen=True)
class Reset:
    """Tell what was said so far, and begin anew."""


@dataclass(frozen=True)
class Eof:
    """Tell what was said last, and be done."""


Request = Config | Sound | Reset | Eof


def request_of(message: str | bytes) -> Request:
    """Raises ProtocolError."""
    if isinstance(message, bytes):
        if len(message) % 2:
            raise ProtocolError("wrong_codec", f"PCM16 is expected, got an odd number of bytes ({len(message)})")
        return Sound(message)
    frame = frames.json_frame(message)
    if "config" in frame:
        return _config(frames.part(frame, "config"))
    if frame.get("eof"):
        return Eof()
    if frame.get("reset"):
        return Reset()
    raise ProtocolError("malformed_frame", 'a text is {"config": ...}, {"eof" : 1} or {"reset" : 1}')


def _config(config: dict[str, Any]) -> Config:
    if "model" in config:
        why = "config.model is not taken: this server chooses its models; ask for a language with ?language="
        raise ProtocolError("malformed_frame", why, close=1008)
    rate_hz, alternatives, phrases = (config.get(name) for name in ("sample_rate", "max_alternatives", "phrase_list"))
    if rate_hz is not None and not (_is_number(rate_hz) and LEAST_RATE_HZ <= rate_hz <= MOST_RATE_HZ):
        wrong = f"config.sample_rate must be from {LEAST_RATE_HZ} to {MOST_RATE_HZ}, got {frames.shown(rate_hz)}"
        raise ProtocolError("wrong_codec", wrong)
    if alternatives is not None and not (_is_number(alternatives) and 0 <= alternatives <= 100):
        raise ProtocolError(
            "malformed_frame", f"config.max_alternatives must be 0-100, got {frames.shown(alternatives)}"
        )
    changes: dict[str, Any] = {"words": bool(config["words"])} if "words" in config else {}
    if rate_hz is not None:
        changes["rate_hz"] = int(rate_hz)
    if alternatives is not None:
        changes["alternatives"] = int(alternatives)
    if phrases is not None:
        changes["phrases"] = _phrases(phrases)
    return Config(changes)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _phrases(phrases: Any) -> tuple[str, ...]:
    fit = isinstance(phrases, list) and len(phrases) <= MOST_PHRASES
    if not fit or not all(
        isinstance(one, str) and len(one) <= LONGEST_PHRASE and frames.is_unicode(one) for one in phrases
    ):
        wrong = f"config.phrase_list must be up to {MOST_PHRASES} strings of up to {LONGEST_PHRASE} characters"
        raise ProtocolError("malformed_frame", wrong)
    return tuple(phrase for phrase in phrases if phrase.strip() and phrase != UNKNOWN)


def partial(text: str) -> str:
    return _written({"partial": text})


def result(utterances: Sequence[Utterance], options: Options) -> str:
    """The answer for utterances that ended, as one."""
    text = " ".join(one.text for one in utterances if one.text)
    timed: list[dict[str, Any]] = [
        {"conf": round(word.confidence, 6), "end": word.end_ms / 1000, "start": word.start_ms / 1000, "word": word.text}
        for one in utterances
        for word in one.words
    ]
    shown: dict[str, Any] = {"result": timed} if options.words and timed else {}
    if not options.alternatives:
        return _written({**shown, "text": text})
    sure = [one.confidence for one in utterances if one.confidence is not None]
    for word in timed:
        del word["conf"]  # libvosk tells none here
    best = {"confidence": min(sure, default=1.0), **shown, "text": text}
    return _written({"alternatives": [best]})


def error(detail: str, **more: Any) -> str:
    return _written({"error": detail, **more})


def _written(answer: dict[str, Any]) -> str:
    return json.dumps(answer, indent=2, separators=(",", " : "), ensure_ascii=False)
