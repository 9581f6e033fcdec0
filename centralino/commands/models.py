"""`centralino models`: which speech models there are, fetch them, verify them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.settings import load_settings
from voice.models import ModelStore

app = typer.Typer(help="Speech models: list, fetch, verify.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models; none: those needed by default.")]


def needed(store: ModelStore) -> list[str]:
    """The models a fresh installation needs."""
    return [name for name, model in store.catalogue.items() if model.by_default]


def fetch_models(store: ModelStore, names: Iterable[str]) -> None:
    """Fetch what is not here, with a progress bar on standard error. Raises FetchFailed and ModelMissing."""
    missing = [name for name in names if not store.has(name)]
    if not missing:
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err) as progress:
        for name in missing:
            task = progress.add_task(name, total=store.known(name).download_bytes)
            store.fetch(name, lambda _, done, total, task=task: progress.update(task, completed=done, total=total))  # type: ignore[misc]
            progress.update(task, completed=store.known(name).download_bytes, total=store.known(name).download_bytes)


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
        fetch_models(store, wanted)
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
