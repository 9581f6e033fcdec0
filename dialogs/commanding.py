"""What the commands of `always` do, whatever the caller was asked."""

from __future__ import annotations

from dialogs.handing_off import to_human
from dialogs.moves import CORRECT, WAIT, Move, goto
from dialogs.turn import Turn


def obey(turn: Turn, name: str) -> Move:
    """Do what `always` says for one of `COMMANDS`."""
    turn.note("command", name=name)
    turn.passed("always", name)
    always = turn.book.always
    if name == "opt_out" and always.opt_out is not None:
        return _opt_out(turn, always.opt_out.say)
    if name == "operator":
        return to_human(turn, "asked", turn.state.knows_more)
    if name == "cancel" and always.cancel is not None:
        turn.change(stack=())
        return goto(always.cancel.goto)
    if name == "correct":
        return CORRECT
    turn.actions.extend(turn.state.said)
    listen = turn.state.listen
    assert listen is not None  # a command comes while listening or looking
    turn.actions.append(listen)
    turn.change(phase="listening")
    return WAIT


def _opt_out(turn: Turn, say: str) -> Move:
    """This person is not to be called any more: noted for those who call, confirmed, and the call ends."""
    turn.note("opt_out", how="spoken" if turn.state.words else "keyed", number=turn.state.caller)
    turn.say(say, interruptible=False)
    return turn.end("opted_out")
