"""When a caller has been silent for too long. Pure: the call tells it what happens and asks it what time means."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import Listen

MUSIC_MS = 30_000
"""Whoever is on hold is waited for this long before they are asked again; and so on for each further question."""
BACK_MS = 2_000
"""After the music somebody is back at the phone: asked so soon, unless they speak."""
LEAST_MS = 1000
"""What is left at least after a sound that was no speech, so that a caller who coughs may still begin."""


@dataclass
class SilenceClock:
    """Runs only while the bot listens and nobody speaks; a key shortens it to the time between two keys.

    A sound in which nothing was said holds it up but does not wind it up again: on a noisy line, too, the caller is
    asked again. While music plays on the caller's side it is patient.
    """

    listen: Listen | None = None
    due_ms: int | None = None
    left_ms: int | None = None
    typing: bool = False
    music: bool = False

    def expect(self, listen: Listen) -> None:
        """The dialog waits for the caller from the end of what is playing on; keys of the question before are over."""
        self.listen, self.due_ms, self.left_ms, self.typing = listen, None, None, False

    def quiet(self, now_ms: int) -> None:
        """Nothing plays and nobody speaks: time begins to run, or goes on."""
        if self.listen is None or self.due_ms is not None:
            return
        whole_ms = self.listen.key_timeout_ms if self.typing else self.listen.timeout_ms
        self.due_ms = now_ms + (whole_ms if self.left_ms is None else max(LEAST_MS, self.left_ms))
        if self.music:
            self.due_ms = max(self.due_ms, now_ms + MUSIC_MS)

    def speech(self, now_ms: int) -> None:
        """The caller makes a sound, or the bot speaks: time stands still."""
        if self.due_ms is not None:
            self.left_ms = self.due_ms - now_ms
            self.due_ms = None

    def music_plays(self, plays: bool, now_ms: int) -> None:
        """On the caller's side it begins or stops."""
        self.music = plays
        if self.due_ms is not None:
            self.due_ms = max(self.due_ms, now_ms + MUSIC_MS) if plays else min(self.due_ms, now_ms + BACK_MS)
        elif self.left_ms is not None and not plays:
            self.left_ms = min(self.left_ms, BACK_MS)

    def key(self) -> None:
        self.typing, self.due_ms, self.left_ms = True, None, None

    def forget(self) -> None:
        """The dialog no longer waits."""
        self.listen, self.due_ms, self.left_ms, self.typing = None, None, None, False

    def ran_out(self, now_ms: int) -> bool:
        """True once, when the time is over."""
        if self.due_ms is None or now_ms < self.due_ms:
            return False
        self.due_ms, self.left_ms, self.typing = None, None, False
        return True
