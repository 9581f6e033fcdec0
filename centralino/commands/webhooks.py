"""`centralino webhooks`: who outside is told of events, what could not be delivered, and sending it again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from fastapi import APIRouter
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import out, said_plainly
from centralino.logs import set_up_logs
from centralino.server_api import a_command, asked, server_api
from centralino.settings import Settings, load_settings
from centralino.webhook_posting import posting
from console.api.webhooks import webhooks
from history import Journal, Timeline
from history.webhooks.dispatching import Dispatcher
from history.webhooks.endpoint import DEFAULT_TYPES
from history.webhooks.redacting import redacted
from history.webhooks.store import Webhooks

app = typer.Typer(help="Webhooks out: endpoints, what was given up, replays.", no_args_is_help=True)

EndpointId = Annotated[str, typer.Argument(help="Of the endpoint, from `centralino webhooks list`.")]


def _ask(method: str, path: str, **request: Any) -> Any:
    set_up_logs("text", "error")
    settings = load_settings()

    async def run() -> Any:
        async with server_api(settings, lambda timeline, journal: _routes(settings, timeline, journal)) as client:
            return await asked(client, method, f"/api/webhooks{path}", **request)

    with said_plainly():
        return asyncio.run(run())


def _routes(settings: Settings, timeline: Timeline, journal: Journal) -> APIRouter:
    hooks = Webhooks(timeline, journal)
    post = posting(settings.webhooks.inside)
    sending = Dispatcher(hooks, journal, post, redacted, node="command")  # sends trials only
    return webhooks(hooks, sending, a_command)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="https://…")],
    types: Annotated[str, typer.Option(help="'call.ended', 'call.*', '*'; several with commas.")] = ",".join(
        DEFAULT_TYPES
    ),
    payload: Annotated[bool, typer.Option("--payload", help="Tell what happened, too, redacted.")] = False,
    description: str = "",
) -> None:
    """Tell an endpoint of what happens from now on. Its secret is shown once."""
    body = {
        "url": url,
        "types": [one.strip() for one in types.split(",") if one.strip()],
        "detail": "payload" if payload else "ids",
        "description": description,
    }
    made = _ask("POST", "", json=body)
    out.print(made["id"])
    out.print(made["secret"], soft_wrap=True, highlight=False)


@app.command("list")
def list_endpoints() -> None:
    """The endpoints and how they do."""
    table = Table("endpoint", "address", "types", "detail", "state", "failing since (UTC)")
    for one in _ask("GET", ""):
        state = f"{one['state']}: {one['why']}" if one["why"] else one["state"]
        cells = (
            one["id"], one["url"], " ".join(one["types"]), one["detail"], state, (one["failing_since"] or "")[:16]
        )  # fmt: skip
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@app.command()
def dead(
    endpoint: Annotated[str | None, typer.Argument(help="Only of this endpoint.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    state: Annotated[str, typer.Option(help="dead, pending or delivered.")] = "dead",
) -> None:
    """Messages that were given up after all tries (or, with --state, others)."""
    params = {"state": state, "limit": limit} | ({"endpoint": endpoint} if endpoint else {})
    table = Table("message", "endpoint", "type", "interaction", "tries", "last tried (UTC)", "why")
    for one in _ask("GET", "/deliveries", params=params):
        cells = (
            one["message_id"], one["endpoint_id"], one["topic"], f"{one['interaction_id']} {one['seq']}",
            str(one["attempts"]), (one["last_tried_at"] or "")[:16], one["error"],
        )  # fmt: skip
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@app.command()
def replay(
    endpoint: EndpointId,
    message: Annotated[str | None, typer.Option(help="Only this message.")] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.01, help="All that was written in the last so many hours, delivered or not.")
    ] = None,
) -> None:
    """Send what was given up again, with the ids it had."""
    body: dict[str, Any] = {"message_id": message}
    if hours is not None:
        body = {"since": (datetime.now(UTC) - timedelta(hours=hours)).isoformat()}
    out.print(f"{_ask('POST', f'/{endpoint}/replay', json=body)['messages']} messages are due")


@app.command()
def test(endpoint: EndpointId) -> None:
    """Send a message of type webhook.test now and say what came of it."""
    answer = _ask("POST", f"/{endpoint}/test")
    out.print(f"accepted, status {answer['status']}" if answer["accepted"] else f"not accepted: {answer['error']}")
    if not answer["accepted"]:
        raise typer.Exit(1)


@app.command()
def rotate(endpoint: EndpointId) -> None:
    """A new secret, shown once; for a day messages are also signed with the old one."""
    out.print(_ask("POST", f"/{endpoint}/rotate")["secret"], soft_wrap=True, highlight=False)


@app.command()
def enable(endpoint: EndpointId) -> None:
    """Switch an endpoint on; what was written while it was off is sent by `replay --hours`."""
    _ask("POST", f"/{endpoint}/enable")


@app.command()
def disable(endpoint: EndpointId) -> None:
    """Switch an endpoint off; what waits for it goes on waiting."""
    _ask("POST", f"/{endpoint}/disable")


@app.command()
def remove(endpoint: EndpointId) -> None:
    """Forget an endpoint and what waits for it."""
    _ask("DELETE", f"/{endpoint}")
