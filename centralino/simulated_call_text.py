"""A simulated call's replies as lines of text (with Rich's markup)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape

_SILENT = ("Listen", "Lookup", "Note")


def told(reply: Mapping[str, Any]) -> Iterator[str]:
    """What the bot did, and the line that says where the call stands."""
    if "text" in reply:
        yield escape(str(reply["text"]))
        return
    for exchange in reply["exchanges"]:
        for action in exchange["actions"]:
            yield from _action(action, exchange["why"])
        steps = [one["what"] for one in exchange["way"]]
        if steps:
            yield f"[dim]      ↳ {escape(' · '.join(steps))}[/dim]"
    state = reply["state"]
    if state["waiting"] is not None:
        asked = state["waiting"]
        yield f"[magenta]asks  {escape(asked['name'])}: {escape(_asked(asked))}[/magenta]  [dim](/answer JSON)[/dim]"
    yield f"[dim]      {escape(where_it_stands(state))}[/dim]"


def where_it_stands(state: Mapping[str, Any]) -> str:
    """One line."""
    counters = state["counters"]
    parts = [state["phase"], state["step"]["what"]]
    if state["asking"]:
        parts.append(f"{'reads back' if state['mode'] == 'confirm' else 'asks'} {state['asking']}")
    parts += [f"so far {state['so_far']}"] if state["so_far"] else []
    parts += [f"{name}={value}" for name, value in state["slots"].items()]
    parts += [f"queue {state['queue']}"] if state["queue"] else []
    parts.append(f"failures {counters['failures']}/{counters['budget']}")
    parts += [state["language"], state["time"]]
    if state["phase"] in ("ending", "ended"):
        parts.append(f"outcome {state['outcome']}")
    return " · ".join(filter(None, parts))


def _action(action: Mapping[str, Any], why: Mapping[str, Any] | None) -> Iterator[str]:
    kind = action["kind"]
    if kind == "Say":
        source = action["key"] or f"article {action['article']}"
        if action["article"] and why and why["band"]:
            source += f", {action['score']:.2f}, {why['band']}"
        yield f"[bold]bot[/bold]   {escape(action['text'])}  [dim]({escape(source)})[/dim]"
    elif kind == "Note" and action["topic"] in ("intent", "no_match", "no_input", "digression", "part_failed"):
        values = ", ".join(f"{name} {value}" for name, value in action["values"].items())
        yield f"[dim]      {escape(action['topic'])}: {escape(values)}{escape(_rivals(why))}[/dim]"
    elif kind == "Handoff":
        slots = ", ".join(f"{name}={value}" for name, value in action["slots"].items())
        why_so = f"[dim]({escape(action['reason'])}) {escape(slots)}[/dim]"
        yield f"[green]hands off to {escape(action['queue'])}[/green] {why_so}"
    elif kind == "End":
        yield f"[green]hangs up[/green] [dim]({escape(action['outcome'])})[/dim]"
    elif kind not in (*_SILENT, "Request"):
        values = ", ".join(f"{name} {value}" for name, value in action.items() if name != "kind" and value)
        yield f"[green]{kind.lower()}[/green] [dim]{escape(values)}[/dim]"


def _rivals(why: Mapping[str, Any] | None) -> str:
    if not why or not (why["articles"] or why["intents"]):
        return ""
    found = [f"{name} {score:.2f}" for name, score in (*why["intents"][:2], *why["articles"])]
    return f" (found: {', '.join(found)}; {why['band'] or '-'})"


def _asked(asked: Mapping[str, Any]) -> str:
    if "url" in asked:
        return f"{asked['method']} {asked['url']} {asked['values'] or ''}".rstrip()
    return f"{asked['to']}: {asked['text']}"
