"""Where a dialog goes next: follows the moves of its steps until one waits for the caller, and finds the way back."""

from __future__ import annotations

from dialogs.flowbook import Flowbook
from dialogs.moves import Move
from dialogs.state import Address, Left, State
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn
from dialogs.walking import after, first_of, step_at

_SILENT_STEPS = 500
"""Steps without input in one turn. The loader refuses loops without input, so this only guards against its errors."""

_DEEPEST = 16
"""Places to come back to; of more, the oldest is forgotten."""


def follow(book: Flowbook, turn: Turn, move: Move) -> None:
    """Follow `move`, and those that come of it, until something waits. Raises RuntimeError when nothing ever does."""
    at: Address | None
    for _ in range(_SILENT_STEPS):
        match move.kind:
            case "wait":
                return
            case "goto":
                at = (move.target, 0)
            case "into":
                at = first_of(book.flows, turn.state.at, move.target)
            case "next":
                at = after(book.flows, turn.state.at)
            case "jump":
                _remember(turn, Left(turn.state.at))
                at = (move.target, 0)
            case "digress":
                _remember(turn, _question_of(turn.state))
                at = (move.target, 0)
            case "correct":
                move = _correct(book, turn)
                continue
            case "back":
                left = _way_back(turn)
                if left.question:
                    _ask_again(book, turn, left)
                    return
                at = after(book.flows, left.at)
        if at is None:
            raise RuntimeError("the flow ends without end, goto or handoff")
        turn.change(at=at)
        turn.new_question()
        turn.took()
        move = step_at(book.flows, at).enter(turn)
    raise RuntimeError(f"{_SILENT_STEPS} steps without waiting for the caller")


def _remember(turn: Turn, left: Left) -> None:
    turn.change(stack=(*turn.state.stack, left)[-_DEEPEST:])


def _question_of(state: State) -> Left:
    return Left(
        state.at,
        question=True,
        mode=state.mode,
        asking=state.asking,
        heard=state.heard,
        also_heard=state.also_heard,
        no_input=state.no_input,
        no_match=state.no_match,
    )


def _way_back(turn: Turn) -> Left:
    if not turn.state.stack:
        raise RuntimeError("return without a jump")
    left = turn.state.stack[-1]
    turn.change(stack=turn.state.stack[:-1])
    return left


def _ask_again(book: Flowbook, turn: Turn, left: Left) -> None:
    """The question that a digression began at, as it was."""
    turn.new_question()
    turn.change(
        at=left.at,
        mode=left.mode,
        asking=left.asking,
        heard=left.heard,
        also_heard=left.also_heard,
        no_input=left.no_input,
        no_match=left.no_match,
        words="",
    )
    turn.took()
    asking_step(book, turn).ask_again(turn, keypad=False)


def _correct(book: Flowbook, turn: Turn) -> Move:
    """The last answer of this `fill`, or of the last one, is asked for again."""
    asking = asking_step(book, turn)
    if (move := asking.correct(turn)) is not None:
        return move
    here = turn.state
    if here.last_fill and here.last_fill != here.at:
        turn.change(at=here.last_fill, stack=here.fill_stack)
        turn.new_question()
        turn.took()
        if (move := asking_step(book, turn).correct(turn)) is not None:
            return move
        turn.state = here
    return asking.fail(turn, "no_match", text=here.words)  # there is nothing to take back


def asking_step(book: Flowbook, turn: Turn) -> AskingStep:
    """The step that the caller is at, which asks them something."""
    found = step_at(book.flows, turn.state.at)
    assert isinstance(found, AskingStep)
    return found
