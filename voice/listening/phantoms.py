"""Words that a recognizer made up: Whisper always writes something, also for a cough, a hum or nothing at all.

The thresholds were measured on Whisper base in Italian and English (docs/recognition.md): in noises the network put the
probability that nobody speaks at 0.44-0.88, in callers' clips at 0.00-0.28, with white noise at 10 dB too; words in
noise had -1.2 and less on average but for a few loops and courtesies, words of callers -0.7 and more.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NO_SPEECH = 0.5
"""From here on nobody is thought to speak ..."""
_CERTAIN_LOGPROB = -0.25
"""... unless the words are as likely as this on average."""
_BABBLE_LOGPROB = -1.5
"""Words less likely than this were not in the sound, whatever else is thought of it."""
_DOUBTFUL = 0.3
"""Probability of no speech from which courtesies are not believed."""
_LOOP_RATIO = 2.4
"""Text that deflates better than this repeats itself: the value of OpenAI's own decoder. Loops of a letter reach 4."""
_LETTERS_A_SECOND = 25
_LETTERS_MORE = 15
"""A hurried caller says 17-20 letters a second; the rest is for an utterance cut close to its words."""

_NOT_A_WORD = re.compile(r"[^\w']+")


@dataclass(frozen=True)
class Decode:
    """What a decoder wrote for an utterance. logprob: average of its tokens; no_speech: 0..1; sound_s: its length."""

    text: str
    language: str
    logprob: float
    no_speech: float
    sound_s: float


def made_up(decode: Decode) -> str:
    """Why these words are not believed; '' when they are."""
    said = " ".join(_NOT_A_WORD.sub(" ", decode.text.lower()).split())
    if not said:
        return "no words"
    if decode.logprob < _BABBLE_LOGPROB:
        return "unlikely words"
    if decode.no_speech > _NO_SPEECH and decode.logprob < _CERTAIN_LOGPROB:
        return "no speech"
    raw = decode.text.encode()
    if len(raw) / len(zlib.compress(raw)) > _LOOP_RATIO:
        return "repetition"
    if len(said) > _LETTERS_MORE + _LETTERS_A_SECOND * decode.sound_s:
        return "more than can be said in that time"
    never, unsure = _known().get(decode.language, ((), frozenset()))
    if any(said == phrase or said.startswith(phrase + " ") for phrase in never):
        return "known phantom"
    if said in unsure and decode.no_speech > _DOUBTFUL:
        return "known phantom, no speech"
    return ""


@cache
def _known() -> dict[str, tuple[tuple[str, ...], frozenset[str]]]:
    data = tomllib.loads(files(__package__).joinpath("phantoms.toml").read_text("utf-8"))
    return {language: (tuple(lists["never"]), frozenset(lists["unsure"])) for language, lists in data.items()}
