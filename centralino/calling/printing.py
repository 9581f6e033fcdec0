"""A call on a terminal, as it happens: one line for each thing that is worth seeing."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from centralino.calling.door import Happening, Observer

SHOWN = {
    "ringing": ("dim", "rings {text}"),
    "answered": ("green", "answered as {text}"),
    "offer": ("magenta", "is offered a call of queue '{text}' ({reason}, {transcript_turns} turns so far)"),
    "offer_gone": ("magenta", "the offer is gone: {text}"),
    "connected": ("green", "connected to call {text}"),
    "says": ("bold cyan", "says: {text}"),
    "keys": ("bold cyan", "types: {text}"),
    "bot_speaks": ("yellow", "hears speech"),
    "pressed": ("yellow", "hears keys: {text}"),
    "clear": ("dim", "the other end stopped its sound"),
    "transcript": ("white", "{speaker}: {text}"),
    "heard": ("bold yellow", "understood: {text}"),
    "draining": ("magenta", "the server is about to stop"),
    "protocol_error": ("bold red", "protocol error: {text}"),
    "ended": ("green", "ended by {by}: {text}"),
}
ENDERS = {"us": "this end", "them": "the other end", "lost": "a lost connection"}


def printer(console: Console, who: str = "caller") -> Observer:
    """An observer that prints each happening with its time; who: in front of each line."""

    def show(happening: Happening) -> None:
        style, line = SHOWN[happening.kind]
        # The text comes from the other end: it goes in as plain text, never as markup or as a format of its own.
        values = {**happening.detail, "text": happening.text}
        values["by"] = ENDERS.get(str(values.get("by")), "")
        if "latency_ms" in happening.detail:
            line += " after {latency_ms} ms"
        parts = Text(f"{happening.at_ms / 1000:7.2f} s  {who:<8} ", style="dim")
        console.print(parts.append(line.format_map(values), style=style))

    return show
