"""A flow puts a caller through; when nobody is reached there, the queue of the step takes them."""

from __future__ import annotations

from dialogs import engine
from dialogs.events import Action, CallEnded, CallerTyped, CallStarted, Handoff, NotPutThrough, PutThrough, Say
from dialogs.loading import read_flowbook
from tests.telephony.conftest import FLOWBOOK

BOOK = read_flowbook(
    FLOWBOOK.replace(
        '    - if: tasto == "0"',
        '    - if: tasto == "7"\n      then: [{say: bye}, {handoff: aiuto, to: magazzino, with: [tasto]}]\n'
        '    - if: tasto == "0"',
    ).replace("  queue_place:", "  not_put_through: {it: Non rispondono.}\n  queue_place:")
)


def steps(*events: object) -> list[Action]:
    """The actions of the last event."""
    state, actions = engine.start(BOOK, "it"), ()
    for event in events:
        state, actions = engine.step(BOOK, state, event)  # type: ignore[arg-type, assignment]
    return list(actions)


STARTED, SEVEN = CallStarted(0, "it", "it", "+39051"), CallerTyped(10, "7")


def test_the_goodbye_comes_before_the_transfer() -> None:
    said, handed = (action for action in steps(STARTED, SEVEN) if isinstance(action, Say | Handoff))
    assert isinstance(said, Say)
    assert said.text == "Ciao."
    assert isinstance(handed, Handoff)
    assert (handed.queue, handed.to, handed.slots) == ("aiuto", "magazzino", {"tasto": "7"})


def test_when_nobody_is_reached_the_caller_is_told_and_queued_with_the_same_slots() -> None:
    actions = steps(STARTED, SEVEN, NotPutThrough(20, "magazzino", "busy"))
    assert [action.text for action in actions if isinstance(action, Say)] == ["Non rispondono."]
    (handed,) = (action for action in actions if isinstance(action, Handoff))
    assert (handed.queue, handed.to, handed.reason, handed.slots) == ("aiuto", "", "not_put_through", {"tasto": "7"})


def test_who_was_put_through_is_handed_off() -> None:
    actions = steps(STARTED, SEVEN, PutThrough(20, "magazzino"), CallEnded(30, "transferred"))
    assert any(getattr(action, "values", {}).get("outcome") == "handed_off" for action in actions)
