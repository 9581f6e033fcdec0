"""Commands that only look: open the history, look, close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from rich.markup import escape

from centralino.commands.console import err, said_plainly
from centralino.settings import Settings, load_settings
from history import Timeline, UnknownInteraction

T = TypeVar("T")


def read(look: Callable[[Timeline], Awaitable[T]], settings: Settings | None = None) -> T:
    """What `look` finds. An unknown call is one line and exit code 1."""

    async def run() -> T:
        timeline = Timeline((settings or load_settings()).history_database())
        try:
            return await look(timeline)
        finally:
            await timeline.close()

    with said_plainly():
        try:
            return asyncio.run(run())
        except UnknownInteraction as error:
            err.print(f"[red]centralino:[/red] no call {escape(str(error))}; see: centralino history list")
            raise typer.Exit(1) from None
