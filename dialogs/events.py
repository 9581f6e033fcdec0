"""What happens to a call (events) and what the dialog wants done (actions).

`dialogs.engine.step(book, state, event)` turns one event into a new state and a tuple of actions. Both kinds are
small frozen dataclasses of plain values, so that the history can store them as JSON and replay them exactly:
`to_json` and `from_json` are inverses. Times are milliseconds since the call was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# ---------------------------------------------------------------------------------------------------------- events


@dataclass(frozen=True)
class CallStarted:
    """The call was answered. caller: the number as the phone system gave it, '' when withheld (it proves nothing).

    day: the date where the line is answered (ISO 8601), '' when it is not known. records: whether the line is recorded
    where the flow says so.

    flow: that a call of ours begins with, '' for a caller's; then `caller` is who was called, slots: what is known
    before, answered_by: 'person' or 'machine'. closed_flow: with which a caller's call begins where the line is closed.
    clock: the moment of the answer, with its offset (ISO 8601), '' when it is not known. contact: what the history
    knows of the caller, see `dialogs.contact`. sends: channels on which messages can be sent, 'sms' and 'email'.
    """

    at_ms: int
    line: str
    language: str
    caller: str = ""
    day: str = ""
    flow: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    answered_by: str = ""
    closed_flow: str = ""
    records: bool = False
    clock: str = ""
    contact: Mapping[str, Any] = field(default_factory=dict)
    sends: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallerSaid:
    """A whole utterance. confidence: 0..1 as the recognizer gave it, None when it gives none. unsure: the words that it
    doubted, with its confidence in each."""

    at_ms: int
    text: str
    confidence: float | None = None
    unsure: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Sensed:
    """What the caller's words so far tell, before the turn that told it. topic: '' for none; urgency: 'low' | 'normal'
    | 'high'; mood: 'angry' | 'negative' | 'neutral' | 'positive'; why: the words it rests on."""

    at_ms: int
    topic: str = ""
    urgency: str = "normal"
    mood: str = "neutral"
    why: str = ""


@dataclass(frozen=True)
class CallerTyped:
    """One key: 0-9, * or #."""

    at_ms: int
    key: str


@dataclass(frozen=True)
class CallerSilent:
    """The time of the last `Listen` ran out without speech or keys (also: no further key within its time)."""

    at_ms: int


@dataclass(frozen=True)
class Candidate:
    """An article that may answer. score: calibrated 0..1. spoken: the answer in the caller's language.

    sensitive: only a human may answer it; queue: whose operators then take the call ('' = the flowbook's usual ones).
    more: the details, '' for none. link: an address to be sent, '' for none.
    intent: in place of an article, an intent that may have been meant; it has a title, but says nothing.
    """

    article: str
    version: str
    title: str
    spoken: str
    score: float
    sensitive: bool = False
    queue: str = ""
    more: str = ""
    link: str = ""
    intent: str = ""


@dataclass(frozen=True)
class LookedUp:
    """The answer to a `Lookup` action. band: 'answer' | 'choose' | 'reject' for the articles.

    intents: (name, score) best first, only those the lookup allowed. candidates: best first, at most 3.
    """

    at_ms: int
    text: str
    band: str
    candidates: tuple[Candidate, ...] = ()
    intents: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Responded:
    """The answer to a `Request` or a `Message` with an id. value: the answer's JSON; error: why there is none."""

    at_ms: int
    request: int
    ok: bool
    status: int = 0
    value: Any = None
    error: str = ""


@dataclass(frozen=True)
class HearingLost:
    """The recognizer was restarted: what the caller just said is lost; ask once more. repeated: not the first time."""

    at_ms: int
    repeated: bool = False


@dataclass(frozen=True)
class QueueMoved:
    """The caller waits at `place` (1 = next) in the queue. Sent on entering and again when due to be announced.

    wait_ms: what is left of the wait, None when too little is known to say anything.
    """

    at_ms: int
    queue: str
    place: int
    wait_ms: int | None = None


@dataclass(frozen=True)
class OfferFailed:
    """An operator who was asked declined or did not answer; the caller waits on, at the place they have."""

    at_ms: int
    queue: str


@dataclass(frozen=True)
class OperatorJoined:
    at_ms: int
    operator: str


@dataclass(frozen=True)
class PutThrough:
    """The caller talks to whom they were put through to. to: as the settings call them."""

    at_ms: int
    to: str


@dataclass(frozen=True)
class NotPutThrough:
    """They were not, or no longer are, and the caller is still here. reason: 'busy' | 'no_answer' | 'declined' |
    'dial_failed' | 'destination_left' | 'unknown_destination' | 'no_way'."""

    at_ms: int
    to: str
    reason: str


