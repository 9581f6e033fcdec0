"""When a caller has been silent for too long. Pure: the call tells it what happens and asks it what time means."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import Listen

LEAST_MS = 1000
"""What is left at least after a sound that was no speech, so that a caller who coughs may still begin."""


@dataclass
class SilenceClock:
    """Runs only while the bot listens and nobody speaks; a key shortens it to the time between two keys.

    A sound in which nothing was said holds it up but does not wind it up again: on a noisy line, too, the caller is
    asked again.
    """

    listen: Listen | None = None
    due_ms: int | None = None
    left_ms: int | None = None
    typing: bool = False

    def expect(self, listen: Listen) -> None:
        """The dialog waits for the caller from the end of what is playing on; keys of the question before are over."""
        self.listen, self.due_ms, self.left_ms, self.typing = listen, None, None, False

    def quiet(self, now_ms: int) -> None:
        """Nothing plays and nobody speaks: time begins to run, or goes on."""
        if self.listen is None or self.due_ms is not None:
            return
        whole_ms = self.listen.key_timeout_ms if self.typing else self.listen.timeout_ms
        self.due_ms = now_ms + (whole_ms if self.left_ms is None else max(LEAST_MS, self.left_ms))

    def speech(self, now_ms: int) -> None:
        """The caller makes a sound, or the bot speaks: time stands still."""
        if self.due_ms is not None:
            self.left_ms = self.due_ms - now_ms
            self.due_ms = None

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
