"""`centralino call`: dial a running server as a phone or a browser does, say something, tell what came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from centralino.calling import (
    CallResult,
    Clip,
    Happening,
    Move,
    Say,
    Script,
    WaitForQuiet,
    clip_of,
    load_clip,
    place_call,
)
from centralino.calling.place import DOORS
from centralino.calling.script import Keys
from centralino.commands.console import err, out, said_plainly
from centralino.door_secrets import door_secrets
from centralino.settings import Settings, load_settings
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
from voice.speaking.prompts import Speaker, default_voice
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

KEYS = "keys:"


def call(
    say_clips: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE.wav|keys:123]...", help="What to say, one after each answer; keys:… types."),
    ] = None,
    say: Annotated[list[str] | None, typer.Option("--say", help="Text to say, synthesised (after the files).")] = None,
    door: Annotated[str, typer.Option(help=f"{', '.join(DOORS)}.")] = "twilio",
    line: Annotated[str, typer.Option(help="The line's number or id.")] = "libreria",
    language: Annotated[str, typer.Option(help="Of --say and of what is heard.")] = "it",
    server: Annotated[str | None, typer.Option(help="The server's address; none: the one of the settings.")] = None,
    caller: Annotated[str, typer.Option(help="The number to call from.")] = "+390510000100",
    hear: Annotated[
        bool, typer.Option(help="Write down what the bot said, by a recognizer of the caller's own.")
    ] = True,
    secret: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What the far end signs with, where the settings do not have it."),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Keep both voices in this wav file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Place one call in real time and print what was heard, and the latency of each turn."""
    with said_plainly():
        settings = load_settings()
        secrets = door_secrets(settings, door) | dict(_named(one) for one in secret or [])
        result = asyncio.run(
            _call(
                settings, say_clips or [], say or [], door, line, language, server, caller, hear, save, as_json, secrets
            )
        )
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
        return
    for heard in result.heard:
        out.print(f"{heard.start_ms / 1000:7.1f} s  bot       {escape(heard.text)}", soft_wrap=True)
    for turn in result.turns:
        latency = "no answer" if turn.latency_ms is None else f"{turn.latency_ms:.0f} ms"
        out.print(f"latency of the answer to {escape(turn.what)!r}: {latency}")
    out.print(
        f"{result.outcome} {escape(result.outcome_why)} · hung up by {result.hung_up_by}: {escape(result.ended_why)}"
    )
    for error in result.protocol_errors:
        err.print(f"[red]protocol error:[/red] {escape(error)}")


async def _call(
    settings: Settings, files: list[str], texts: list[str], door: str, line: str, language: str,
    server: str | None, caller: str, hear: bool, save: Path | None, quiet: bool, secrets: Mapping[str, str],
) -> CallResult:  # fmt: skip
    moves: list[Move] = []
    for what in files:
        move = Keys(what.removeprefix(KEYS)) if what.startswith(KEYS) else Say(load_clip(Path(what)))
        moves += [WaitForQuiet(), move]
    for clip in await _spoken(settings, texts, language):
        moves += [WaitForQuiet(), Say(clip)]
    script = Script((*moves, WaitForQuiet(timeout_ms=60_000)))
    store = ModelStore(settings.cache_dir)
    recognizers = Recognizers(store) if hear else None
    if recognizers:
        await recognizers.start([choose_engine(language, store)])
    try:
        return await place_call(
            server or settings.own_url,
            door=door,
            line=line,
            script=script,
            secrets=secrets,
            caller=caller,
            public_url=settings.public_url,
            recognizer=await recognizers.open(language) if recognizers else None,
            save_to=save,
            observer=None if quiet else _show,
        )
    finally:
        if recognizers:
            await recognizers.close()


def _named(secret: str) -> tuple[str, str]:
    name, equals, value = secret.partition("=")
    if not equals:
        raise ValueError(f"--secret must be NAME=VALUE, got {name[:8]!r}")
    return name, value


async def _spoken(settings: Settings, texts: list[str], language: str) -> list[Clip]:
    if not texts:
        return []
    speaker = Speaker(settings.cache_dir / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    try:
        return [clip_of(text, await speaker.speak(text, default_voice(language))) for text in texts]
    finally:
        await speaker.close()


def _show(happening: Happening) -> None:
    out.print(
        f"[dim]{happening.at_ms / 1000:7.1f} s  {happening.kind:12} {escape(happening.text)}[/dim]", soft_wrap=True
    )