@dataclass(frozen=True)
class HandoffFailed:
    """Nobody took the call. reason: 'nobody_available' | 'waited_too_long' | 'full' | 'closed' | 'operator_lost'."""

    at_ms: int
    queue: str
    reason: str


@dataclass(frozen=True)
class GivenBack:
    """The operator gives the call back to the bot, which goes on at `flow` ('': where the flowbook's bot asks what else
    there is). returns: they wait for it, and have it again with the next hand-off."""

    at_ms: int
    operator: str
    flow: str = ""
    returns: bool = False


@dataclass(frozen=True)
class PartFailed:
    """Something the dialog relies on failed (search, synthesis...). The caller must reach a human."""

    at_ms: int
    part: str
    detail: str


@dataclass(frozen=True)
class ServiceEnds:
    """The server stops soon. human: a person takes the call when the bot has said so; else somebody calls back."""

    at_ms: int
    human: bool


@dataclass(frozen=True)
class CallEnded:
    """The call is over. reason: 'caller_hung_up' | 'bot_ended' | 'operator_ended' | 'bad_media' | 'node_lost' | ..."""

    at_ms: int
    reason: str


Event = (
    CallStarted
    | CallerSaid
    | Sensed
    | CallerTyped
    | CallerSilent
    | LookedUp
    | Responded
    | HearingLost
    | QueueMoved
    | OfferFailed
    | OperatorJoined
    | PutThrough
    | NotPutThrough
    | HandoffFailed
    | GivenBack
    | PartFailed
    | ServiceEnds
    | CallEnded
)

# --------------------------------------------------------------------------------------------------------- actions
# Actions are carried out in order. `End` and a `Handoff` to somebody by name wait until every earlier `Say` was played.
# A `Handoff` to a queue waits only for those that the caller must hear (`Say.must_be_heard`): operators are asked while
# the bot still says that it asks them.


@dataclass(frozen=True)
class Say:
    """Play `text`. key: the text's key in the flowbook, '' when it comes from an article. article: its id, else ''.

    interruptible: whether the caller can talk over it. yields: an operator who takes the call may; what cannot be
    talked over is otherwise heard to its end before one is asked. shown: what may be written down of a text that holds
    the value of a sensitive slot, '' for every other text.
    """

    text: str
    language: str
    key: str = ""
    interruptible: bool = True
    article: str = ""
    article_version: str = ""
    score: float | None = None
    shown: str = ""
    yields: bool = False

    @property
    def must_be_heard(self) -> bool:
        """To its end, whoever would rather speak: a legal notice, or what a flow's author marked so."""
        return not (self.interruptible or self.yields)


@dataclass(frozen=True)
class TurnSettings:
    """What a step sets about its caller's turns, in ms; None: as the line has it. See `dialogs.steps.turns.Turns`."""

    settled_ms: int | None = None
    answerable_ms: int | None = None
    silence_ms: int | None = None
    slow_ms: int | None = None
    unfinished_ms: int | None = None
    barge_in_ms: int | None = None
    protected_ms: int | None = None


@dataclass(frozen=True)
class Listen:
    """Wait for the caller. timeout_ms counts from the end of what is being played; speech and keys stop it.

    expects: 'open' | 'yes_no' | 'digits' | 'number' | 'choice'. phrases: a grammar for engines that can use one,
    empty for free speech. key_timeout_ms: the same time-out between two keys once one was typed. turns: in force until
    the caller's turn is over, also for the prompts that play meanwhile.
    """

    timeout_ms: int
    expects: str = "open"
    phrases: tuple[str, ...] = ()
    key_timeout_ms: int = 3000
    turns: TurnSettings | None = None


@dataclass(frozen=True)
class Lookup:
    """Find intents and articles for `text`; answered by `LookedUp`. unsure: as in `CallerSaid`."""

    text: str
    language: str
    intents: tuple[str, ...] = ()
    articles: bool = True
    unsure: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Handoff:
    """Pass the call to an operator of `queue` with the transcript and `slots`.

    reason: 'asked' | 'repair' | 'flow' | 'failure' | 'not_put_through' | 'angry' | 'urgent'. skills: all that the
    operator needs.
    briefing: a line for the operator alone, '' for none. to: whom the caller is put through to first, by the name that
    the settings have for them; the queue is for when that fails.
    """

    queue: str
    reason: str
    priority: int = 0
    max_wait_ms: int = 180_000
    announce_every_ms: int = 30_000
    max_length: int = 0
    join_empty: bool = False
    leave_when_empty: bool = True
    slots: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    briefing: str = ""
    to: str = ""


