"""What the caller's turns so far tell of topic, urgency and mood, as events for the dialog.

The event is in the history, so that a replay needs no lexicon and stays exact when the lexicons change.
"""

from __future__ import annotations

from dialogs.events import CallerSaid, Event, Sensed
from dialogs.state import State
from history.analyses.signals import Because, signals

MOST_TURNS = 40
"""The latest of a call."""
LONGEST_WHY = 200


class Sensing:
    """One call's."""

    def __init__(self) -> None:
        self._turns: list[tuple[int, str]] = []

    def before(self, event: Event, state: State) -> list[Event]:
        """What the dialog is told before `event`, if anything changed; what was said in confidence is not for this."""
        if not isinstance(event, CallerSaid) or not event.text.strip():
            return []
        self._turns = [*self._turns, (event.at_ms, event.text)][-MOST_TURNS:]
        now = signals(self._turns, state.language)
        if (now.topic, now.urgency, now.mood) == (state.topic, state.urgency, state.mood):
            return []
        because = [*now.why.get("urgency", ()), *now.why.get("mood", ())]
        return [Sensed(event.at_ms, now.topic, now.urgency, now.mood, _words(because))]


def _words(because: list[Because]) -> str:
    return ", ".join(dict.fromkeys(one.words for one in because))[:LONGEST_WHY]
