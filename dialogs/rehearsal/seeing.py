"""What a test expects, held against what the bot did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogs.ending import outcome_of
from dialogs.events import Action, Callback, Handoff, Message, Note, Record, Say
from dialogs.rehearsal.call import Exchange, RehearsedCall
from dialogs.scenarios import Expectation, ScenarioTurn, Value
from dialogs.state import SlotValue, State

_LONGEST = 200


def missing(call: RehearsedCall, since: Sequence[Exchange], turn: ScenarioTurn) -> str:
    """What the turn expects and did not come; '' when it did. since: what has happened since the caller's last turn."""
    state = call.state
    actions = [action for exchange in since for action in exchange.actions]
    wanted = getattr(turn, turn.kind)
    if unknown := _unknown(call, turn.kind, str(wanted)):
        return unknown
    if _is_there(turn.kind, wanted, actions, state):
        return ""
    return f"{_expected(turn.kind, wanted)}; {did(actions, state)}"


def not_as_expected(call: RehearsedCall, expect: Expectation) -> list[str]:
    """Everything in which the end of the call differs from `expect`."""
    state = call.state
    wrong = []
    for name, value in expect.slots.items():
        if not _same(state.slots.get(name), value):
            wrong.append(f"expected slot {name!r} to be {value!r}; it is {state.slots.get(name)!r}")
    if expect.failures is not None and state.failures != expect.failures:
        wrong.append(f"expected {expect.failures} failures; there were {state.failures}")
    if expect.outcome and (outcome := how_it_ends(state)) != expect.outcome:
        wrong.append(f"expected the outcome {expect.outcome!r}; it is {outcome!r}")
    if expect.handoff is not None and (queue := _sent_to(call)) != expect.handoff:
        wrong.append(f"expected a hand-off to {expect.handoff or 'nobody'!r}; it was to {queue or 'nobody'!r}")
    if expect.verified is not None and state.verified != expect.verified:
        wrong.append(f"expected the caller {'' if expect.verified else 'not '}to be verified")
    if expect.language and state.language != expect.language:
        wrong.append(f"expected the language {expect.language!r}; it is {state.language!r}")
    return wrong


def how_it_ends(state: State) -> str:
    """The outcome that the history gets if the call ends now."""
    if state.phase == "ended":
        return state.outcome
    reasons = {"ending": "bot_ended", "operator": "operator_ended"}
    return outcome_of(state, reasons.get(state.phase, "caller_hung_up"))


def did(actions: Sequence[Action], state: State) -> str:
    """What the bot did, in words, for who reads why a test failed."""
    said = [action for action in actions if isinstance(action, Say)]
    words = " ".join(f"{(one.shown or one.text)[:_LONGEST]} [{one.key or one.article}]" for one in said)
    told = [f"the bot said {words}" if words else "the bot said nothing"]
    told += [f"handed off to {one.queue!r}" for one in actions if isinstance(one, Handoff)]
    told += [f"promised a call-back ({one.queue})" for one in actions if isinstance(one, Callback)]
    if state.phase in ("ending", "ended"):
        told.append(f"the call ended as {how_it_ends(state)!r}")
    elif state.phase == "listening" and state.mode != "choose" and state.asking:
        told.append(f"it {'reads back' if state.mode == 'confirm' else 'asks for'} {state.asking!r}")
    return ", ".join(told)


def _is_there(kind: str, wanted: object, actions: Sequence[Action], state: State) -> bool:
    said = [action for action in actions if isinstance(action, Say)]
    match kind:
        case "ask":
            by_slot = state.asking == wanted and state.mode == ""
            by_text = any(one.key == wanted for one in said)
            return state.phase == "listening" and (by_slot or by_text)
        case "said":
            return any(one.key == wanted for one in said)
        case "words":
            return _plain(str(wanted)) in _plain(" ".join(one.text for one in said))
        case "answered":
            return any(one.article == wanted for one in said)
        case "offered":
            return state.mode == "choose" and any(one.article == wanted for one in state.candidates)
        case "handoff":
            return any(isinstance(one, Handoff) and one.queue == wanted for one in actions)
        case "callback":
            return any(isinstance(one, Callback) and one.queue == wanted for one in actions)
        case "message":
            return any(isinstance(one, Message) and one.channel == wanted for one in actions)
        case "record":
            return any(isinstance(one, Record) and one.mode == wanted for one in actions)
        case "note":
            notes = [one for one in actions if isinstance(one, Note)]
            return any(wanted in (one.topic, one.values.get("note")) for one in notes)
        case "end":
            return state.phase in ("ending", "ended") and how_it_ends(state) == wanted
        case "slots":
            assert isinstance(wanted, Mapping)
            return all(_same(state.slots.get(name), value) for name, value in wanted.items())
        case "flow":
            return bool(state.at) and state.at[0] == wanted
        case _:
            return bool(getattr(state, kind) == wanted)


def _expected(kind: str, wanted: object) -> str:
    match kind:
        case "ask":
            return f"expected to be asked {wanted!r}"
        case "said" | "words":
            return f"expected {wanted!r} to be said"
        case "answered" | "offered":
            return f"expected the article {wanted!r} to be {kind}"
        case "handoff":
            return f"expected a hand-off to {wanted!r}"
        case "end":
            return f"expected the call to end as {wanted!r}"
        case "flow" | "language" | "failures" | "slots":
            return f"expected {kind} {wanted!r}"
        case _:
            return f"expected the {kind} {wanted!r}"


def _unknown(call: RehearsedCall, kind: str, wanted: str) -> str:
    """A name that the flowbook does not have cannot come."""
    book = call.book
    texts = {*book.texts, "not_taken"}
    known = {
        "ask": {*book.slots, *texts},
        "said": texts,
        "handoff": set(book.queues),
        "callback": set(book.queues),
        "language": set(book.codes),
        "flow": set(book.flows),
    }.get(kind)
    if known is None or wanted in known:
        return ""
    return f"there is no {'slot or text' if kind == 'ask' else 'text' if known is texts else kind} {wanted!r}"


def _sent_to(call: RehearsedCall) -> str:
    actions = [action for exchange in call.now.exchanges for action in exchange.actions]
    return next((one.queue for one in reversed(actions) if isinstance(one, Handoff)), "")


def _same(value: SlotValue | None, wanted: Value | None) -> bool:
    """true is not 1."""
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