@dataclass(frozen=True)
class Callback:
    """Record that the caller is to be called back. number '' = only the caller id is known to the history."""

    queue: str
    reason: str
    number: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """Record the call from now on, pause that, or end it.

    mode: 'on' | 'pause' | 'off'. notice: key of the text that must have been played to its end before. keep: when it
    ends, whether what was recorded until then is kept. agreed: the caller was asked, and has just agreed.
    """

    mode: str
    notice: str = ""
    keep: bool = True
    agreed: bool = False


@dataclass(frozen=True)
class Request:
    """Ask another system over HTTP; answered by `Responded` with the same id.

    url, query, headers, body: as the flowbook has them, with fields such as {code} and {env.CRM_TOKEN}; values: those
    of all fields but the secrets and the sensitive slots, which are put in where the request is made, so that no
    history has them (`dialogs.requesting`). body: JSON, None for none. filler: said to the caller when the answer
    takes long.
    """

    id: int
    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    timeout_ms: int = 3000
    retries: int = 1
    filler: Say | None = None


@dataclass(frozen=True)
class Message:
    """Send an SMS or an e-mail. id: of the `Responded` that the dialog waits for, 0 when it does not wait."""

    id: int
    channel: str
    to: str
    text: str
    language: str
    subject: str = ""


@dataclass(frozen=True)
class SwitchLanguage:
    """The caller is heard in another language from now on."""

    language: str


@dataclass(frozen=True)
class Surveyed:
    """The caller's answer to a survey. measure: 'csat' (1 to scale) | 'nps' (0 to 10). comment: in their own words.

    answered_by: 'key' | 'voice'.
    """

    survey: str
    measure: str
    score: int
    scale: int
    comment: str = ""
    answered_by: str = ""


@dataclass(frozen=True)
class Note:
    """A fact for the history: topic (e.g. 'outcome', 'slot', 'no_match', 'article_rejected') and its values."""

    topic: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class End:
    """Hang up after what is being played.

    outcome: 'answered' | 'handed_off' | 'callback' | 'abandoned' | 'no_input' | 'failed' | the flowbook's own.
    """

    outcome: str


Action = (
    Say | Listen | Lookup | Handoff | Callback | Record | Request | Message | SwitchLanguage | Surveyed | Note | End
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        CallStarted, CallerSaid, Sensed, CallerTyped, CallerSilent, LookedUp, HearingLost, QueueMoved, OperatorJoined,
        PutThrough, NotPutThrough, OfferFailed, HandoffFailed, GivenBack, PartFailed, ServiceEnds, CallEnded, Responded,
        Say, Listen, Lookup, Handoff, Callback, Record, Request, Message, SwitchLanguage, Surveyed, Note, End,
    )
}  # fmt: skip


def to_json(item: Event | Action) -> dict[str, Any]:
    """A JSON-ready dict with the kind's name under 'kind'."""
    return {"kind": type(item).__name__, **asdict(item)}


def from_json(stored: Mapping[str, Any]) -> Event | Action:
    """The inverse of `to_json`. Raises ValueError naming an unknown kind or field."""
    kind = _KINDS.get(str(stored.get("kind")))
    if kind is None:
        raise ValueError(f"unknown event or action kind {stored.get('kind')!r}; one of {', '.join(sorted(_KINDS))}")
    values = {name: value for name, value in stored.items() if name != "kind"}
    unknown = values.keys() - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    if "candidates" in values:
        values["candidates"] = tuple(Candidate(**candidate) for candidate in values["candidates"])
    if kind is LookedUp and "intents" in values:
        values["intents"] = tuple((str(name), float(score)) for name, score in values["intents"])
    if "unsure" in values:
        values["unsure"] = tuple((str(word), float(sure)) for word, sure in values["unsure"])
    if values.get("turns") is not None:
        values["turns"] = _turn_settings(values["turns"])
    if isinstance(values.get("filler"), Mapping):
        values["filler"] = Say(**values["filler"])
    for name in ("phrases", "intents", "skills", "sends"):
        if isinstance(values.get(name), list):
            values[name] = tuple(values[name])
    item: Event | Action = kind(**values)
    return item


def _turn_settings(stored: Mapping[str, Any]) -> TurnSettings:
    if unknown := stored.keys() - {f.name for f in fields(TurnSettings)}:
        raise ValueError(f"TurnSettings has no field {', '.join(sorted(unknown))}")
    return TurnSettings(**stored)
