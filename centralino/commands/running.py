"""`centralino run` and `centralino demo`: the server, and what a newcomer sees first."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from centralino.app import open_server
from centralino.commands.console import err, out, said_plainly
from centralino.commands.models import engines_for
from centralino.company import Company, load_company
from centralino.demo import DemoFailed, demonstrate, summary
from centralino.logs import set_up_logs
from centralino.own_server import own_server, settings_beside
from centralino.publishing import Publishing
from centralino.serving import reload_signal, serving, stop_signals, take_port
from centralino.settings import Settings, load_settings
from console.accounts import Accounts
from console.roles import ROLES
from knowledge.revisions import Revisions
from voice.models import ModelStore

Port = Annotated[int | None, typer.Option(help="Port to listen on (default 8080, or CENTRALINO_PORT).")]


def setup() -> None:
    """Fetch the speech models that the company's lines need."""
    with said_plainly():
        settings = load_settings()
        engines_for(load_company(settings.company), ModelStore(settings.cache_dir))
        out.print(f"the speech models are ready in {settings.cache_dir}", soft_wrap=True)


def run(
    port: Port = None,
    demo: Annotated[bool, typer.Option(help="Place the demo calls once the server runs.")] = True,
) -> None:
    """Fetch what is missing, serve the company's lines, place a demo call, and keep serving."""
    with said_plainly():
        asyncio.run(_run(load_settings(port=port), demo))


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the calls.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    server: Annotated[str | None, typer.Option(help="A running server of this machine; none: one of its own.")] = None,
    short: Annotated[bool, typer.Option("--short", help="The first call alone.")] = False,
) -> None:
    """Place the demo calls with real voices. With --once, on a server of its own that is gone afterwards."""
    with said_plainly():
        settings = load_settings()
        if not once and not as_json and not server:
            asyncio.run(_run(settings, demo=True))
        elif server:
            asyncio.run(_demonstrate(server, settings, as_json, short))
        else:
            asyncio.run(_demo_alone(settings, as_json, short))


async def _run(settings: Settings, demo: bool) -> None:
    set_up_logs(settings.log_format, settings.log_level)
    async with _served(settings) as (company, stop):
        placing = asyncio.create_task(_demo_in_its_own_process(settings)) if demo else None
        if placing:
            waiting = asyncio.create_task(stop.wait())
            await asyncio.wait({placing, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        if placing and placing.done() and placing.result():
            err.print("[red]the demo calls failed[/red]; the server goes on: see the lines above")
        if not stop.is_set():
            await _say_where(settings, company)
            await stop.wait()
        if placing:
            placing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await placing
        err.print(f"stopping: no further calls; running ones have {settings.drain_s:g} s (ask again: at once)")


@contextlib.asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[tuple[Company, asyncio.Event]]:
    """The whole server, from the free port to the answered request; the event is set when it is asked to stop."""
    listening = take_port(settings)
    revisions = Revisions(settings.revisions_path)
    Publishing(settings.company, revisions).files()  # what a crash has left half done is finished
    company = load_company(settings.company, revisions=revisions)
    choices = engines_for(company, ModelStore(settings.cache_dir))
    columns = (TextColumn("rendering prompts"), BarColumn(), MofNCompleteColumn())
    async with contextlib.AsyncExitStack() as stack:
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("prompts", total=None)

            def rendered(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            server = await stack.enter_async_context(open_server(settings, company, choices, rendered))
        for failure in server.prompts.failed:
            err.print(f"[yellow]a prompt could not be rendered:[/yellow] {escape(str(failure))}", soft_wrap=True)
        stop = stack.enter_context(stop_signals(server.hurry))  # in force until all calls are drained
        await stack.enter_async_context(serving(server, listening))
        stack.enter_context(reload_signal(server.reload, stop))
        yield company, stop


async def _say_where(settings: Settings, company: Company) -> None:
    url = settings.reached_at
    accounts = await Accounts.open(settings.accounts_path)
    try:
        links = []
        for name, shown_as, roles in (("admin", "Amministrazione", ROLES), ("operatore", "Operatore", ("operator",))):
            account = await accounts.find(name)
            if account is None:
                links.append(await accounts.create_account(name, shown_as, roles))
            elif not account.has_password and not account.disabled:
                links.append(await accounts.new_link(name))
    finally:
        await accounts.close()
    out.print(f"\n[bold]{escape(company.name)}[/bold] is being served.")
    out.print(f"  operators sign in at   {url}/console/desk", soft_wrap=True)
    out.print(f"  admins sign in at      {url}/console  (articles, flows, calls, figures, people)", soft_wrap=True)
    out.print(f"  call from the browser  {url}/call", soft_wrap=True)
    out.print('  call from a terminal   .venv/bin/centralino call --say "Quali sono gli orari?"', soft_wrap=True)
    for link in links:
        out.print(
            f"  first sign-in of [bold]{link.account.name}[/bold] (works once, 24 hours): {link.url(url)}",
            soft_wrap=True,
        )
    out.print("Ctrl-C stops it.")


async def _demo_in_its_own_process(settings: Settings) -> int:
    """The far ends run beside the server, not in its event loop, so that their figures are honest."""
    arguments = ("-m", "centralino", "demo", "--short", "--once", "--server", settings.own_url)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise


async def _demonstrate(server_url: str, settings: Settings, as_json: bool, short: bool) -> None:
    shown_line = ""

    def show(line: str, speaker: str, text: str) -> None:
        nonlocal shown_line
        if line != shown_line:
            out.print(f"\n[bold]demo call on the line {escape(line)}[/bold]")
            shown_line = line
        out.print(f"  {speaker:8}  {escape(text)}", soft_wrap=True)

    try:
        calls = await demonstrate(server_url, settings, (lambda *_: None) if as_json else show, short)
    except DemoFailed as error:
        err.print(f"[red]demo:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps({"calls": [call.to_json() for call in calls]}, ensure_ascii=False))
    else:
        out.print(f"\n{summary(calls)}")


async def _demo_alone(settings: Settings, as_json: bool, short: bool) -> None:
    """On a server of its own with an empty history, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="centralino-demo-") as folder:
        own = settings_beside(settings, Path(folder))
        async with own_server(own):
            await _demonstrate(own.own_url, own, as_json, short)
