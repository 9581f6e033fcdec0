"""`centralino history search`: what was said and noted, by its words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from centralino.commands.console import err, out
from centralino.commands.reading import read
from history.search.searching import Narrowed, Search
from history.search.snippets import Snippet


def search(
    words: Annotated[list[str], typer.Argument(help="Words that all must be there; '\"a phrase\"'; begin*.")],
    channel: Annotated[str, typer.Option(help="'voice', 'email', 'chat'…")] = "",
    line: Annotated[str, typer.Option(help="Only this line.")] = "",
    contact: Annotated[str, typer.Option(help="Only this contact, by its id.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Before this day.")] = None,
    before: Annotated[str, typer.Option(help="The next page: as the last one said.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
) -> None:
    """Search transcripts and notes, the newest first."""
    narrowed = Narrowed(channel, line, contact, _utc(since), _utc(until))
    try:
        page = read(lambda timeline: Search(timeline).find(" ".join(words), narrowed, before=before, limit=limit))
    except ValueError as error:
        err.print(Text(f"centralino: {error}"))
        raise typer.Exit(1) from None
    for word, meant in page.meant.items():
        out.print(Text(f"nobody said {word!r}; looked for {', '.join(meant)}"))
    for hit in page.hits:
        row = hit.interaction
        head = f"{row.started_at:%Y-%m-%d %H:%M}  {row.id}  {row.channel} {row.line}  {row.outcome}"
        out.print(Text(head, style="bold"), soft_wrap=True)
        for one in hit.snippets:
            out.print(Text(f"  {one.at_ms / 1000:6.1f} s  {one.speaker:8}  ") + _marked(one), soft_wrap=True)
    if not page.hits:
        out.print("nothing was found")
    if page.before:
        out.print(f"more: --before {page.before}")


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _marked(snippet: Snippet) -> Text:
    text = Text(snippet.text)
    for begin, end in snippet.marks:
        text.stylize("bold yellow", begin, end)
    return text
