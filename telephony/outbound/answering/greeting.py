"""Who answered, from how they greet: "Pronto?" and a pause is a person, twelve words without one are a machine.

Pure: speech, words and beeps come in with their times, which count from the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

Who = Literal["person", "machine", "fax"]


@dataclass(frozen=True)
class Rules:
    """quiet_ms: nobody says anything: the bot begins. A call that stays silent is the worst one: the Garante wants it
    ended within 3 s (provision 83 of 20 February 2014), so what is not known by then counts as a person.
    pause_ms: of silence after the first words of a person, who then waits for an answer (Asterisk's AMD: 800).
    greeting_ms, words: longer than this without such a pause is a machine. Asterisk has 1500 ms and 2 to 3 words, which
    takes "Libreria Portici, buongiorno, sono Anna" for one; to wait longer costs a person nothing, who is speaking.
    latest_ms: the decision is made at the latest then. second_thoughts_ms: for so long after a person was decided on,
    a machine's words or beep still change it.
    beep_wait_ms: how long a message waits for its beep. after_ms: without a beep, silence so long after a machine's
    last word is taken for it.
    """

    quiet_ms: int = 2500
    pause_ms: int = 800
    greeting_ms: int = 4000
    words: int = 12
    latest_ms: int = 8000
    second_thoughts_ms: int = 12_000
    beep_wait_ms: int = 30_000
    after_ms: int = 2500


@dataclass(frozen=True)
class Verdict:
    """why: a word for the history: said, long_greeting, many_words, beep, paused,
    quiet, no_end, key, fax_tone, carrier."""

    who: Who
    why: str
    at_ms: int


@dataclass(frozen=True)
class Greeting:
    """What was heard so far. Values never change in place.

    of_machine: whether these words are a machine's, in the line's language; heard: all words so far; finals: those of
    utterances that are over.
    """

    of_machine: Callable[[str], bool] = lambda text: False
    rules: Rules = field(default_factory=Rules)
    began_ms: int | None = None
    speaking_since_ms: int | None = None
    silent_since_ms: int | None = None
    heard: str = ""
    finals: str = ""
    verdict: Verdict | None = None
    beep_ms: int | None = None

    # ------------------------------------------------------------------------------------------------- what comes in

    def voice(self, at_ms: int) -> Greeting:
        began = at_ms if self.began_ms is None else self.began_ms
        return replace(self, began_ms=began, speaking_since_ms=at_ms, silent_since_ms=None).decided(at_ms)

    def voice_ended(self, at_ms: int) -> Greeting:
        if self.speaking_since_ms is None:
            return self
        return replace(self, speaking_since_ms=None, silent_since_ms=at_ms)

    def words(self, text: str, at_ms: int, *, is_final: bool = True) -> Greeting:
        """text: of the utterance that is going on, or was just ended."""
        heard = f"{self.finals} {text}".strip()
        return replace(self, heard=heard, finals=heard if is_final else self.finals).decided(at_ms)

    def beep(self, at_ms: int) -> Greeting:
        after = replace(self, beep_ms=at_ms)
        return after._becomes(Verdict("machine", "beep", at_ms))

    def fax(self, at_ms: int) -> Greeting:
        return replace(self, verdict=Verdict("fax", "fax_tone", at_ms))

    def key(self, at_ms: int) -> Greeting:
        """Machines press none."""
        return self._becomes(Verdict("person", "key", at_ms))

    def told(self, who: Who, at_ms: int) -> Greeting:
        """The carrier's own detection says it; that counts more than ours."""
        return replace(self, verdict=Verdict(who, "carrier", at_ms))

    # --------------------------------------------------------------------------------------------- what it comes to

    def decided(self, now_ms: int) -> Greeting:
        """The same, with the verdict that this moment brings, if any."""
        rules = self.rules
        if self.of_machine(self.heard):
            return self._becomes(Verdict("machine", "said", now_ms))
        if self.verdict:
            return self
        if self.began_ms is None:
            return self._becomes(Verdict("person", "quiet", now_ms)) if now_ms >= rules.quiet_ms else self
        if len(self.heard.split()) > rules.words:
            return self._becomes(Verdict("machine", "many_words", now_ms))
        silent_ms = 0 if self.silent_since_ms is None else now_ms - self.silent_since_ms
        if silent_ms >= rules.pause_ms:
            return self._becomes(Verdict("person", "paused", now_ms))
        if self.silent_since_ms is None and now_ms - self.began_ms >= rules.greeting_ms:
            return self._becomes(Verdict("machine", "long_greeting", now_ms))
        return self._becomes(Verdict("person", "no_end", now_ms)) if now_ms >= rules.latest_ms else self

    def _becomes(self, verdict: Verdict) -> Greeting:
        """A person may still turn out to be a machine, soon; nothing else changes."""
        before = self.verdict
        if before is None:
            return replace(self, verdict=verdict)
        doubted = before.who == "person" and before.why != "carrier" and verdict.who == "machine"
        in_time = verdict.at_ms - before.at_ms <= self.rules.second_thoughts_ms
        return replace(self, verdict=verdict) if doubted and in_time else self

    def may_leave_message(self, now_ms: int) -> bool:
        """A machine was decided on, and it records now: after its beep, or when it has been silent for long."""
        if self.verdict is None or self.verdict.who != "machine":
            return False
        if self.beep_ms is not None:
            return True
        waited_ms = now_ms - self.verdict.at_ms
        silent_ms = 0 if self.silent_since_ms is None else now_ms - self.silent_since_ms
        return silent_ms >= self.rules.after_ms or waited_ms >= self.rules.beep_wait_ms
