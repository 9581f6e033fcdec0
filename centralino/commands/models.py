"""`centralino models`: which speech models there are, fetch them, verify them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.company import Company
from centralino.settings import load_settings
from voice.models import EngineChoice, ModelStore, fetch_engine

app = typer.Typer(help="Speech models: list, fetch, verify.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models; none: those needed by default.")]


def needed(store: ModelStore) -> list[str]:
    """The models a fresh installation needs."""
    return [name for name, model in store.catalogue.items() if model.by_default]


@contextmanager
def downloading() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each model that is fetched meanwhile, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield show


def engines_for(company: Company, store: ModelStore) -> list[EngineChoice]:
    """Fetch what the company's lines need and is not here; say which recognizer each language has, and why."""
    with downloading() as show:
        choices = [
            fetch_engine(
                language, store, show, lambda why: err.print(f"[dim]{escape(why)}[/dim]", soft_wrap=True), engine
            )
            for language, engine in sorted(company.engines.items())
        ]
    for choice in choices:
        err.print(f"recognition of '{choice.language}': {choice.model}. {escape(choice.why)}", soft_wrap=True)
    return choices


@app.command("list")
def list_models() -> None:
    """Every known model, its languages, its size, and whether it is here."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        table = Table("model", "engine", "languages", "MB", "here", "licence")
        for status in store.list():
            model = status.model
            size = f"{model.download_bytes / 1e6:.0f}"
            here = "yes" if status.is_here else "no"
            table.add_row(model.name, model.engine, " ".join(model.languages), size, here, model.licence)
        out.print(table)
        out.print(f"folder: {store.cache_dir}", soft_wrap=True)


@app.command()
def fetch(names: Names = None) -> None:
    """Fetch models that are not here (resumes an interrupted download; checksums are verified)."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        wanted = names or needed(store)
        with downloading() as show:
            for name in wanted:
                store.fetch(name, show)
        for name in wanted:
            out.print(f"{name}: {store.path(name)}", soft_wrap=True)


@app.command()
def verify(names: Names = None) -> None:
    """Hash every file of the models that are here (or of those named)."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        for name in names or [status.model.name for status in store.list() if status.is_here]:
            store.verify(name)
            out.print(f"{name}: every file is as it should be")
