"""The command line."""

from __future__ import annotations

from typing import Annotated

import typer

from centralino.commands import (
    accounts,
    auditing,
    bench,
    calling,
    campaigns,
    evaluating,
    flows,
    history,
    knowledge,
    lines,
    models,
    privacy,
    running,
    webhooks,
)  # fmt: skip
from centralino.commands.console import out, said_plainly
from centralino.company import load_company
from centralino.settings import load_settings
from knowledge.revisions import Revisions

app = typer.Typer(
    help="Centralino: a self-hosted voicebot and call-automation server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(running.run)
app.command()(running.setup)
app.command()(running.demo)
app.command("call")(calling.call)
app.command()(history.replay)
app.add_typer(models.app, name="models")
app.add_typer(flows.app, name="flows")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(lines.app, name="lines")
app.add_typer(history.app, name="history")
app.add_typer(accounts.app, name="accounts")
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(auditing.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.add_typer(bench.app, name="bench")
app.add_typer(evaluating.app, name="eval")


@app.command()
def check() -> None:
    """Read the company's folder: lines, flowbook, articles; say what is wrong with it, and where."""
    with said_plainly():
        settings = load_settings()
        company = load_company(settings.company, revisions=Revisions(settings.revisions_path))
        numbers = ", ".join(f"{line.id} ({line.language})" for line in company.lines)
        out.print(f"{company.name}: lines {numbers}; flowbook {company.book.id} {company.book.revision}; "
                  f"{len(company.knowledge.articles)} articles")  # fmt: skip


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        out.print(installed("centralino"))
        raise typer.Exit
