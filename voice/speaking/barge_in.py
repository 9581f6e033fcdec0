"""Does the caller's voice stop the prompt that is being played?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ITALIAN = "ah eh ehm mh mhm mmh mm hm hmm uh uhm um sì si ok okay già certo ecco bene capito"
_ENGLISH = "yeah yes yep right uh-huh sure"
_KOREAN = "네 예 음 응 어 아"
BACKCHANNELS = frozenset(f"{_ITALIAN} {_ENGLISH} {_KOREAN}".split())
"""What a listener says for 'go on'. A yes that answers a question still counts, as an utterance, once it ends."""


@dataclass(frozen=True)
class BargeIn:
    """When a caller's voice stops a prompt.

    speech_ms: voice needed before a prompt stops. A cough or a click is shorter; the stop is heard after this and the
        carrier's `clear`, so more than 300 feels deaf (LiveKit waits 500, AVA 250, jambonz for one word).
    protected_ms: a prompt's beginning is never stopped: what is heard then is the end of the caller's own sentence or
        the first echo of the prompt.
    few_words: that many words or fewer, all of them backchannels ('sì', 'mhm'), let the prompt go on.
    wordless_ms: voice in which a recognizer with partials found no word stops the prompt only after this long: noise
        has no words, but a caller must not be ignored because recognition lags.
    """

    speech_ms: int = 300
    protected_ms: int = 400
    few_words: int = 2
    wordless_ms: int = 1_200
    backchannels: frozenset[str] = BACKCHANNELS


def should_stop(
    rule: BargeIn, speech_ms: int, words: Sequence[str] | None, interruptible: bool, played_ms: int
) -> bool:
    """Whether to stop the prompt now.

    speech_ms: how long the caller has been speaking. words: those recognised so far in this utterance, None when the
    recognizer gives none before its end. played_ms: how much of the prompt was played.
    """
    if not interruptible or played_ms < rule.protected_ms or speech_ms < rule.speech_ms:
        return False
    if words is None:
        return True
    meant = [word.strip(".,;:!?…").casefold() for word in words]
    if not any(meant):
        return speech_ms >= rule.wordless_ms
    return len(meant) > rule.few_words or any(word not in rule.backchannels for word in meant if word)
