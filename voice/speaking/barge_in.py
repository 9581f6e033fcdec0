"""What a caller's voice does to the prompt that is being played."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ITALIAN = "ah eh ehm mh mhm mmh mm hm hmm uh uhm um sì si ok okay già certo ecco bene capito"
_ENGLISH = "yeah yes yep right uh-huh sure"
_KOREAN = "네 예 음 응 어 아"
BACKCHANNELS = frozenset(f"{_ITALIAN} {_ENGLISH} {_KOREAN}".split())
"""What a listener says for 'go on'. A yes that answers the question being asked still counts."""


@dataclass(frozen=True)
class BargeIn:
    """When a caller's voice pauses a prompt, and what it must say to end it.

    speech_ms: time since the voice began before the prompt pauses. Voice detection needs about 100 ms of voice anyway;
        a pause costs little, as the prompt goes on after a cough, so nothing is added to that. (LiveKit waits 500 ms,
        AVA 250, jambonz for one word.)
    protected_ms: a prompt's beginning is never paused: what is heard then is the end of the caller's own sentence or
        the first echo of the prompt.
    few_words: that many words or fewer, all of them backchannels ('sì', 'mhm'), let the prompt go on.
    """

    speech_ms: int = 0
    protected_ms: int = 400
    few_words: int = 2
    backchannels: frozenset[str] = BACKCHANNELS


def should_pause(rule: BargeIn, speech_ms: int, interruptible: bool, played_ms: int) -> bool:
    """Whether the prompt pauses now. speech_ms: how long the caller has been speaking; played_ms: of the prompt."""
    return interruptible and played_ms >= rule.protected_ms and speech_ms >= rule.speech_ms


def is_backchannel(rule: BargeIn, text: str) -> bool:
    """Whether these words only say 'go on'; so do no words at all."""
    words = re.findall(r"\w+(?:[-'’]\w+)*", text.casefold())
    return len(words) <= rule.few_words and all(word in rule.backchannels for word in words)


def needs_meaning(text: str) -> bool:
    """A single word takes the turn only if it means something to the dialog: coughs are often heard as one."""
    return len(text.split()) < 2
