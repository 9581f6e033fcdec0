"""A text as its phrases: what an engine speaks in one go, and the silence before each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import structlog

from voice.speaking import ssml
from voice.speaking.sentences import sentences
from voice.speaking.ssml import Break, Manner

log = structlog.get_logger(__name__)

PAUSE_MS = 250
"""Between two sentences: what Italian announcers leave."""
AS_USUAL = Manner()
_SENTENCE_ENDS = tuple(".!?…:;。！？")


@dataclass(frozen=True)
class Phrase:
    """A sentence, or the part of one that is spoken in one manner. text: values in words, no tags; '' is silence only.

    pause_ms: silence before it; a phrase without, other than the first, goes on with the sentence of the one before.
    """

    text: str
    manner: Manner = AS_USUAL
    pause_ms: int = 0

    @property
    def is_open(self) -> bool:
        """It holds a `{slot}` that nobody has filled yet."""
        return "{" in self.text


@lru_cache(maxsize=4096)
def phrases(text: str, language: str) -> tuple[Phrase, ...]:
    """The phrases of `text` (`voice.speaking.ssml`) in order; none when there is no letter or digit to speak.

    A break that is longer than the pause between two sentences stands in its place. Wrong tags (texts are checked when
    they are loaded) are left out.
    """
    parts = ssml.parse(_written_out(text, language))
    found: list[Phrase] = []
    pause_ms = 0
    for part in parts:
        if isinstance(part, Break):
            pause_ms = max(pause_ms, part.ms) if pause_ms == PAUSE_MS else pause_ms + part.ms
            continue
        for sentence in sentences(part.text):
            found.append(Phrase(sentence, part.manner, pause_ms))
            pause_ms = PAUSE_MS
        if pause_ms == PAUSE_MS and part.text.strip() and not part.text.rstrip().endswith(_SENTENCE_ENDS):
            pause_ms = 0  # the sentence goes on in another manner
    if found and isinstance(parts[-1], Break):
        found.append(Phrase("", AS_USUAL, pause_ms))
    return tuple(found)


def _written_out(text: str, language: str) -> str:
    try:
        return ssml.written_out(text, language)
    except ssml.MarkupError as error:
        log.warning("markup_left_out", letters=len(text), error=str(error))
        return ssml.written_out(ssml.plain(text).replace("<", " ").replace("&", " "), language)
