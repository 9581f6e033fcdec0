"""Answers prepared while the caller still speaks.

The dialog is pure, so what it would do about the words so far can simply be tried on its state: nothing of that is
kept, committed or said. What was searched for on the way is there when the turn ends with the same words, and so is
the sound of the answer; it tells, too, what the words are worth as an answer. Words are tried at each pause, and before
that when they stay the same while the voice goes on; a trial of other words is thrown away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from dialogs import engine
from dialogs.events import Action, CallerSaid, LookedUp, Lookup, Note, Say
from dialogs.state import State
from dialogs.steps.answer import CHOOSING
from telephony.lines import Line
from voice.listening.expecting import Completeness, of_words
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import SynthesisFailed, Voice

log = structlog.get_logger()

_LOOKUPS = 3
"""In one turn: an intent's flow may begin with a search of its own."""
_SPOKEN_AHEAD = 2
"""Sentences of the likely answer made ahead; later ones are made while these play."""
_SURE = 0.95
"""An article with this probability answers the question, whatever may still be added: wrong once in twenty at most."""
STABLE_S = 0.3
"""Partial words that stay the same for so long are tried: a search takes 5 ms of CPU, and while somebody speaks, words
change three times a second."""
_MISSED = ("no_match", "article_rejected", "part_failed")
"""Notes of a dialog that had no use for the words."""

_Unsure = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class _Trial:
    """What these words would lead to, said in this state: under way, or done."""

    state: State
    text: str
    unsure: _Unsure
    worth: asyncio.Task[Completeness]

    def of(self, state: State, text: str, unsure: _Unsure) -> bool:
        failed = self.worth.done() and (self.worth.cancelled() or self.worth.exception())
        return self.state is state and (self.text, self.unsure) == (text, unsure) and not failed


class Preparing:
    """One call's. voice_for: the voice that a `Say` will be spoken by. rate_hz: of the sound that is played."""

    def __init__(
        self, line: Line, speaker: Speaker, voice_for: Callable[[str], Voice], now_ms: Callable[[], int], rate_hz: int
    ) -> None:
        self._line, self._speaker, self._voice_for, self._now_ms = line, speaker, voice_for, now_ms
        self._rate_hz = rate_hz
        self._found: dict[Lookup, LookedUp] = {}
        self._speaking: asyncio.Task[None] | None = None
        self._trial: _Trial | None = None
        self._stable: asyncio.TimerHandle | None = None
        self._asked = False
        """Somebody waits for what the words at a pause are worth."""

    def overhear(self, state: State, text: str) -> None:
        """Partial words, said in `state`, while the voice goes on: they are tried once they stay the same."""
        if self._asked or (self._trial and self._trial.of(state, text, ())):
            return
        self.forget()
        self._stable = asyncio.get_running_loop().call_later(STABLE_S, self._try, state, text, ())

    async def consider(self, state: State, text: str, unsure: _Unsure = ()) -> Completeness:
        """What the words so far are worth, said in `state`. What was prepared for other words is thrown away.

        unsure: as in `CallerSaid`.
        """
        trial = self._trial
        if trial is None or not trial.of(state, text, unsure):
            self.forget()
            trial = self._try(state, text, unsure)
        self._asked = True
        try:
            await asyncio.wait({trial.worth})
        finally:
            self._asked = False
        return Completeness.OPEN if trial.worth.cancelled() else trial.worth.result()

    def _try(self, state: State, text: str, unsure: _Unsure) -> _Trial:
        considered = asyncio.create_task(self._considered(state, text, unsure))
        self._trial = _Trial(state, text, unsure, considered)
        # Whoever waits for it hears of its failure; words that were only overheard are tried again at the pause.
        self._trial.worth.add_done_callback(lambda worth: worth.cancelled() or worth.exception())
        return self._trial

    async def _considered(self, state: State, text: str, unsure: _Unsure) -> Completeness:
        began_s = time.monotonic()
        alone = of_words(text, state.language)
        if alone is Completeness.UNFINISHED:
            return alone
        after, actions = await self._tried(state, text, unsure)
        worth = await self._worth(state, after, actions, text)
        if worth is not Completeness.UNFINISHED:
            says = [action for action in actions if isinstance(action, Say) and not action.shown]
            self._speaking = asyncio.create_task(self._speak(says))
        log.debug("call.prepared", worth=worth.value, took_ms=round((time.monotonic() - began_s) * 1000))
        return worth

    async def means_something(self, state: State, text: str) -> bool:
        """Whether the dialog has a use for these words: a command, an intent, an article, an answer to its question."""
        _, actions = await self._tried(state, text)
        return not missed(actions)

    def take(self, lookup: Lookup) -> LookedUp | None:
        """The result of exactly this search, if it was done ahead."""
        found = self._found.pop(lookup, None)
        return None if found is None else replace(found, at_ms=self._now_ms())

    def forget(self) -> None:
        """The words have changed, or the turn is over. A sentence that is being rendered is still finished and kept."""
        self._found.clear()
        if self._stable:
            self._stable.cancel()
        if self._trial:
            self._trial.worth.cancel()
        if self._speaking:
            self._speaking.cancel()
        self._stable = self._trial = self._speaking = None

    async def _tried(self, state: State, text: str, unsure: _Unsure = ()) -> tuple[State, list[Action]]:
        """The dialog's state and all its actions, had the caller said this."""
        state, actions = engine.step(self._line.book, state, CallerSaid(self._now_ms(), text, unsure=unsure))
        done = list(actions)
        for _ in range(_LOOKUPS):
            lookup = next((action for action in actions if isinstance(action, Lookup)), None)
            if lookup is None:
                break
            found = self._found.get(lookup)
            if found is None:
                found = await asyncio.to_thread(self._line.understanding.lookup, lookup, self._now_ms())
                self._found[lookup] = found
            state, actions = engine.step(self._line.book, state, replace(found, at_ms=self._now_ms()))
            done += actions
        return state, done

    async def _worth(self, before: State, after: State, actions: list[Action], text: str) -> Completeness:
        if after.so_far:
            return Completeness.UNFINISHED
        if missed(actions) or after.mode == CHOOSING or (before.listen and before.listen.expects == "number"):
            return Completeness.OPEN
        if any(isinstance(action, Note) and action.topic == "command" for action in actions):
            return Completeness.WHOLE
        if before.listen is None or before.listen.expects == "open":
            sure = any(isinstance(action, Say) and (action.score or 0.0) >= _SURE for action in actions)
            return Completeness.SURE if sure else Completeness.ANSWERABLE
        if before.listen.expects == "digits" and await self._takes_more_digits(before, text):
            return Completeness.OPEN
        return Completeness.WHOLE

    async def _takes_more_digits(self, state: State, text: str) -> bool:
        """Whether one more digit would be accepted, too."""
        _, actions = await self._tried(state, f"{text} 0")
        return not missed(actions)

    async def _speak(self, says: list[Say]) -> None:
        left = _SPOKEN_AHEAD
        for say in says:
            try:
                voice = self._voice_for(say.language)
                left -= await self._speaker.prepare(say.text, voice, self._rate_hz, left)
            except SynthesisFailed as error:
                log.warning("call.not_spoken_ahead", error=str(error))  # told to the dialog if it is really to be said
                return
            if not left:
                return


def missed(actions: Sequence[Action]) -> bool:
    """Whether these actions are those of a dialog that had no use for what the caller said or typed."""
    topics = {action.topic for action in actions if isinstance(action, Note)}
    # "No" to a value that is read back asks for it again, which is counted as a failure, but it is an answer.
    return bool(topics.intersection(_MISSED)) and "slot_rejected" not in topics
