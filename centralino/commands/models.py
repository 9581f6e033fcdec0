"""`centralino models`: which speech models there are, fetch them, verify them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.company import Company
from centralino.settings import load_settings
from voice.graphs.static_graph import GraphNotMade, has_halves
from voice.models import EngineChoice, ModelStore, fetch_engine

app = typer.Typer(help="Speech models: list, fetch, verify.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Models; none: those needed by default.")]
WithGraph = Annotated[
    bool, typer.Option(help="Make the static decoding graphs of Vosk models too (1 GB of disk each).")
]


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


def make_graphs(store: ModelStore, names: list[str]) -> None:
    """Give Vosk models their static graphs; where that cannot be, say why: they work without."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[made]}"), TimeElapsedColumn())
    for name in names:
        if store.known(name).engine != "vosk" or not has_halves(store.path(name)):
            continue
        with Progress(*columns, console=err) as progress:
            task = progress.add_task(f"decoding graph of {name}", total=None, made="")

            def show(done: int, known: int, progress: Progress = progress, task: TaskID = task) -> None:
                made = f"{done / 1e6:.1f} of {known / 1e6:.1f} million states so far"
                progress.update(task, completed=done, total=known, made=made)

            try:
                graph = store.make_graph(name, show)
            except GraphNotMade as reason:
                err.print(f"[dim]{escape(str(reason))}; it is put together while it listens[/dim]", soft_wrap=True)
                continue
        out.print(f"{name}: static decoding graph of {graph.bytes / 1e6:.0f} MB", soft_wrap=True)


@app.command()
def fetch(names: Names = None, graph: WithGraph = True) -> None:
    """Fetch models that are not here (resumes an interrupted download; checksums are verified)."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        wanted = names or needed(store)
        with downloading() as show:
            for name in wanted:
                store.fetch(name, show)
        if graph:
            make_graphs(store, wanted)
        for name in wanted:
            out.print(f"{name}: {store.path(name)}", soft_wrap=True)


@app.command("graph")
def make_or_remove_graph(
    names: Names = None, remove: Annotated[bool, typer.Option(help="Delete it instead.")] = False
) -> None:
    """Make the static decoding graphs of Vosk models that are here: new speech then takes a third of the time."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        wanted = names or [status.model.name for status in store.list() if status.is_here]
        if not remove:
            make_graphs(store, wanted)
            return
        for name in wanted:
            if store.remove_graph(name):
                out.print(f"{name}: its static decoding graph is gone")


@app.command()
def verify(names: Names = None) -> None:
    """Hash every file of the models that are here (or of those named)."""
    with said_plainly():
        store = ModelStore(load_settings().cache_dir)
        for name in names or [status.model.name for status in store.list() if status.is_here]:
            store.verify(name)
            out.print(f"{name}: every file is as it should be")
