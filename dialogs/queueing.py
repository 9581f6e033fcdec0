"""What a caller hears and may say while they wait for an operator: place, wait, a call-back that keeps the place."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import CallerSaid, CallerTyped, Listen, QueueMoved, Say
from dialogs.handing_off import call_back
from dialogs.languages import language
from dialogs.normalizing import contains, normalise
from dialogs.turn import Turn

CALL_BACK_KEY = "1"
ASKED_IN_QUEUE = "asked_in_queue"
"""The reason of a call-back whose caller keeps the place."""
_LISTENS_MS = 600_000

SHORT_MS = 60_000
EXACT_MINUTES, LONGEST_MINUTES = 10, 30
"""Up to ten minutes are told one by one, up to thirty in fives: nobody knows it better, and nobody believes "23"."""


@dataclass(frozen=True)
class SpokenWait:
    """key: of the text; minutes: what it is told, None for a text that needs no number."""

    key: str
    minutes: int | None = None


def spoken_wait(wait_ms: int) -> SpokenWait:
    """A wait as it may be said: never a zero, never more exact than it can be known."""
    if wait_ms <= SHORT_MS:
        return SpokenWait("queue_wait_short")
    minutes = -(-wait_ms // 60_000)
    if minutes > EXACT_MINUTES:
        minutes = -(-minutes // 5) * 5
    return SpokenWait("queue_wait_long") if minutes > LONGEST_MINUTES else SpokenWait("queue_wait", minutes)


def announce(turn: Turn, event: QueueMoved) -> None:
    """The caller's place, the wait where it is known, and, when they have waited for a while, the offer.

    In a queue that they were moved to all of it begins anew; one that only another flowbook has changes nothing here.
    """
    if event.queue != turn.state.queue and event.queue in turn.book.queues:
        turn.change(queue=event.queue, queued_ms=None)
    if turn.state.queued_ms is None:
        turn.change(queued_ms=event.at_ms, call_back_offered=False)
        if _may_offer(turn):
            turn.actions.append(Listen(_LISTENS_MS, phrases=_phrases(turn)))
    if event.place <= 1 and "queue_next" in turn.book.texts:
        turn.say("queue_next", interruptible=False, yields=True)
    else:
        turn.say("queue_place", {"place": str(event.place)}, interruptible=False, yields=True)
    if event.wait_ms is not None:
        wait = spoken_wait(event.wait_ms)
        if wait.key in turn.book.texts:
            extra = {} if wait.minutes is None else {"minutes": str(wait.minutes)}
            turn.say(wait.key, extra, interruptible=False, yields=True)
    after_ms = turn.book.queues[turn.state.queue].callback_after
    if _may_offer(turn) and event.at_ms - (turn.state.queued_ms or 0) >= after_ms:
        turn.say("queue_callback_offer")
        turn.change(call_back_offered=True)


def not_taken(turn: Turn) -> None:
    """The operator who was asked does not take the call. Every caller is told: where the flowbook has no words of its
    own for it, the language has."""
    code = turn.state.language
    if "not_taken" in turn.book.texts:
        turn.say("not_taken", interruptible=False, yields=True)
    else:
        said = language(code).not_taken
        turn.actions.append(Say(said, code, key="not_taken", interruptible=False, yields=True))


def waiting(turn: Turn, event: CallerSaid | CallerTyped) -> None:
    """The caller asks to be called back, by word at any time, by key once it was offered; all else is only heard."""
    if not _may_offer(turn):
        return
    if isinstance(event, CallerTyped):
        asks = event.key == CALL_BACK_KEY and turn.state.call_back_offered
    else:
        asks = hear_call_me_back(event.text, turn.state.language)
    if asks:
        turn.note("call_back_asked", queue=turn.state.queue)
        turn.say("queue_callback_promised", interruptible=False)
        call_back(turn, turn.state.queue, ASKED_IN_QUEUE, turn.state.caller)
        turn.end("callback")


def hear_call_me_back(text: str, code: str) -> bool:
    """Whether the caller asks to be called back."""
    words = language(code)
    said = normalise(text)
    return any(contains(said, phrase, words.spaces) for phrase in words.call_me_back)


def _may_offer(turn: Turn) -> bool:
    """Where the queue does, the flowbook can say it, and there is a number to call."""
    queue = turn.book.queues.get(turn.state.queue)
    texts = turn.book.texts
    can_say = "queue_callback_offer" in texts and "queue_callback_promised" in texts
    return queue is not None and bool(queue.callback_after) and can_say and bool(turn.state.caller)


def _phrases(turn: Turn) -> tuple[str, ...]:
    """For a recognizer with a grammar, where the flowbook has one; otherwise speech is free."""
    code = turn.state.language
    return language(code).call_me_back_listed if turn.book.grammars.get(code) else ()
