"""A caller who talks for minutes: utterances, time to think, silences, and now and then a word over the bot's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from centralino.calling import Clip, Interrupt, Say, Silence, WaitForQuiet
from centralino.calling.scene import Scene
from centralino.calling.script import HangUpNow, Sent

SPEAKING_SHARE = 0.375
"""Of a caller's time: people on the phone speak 35-40 % of it."""
QUIET_MS = 300
"""Silence after which a caller takes the bot's prompt to be over; its marks are played by then."""
LEAST_THOUGHT_MS = 200
MOST_THOUGHT_MS = 8000
BARGE_IN_CHANCE = 0.12
SILENCE_CHANCE = 0.05
SILENCE_MS = 6000
PATIENCE_MS = 40_000
"""How long a caller waits for an answer before giving the call up."""


@dataclass(frozen=True)
class Chat:
    """A move that lasts until `until_ms` of the call, or for `most_turns`. The seed decides all that is chosen.

    The time to think is what keeps the speaking share, drawn around it; a bot that answers late is therefore spoken to
    less often, as in life.
    """

    clips: Sequence[Clip]
    seed: int
    until_ms: float
    most_turns: int

    def sends(self, scene: Scene) -> Iterator[Sent]:
        chance = random.Random(self.seed)  # noqa: S311 - a script, not a secret
        began_ms, spoken_ms, interrupting = scene.now_ms, 0.0, False
        for _ in range(self.most_turns):
            clip = chance.choice(self.clips)
            if interrupting:
                move = Interrupt(clip, after_ms=chance.randrange(700, 1500), timeout_ms=PATIENCE_MS)
                yield from move.sends(scene)
            else:
                yield from WaitForQuiet(QUIET_MS, PATIENCE_MS).sends(scene)
                wanted_ms = spoken_ms / SPEAKING_SHARE - (scene.now_ms - began_ms)
                thought_ms = min(MOST_THOUGHT_MS, max(LEAST_THOUGHT_MS, wanted_ms * chance.uniform(0.5, 1.5)))
                if chance.random() < SILENCE_CHANCE:
                    thought_ms += SILENCE_MS
                yield from Silence(round(thought_ms)).sends(scene)
                if scene.now_ms >= self.until_ms:
                    break
                yield from Say(clip).sends(scene)
            spoken_ms += clip.duration_ms
            interrupting = chance.random() < BARGE_IN_CHANCE
        yield from WaitForQuiet(QUIET_MS, PATIENCE_MS).sends(scene)
        yield HangUpNow()
