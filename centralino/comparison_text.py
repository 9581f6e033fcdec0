"""What would differ between a past call and a draft, as lines of text (with Rich's markup)."""

from __future__ import annotations

from collections.abc import Iterator

from rich.markup import escape

from dialogs.rehearsal.comparing import Compared, Comparison

_NAMES = {"texts": "says", "articles": "article", "handoff": "hands off to", "callback": "call-back", "ends": "outcome"}


def told(compared: Comparison) -> Iterator[str]:
    """Turn by turn, then the sum of it."""
    for turn in compared.turns:
        if turn.number == compared.parted:
            yield f"[yellow]──── from here on what the caller did does not fit: {escape(compared.why)} ────[/yellow]"
        yield from _turn(turn)
    if compared.stopped:
        yield f"[yellow]{escape(compared.stopped)}[/yellow]"
    yield escape(summary(compared))


def summary(compared: Comparison) -> str:
    """One line."""
    differing = sum(bool(turn.differs) for turn in compared.turns)
    if compared.same:
        return f"the draft does the same in all {len(compared.turns)} turns"
    parts = [f"{differing} of {len(compared.turns)} turns differ"]
    if compared.parted is not None:
        parts.append(f"the paths part at turn {compared.parted}")
    if compared.outcome_then != compared.outcome_now:
        parts.append(f"outcome {compared.outcome_then or 'none'!r} then, {compared.outcome_now!r} now")
    if not compared.steps_known:
        parts.append("the call's own flowbook is not kept, so its steps are not known")
    return "; ".join(parts)


def _turn(turn: Compared) -> Iterator[str]:
    mark = "[dim]=[/dim]" if not turn.differs else "[red]≠[/red]"
    yield f"{turn.number:3} {turn.at_ms / 1000:7.1f} s {mark} {escape(turn.caller)}"
    for name in turn.differs:
        then, now = getattr(turn.then, name), getattr(turn.now, name)
        yield f"      [bold]{_NAMES.get(name, name)}[/bold]  then: {escape(_value(then))}"
        yield f"      {' ' * len(_NAMES.get(name, name))}  now:  {escape(_value(now))}"


def _value(value: str | tuple[str, ...]) -> str:
    return (" | ".join(value) if isinstance(value, tuple) else value) or "–"
