"""An operator gives the call back to the bot: at which flow it goes on, and what may be wrong with those flows."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.events import GivenBack
from dialogs.flowbook import Flowbook
from dialogs.moves import Move, goto
from dialogs.problems import Problem, of_rule
from dialogs.steps.handoff import HandoffStep
from dialogs.turn import Turn
from dialogs.walking import every_step


def given_back(turn: Turn, event: GivenBack) -> Move:
    """The bot talks again, with everything it knows, and as patient as at the beginning."""
    turn.note("given_back", operator=event.operator, flow=event.flow)
    flow = event.flow
    if flow and flow not in turn.book.handback:
        turn.note("flow_unknown", flow=flow)
        flow = ""
    if flow:
        turn.passed("handback", flow)
    turn.change(phase="listening", queue="", overflowed=(), stack=(), words="", failures=0, kept=event.returns)
    return goto(flow or turn.book.what_else)


@of_rule("handback")
def lint_handback(book: Flowbook) -> Iterator[Problem]:
    """The flows exist, operators can read what they are, and who waits for a call can have it again."""
    for flow, known in book.handback.items():
        path = ("handback", flow)
        if flow not in book.flows:
            yield Problem(path, f"there is no flow {flow!r}; flows: {', '.join(book.flows)}")
            continue
        if not known.title.get(book.languages.default, "").strip():
            code = book.languages.default
            yield Problem((*path, "title"), f"operators need a title to choose it by; add title.{code}")
        for code in known.title:
            if code not in book.codes:
                yield Problem((*path, "title", code), f"{code!r} is no language of this flowbook")
        if known.returns and not _hands_off(book, flow):
            why = "no handoff can be reached from here, so the operator would wait until the caller asks for one"
            yield Problem((*path, "returns"), why, is_warning=True)


def _hands_off(book: Flowbook, flow: str) -> bool:
    leads: dict[str, set[str]] = {}
    passing_on: set[str] = set()
    for at, step in every_step(book.flows):
        leads.setdefault(str(at[0]), set()).update(step.flows())
        if isinstance(step, HandoffStep):
            passing_on.add(str(at[0]))
    waiting, reached = [flow], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += leads.get(name, ())
    return bool(reached & passing_on)
