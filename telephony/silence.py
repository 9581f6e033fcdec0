"""When a caller has been silent for too long. Pure: the call tells it what happens and asks it what time means."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import Listen


@dataclass
class SilenceClock:
    """Runs only while the bot listens and nobody speaks; a key shortens it to the time between two keys."""

    listen: Listen | None = None
    due_ms: int | None = None
    typing: bool = False

    def expect(self, listen: Listen) -> None:
        """The dialog waits for the caller from the end of what is playing on; keys of the question before are over."""
        self.listen, self.due_ms, self.typing = listen, None, False

    def quiet(self, now_ms: int) -> None:
        """Nothing plays and nobody speaks: time begins to run."""
        if self.listen:
            self.due_ms = now_ms + (self.listen.key_timeout_ms if self.typing else self.listen.timeout_ms)

    def speech(self) -> None:
        """The caller speaks, or the bot does: time stands still."""
        self.due_ms = None

    def key(self) -> None:
        self.typing, self.due_ms = True, None

    def forget(self) -> None:
        """The dialog no longer waits."""
        self.listen, self.due_ms, self.typing = None, None, False

    def ran_out(self, now_ms: int) -> bool:
        """True once, when the time is over."""
        if self.due_ms is None or now_ms < self.due_ms:
            return False
        self.due_ms, self.typing = None, False
        return True
