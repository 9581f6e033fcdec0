"""A past call played against a draft: what the caller did stays, what the bot does is held against what it did.

The search is made anew, with the articles of today; other systems answer what they answered. Where the draft asks
something else than the caller was asked, what they said is no answer to it any more: that place is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from dialogs.events import (
    CallEnded,
    CallerSaid,
    CallerSilent,
    CallerTyped,
    CallStarted,
    Event,
    GivenBack,
    HandoffFailed,
    Message,
    NotPutThrough,
    OfferFailed,
    OperatorJoined,
    PutThrough,
    QueueMoved,
    Request,
    Responded,
)
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.call import Finds, RehearsedCall
from dialogs.rehearsal.past_turns import COMPARED, Doing, PastTurn, answers_in, doing, past_turns, told
from dialogs.rehearsal.seeing import how_it_ends
from dialogs.replay import Turn
from dialogs.state import State

_BY_CALLER = (CallerSaid, CallerTyped, CallerSilent)
_ON_THE_WAY = (QueueMoved, OfferFailed, OperatorJoined, PutThrough, NotPutThrough, HandoffFailed, GivenBack)
MOST_TURNS = 2_000
"""Of a past call; a longer one is not of people."""


@dataclass(frozen=True)
class Compared:
    """One turn. number: from 0, the beginning of the call. caller: what came from outside, in words. differs: the
    names of what is not the same. fits: whether what the caller did still answers what the draft asked."""

    number: int
    at_ms: int
    caller: str
    then: Doing
    now: Doing
    differs: tuple[str, ...]
    fits: bool


@dataclass(frozen=True)
class Comparison:
    """parted: the turn from which on the past input does not fit any more, None when all of it does; why. stopped: why
    the rest of the call was not played, '' when all of it was. steps_known: whether the past call's flowbook is there,
    so that its steps are known."""

    turns: tuple[Compared, ...]
    parted: int | None
    why: str
    stopped: str
    outcome_then: str
    outcome_now: str
    steps_known: bool

    @property
    def same(self) -> bool:
        return not (self.parted is not None or self.stopped or any(turn.differs for turn in self.turns))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"same": self.same, **asdict(self)}


def compare(draft: Flowbook, finds: Finds, log: Sequence[Turn], language: str, past: Flowbook | None) -> Comparison:
    """log: the call's events and actions, as `dialogs.replay.turns` gives them. language: that it began in. past: the
    flowbook it was made with, None when that is gone. Pure, some milliseconds a turn; raises ValueError for a log that
    is none of a call."""
    turns = past_turns(log, language, past)
    if not turns or not isinstance(turns[0].first, CallStarted):
        raise ValueError("this is no call: its log does not begin with an answer")
    if len(turns) > MOST_TURNS:
        raise ValueError(f"the call has {len(turns)} turns; at most {MOST_TURNS} are compared")
    return _Comparing(draft, finds, log, turns, past).run()


class _Comparing:
    def __init__(
        self, draft: Flowbook, finds: Finds, log: Sequence[Turn], turns: list[PastTurn], past: Flowbook | None
    ) -> None:
        self.draft, self.past, self.turns = draft, past, turns
        self.call = RehearsedCall(draft, finds, self._plays)
        self._answers = list(answers_in(log))
        self._why, self._parted, self._unasked = "", -1, ""
        self.done: list[Compared] = []

    def run(self) -> Comparison:
        stopped = ""
        for number, turn in enumerate(self.turns):
            if stopped := self._cannot_go_on(number, turn):
                break
            self._play(number, turn)
        then = doing([action for turn in self.turns for action in turn.actions], None, None)
        parted = None if self._parted < 0 else self._parted
        return Comparison(
            tuple(self.done), parted, self._why, stopped, then.ends,
            how_it_ends(self.call.state), any(turn.state for turn in self.turns),
        )  # fmt: skip

    def _play(self, number: int, turn: PastTurn) -> None:
        misfit = self._misfit(number, turn)
        if misfit:
            self._part(number, misfit)
        before = len(self.call.now.exchanges)
        skipped = isinstance(turn.first, _ON_THE_WAY) and self.call.state.phase not in ("queued", "operator")
        if not skipped:
            for event in turn.events:
                self._take(event)
        exchanges = self.call.now.exchanges[before:]
        now = doing([action for exchange in exchanges for action in exchange.actions], self.call.state, self.draft)
        then = doing(turn.actions, turn.state, self.past)
        if turn.state is None:  # then nobody knows which slot was asked for
            now = replace(now, asks=now.asks.rpartition(" ")[2])
        names = [name for name in COMPARED if name != "step" or then.step]
        differs = tuple(name for name in names if getattr(then, name) != getattr(now, name))
        fits = self._parted < 0
        self.done.append(Compared(number, turn.first.at_ms, told(turn), then, now, differs, fits))
        if self._unasked:
            self._part(number, f"the draft asks another system that the call did not ask: {self._unasked}")
            self._unasked = ""

    def _take(self, event: Event) -> None:
        if isinstance(event, CallStarted):
            self.call.begins(event)
            return
        self.call.comes_to(event.at_ms)
        self.call.take(event)

    def _part(self, number: int, why: str) -> None:
        if self._parted < 0:
            self._parted, self._why = number, why

    def _cannot_go_on(self, number: int, turn: PastTurn) -> str:
        left = len(self.turns) - number
        rest = f"{left} further turn{'s' if left > 1 else ''} of the call not played"
        if turn.masked:
            return f"the caller told something in confidence, which is not in the history: {rest}"
        state = self.call.state
        if number and state.phase in ("ending", "ended") and not isinstance(turn.first, CallEnded):
            self._part(number, f"the draft has ended the call as {how_it_ends(state)!r}")
            return f"the draft's call is over: {rest}"
        if (
            number
            and state.phase == "queued"
            and isinstance(turn.first, _BY_CALLER)
            and not self._was("queued", number)
        ):
            self._part(number, f"the draft has handed the caller to {state.queue!r}")
            return f"in the draft the caller waits for a human: {rest}"
        return ""

    def _misfit(self, number: int, turn: PastTurn) -> str:
        """Why what came next in the call does not answer what the draft does at this moment."""
        if number == 0 or self._parted >= 0:
            return ""
        state = self.call.state
        if isinstance(turn.first, _ON_THE_WAY) and state.phase not in ("queued", "operator"):
            return "the caller waited for a human; the draft goes on itself"
        if isinstance(turn.first, CallEnded) and turn.first.reason == "bot_ended" and state.phase != "ending":
            return "the bot hung up; the draft goes on"
        if isinstance(turn.first, _BY_CALLER) and state.phase == "listening":
            was, now = self._question(number), _question(state, known=self.turns[number - 1].state is not None)
            if was and now and was != now:
                return f"the caller was asked for {was}; the draft asks for {now}"
        return ""

    def _question(self, number: int) -> str:
        """What the call asked before this turn."""
        past = self.turns[number - 1].state
        if past is not None:
            return _question(past, known=True)
        for turn in reversed(self.turns[:number]):
            if asks := doing(turn.actions, None, None).asks:
                return asks
        return ""

    def _was(self, phase: str, number: int) -> bool:
        past = self.turns[number - 1].state
        return past is None or past.phase == phase

    def _plays(self, asked: Request | Message, state: State, at_ms: int) -> Responded:
        for number, (before, answer) in enumerate(self._answers):
            if _alike(before, asked):
                del self._answers[number]
                return replace(answer, at_ms=at_ms, request=asked.id)
        if isinstance(asked, Message):
            return Responded(at_ms, asked.id, True, 200)
        self._unasked = f"{asked.method} {asked.url}"
        return Responded(at_ms, asked.id, False, error="not asked in the past call")


def _question(state: State, *, known: bool) -> str:
    if state.listen is None:
        return ""
    what = " ".join(filter(None, (state.asking, state.mode if state.mode != "choose" else "", state.listen.expects)))
    return what if known else state.listen.expects


def _alike(before: Request | Message, asked: Request | Message) -> bool:
    if isinstance(before, Request) and isinstance(asked, Request):
        return (before.method, before.url) == (asked.method, asked.url)
    return isinstance(before, Message) and isinstance(asked, Message) and before.channel == asked.channel
