"""`centralino knowledge review`: what callers asked and were not answered, and what would answer it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from centralino.commands.article_drafts import publishing
from centralino.commands.console import err, out
from centralino.question_sets import question_sets, unanswered
from centralino.review_reading import read_calls
from centralino.review_telling import told_matter
from centralino.reviewing import Reviewing
from centralino.settings import SettingsError, load_settings
from console.article_shelf import Changes
from console.command_token import ACTOR
from history import Timeline
from knowledge.embedding import shared_embedder
from knowledge.review.calls import Call

app = typer.Typer(help="What callers asked and were not answered.", no_args_is_help=True)
Days = Annotated[int, typer.Option(min=1, max=366, help="Of calls, back from now.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Id = Annotated[str, typer.Argument(help="As `list` shows it.")]


@contextmanager
def _reviewing(days: int) -> Iterator[tuple[Reviewing, list[Call]]]:
    with publishing() as here:
        yield Reviewing(here, shared_embedder()), asyncio.run(_calls(days))


async def _calls(days: int) -> list[Call]:
    timeline = Timeline(load_settings().history_path)
    try:
        return await read_calls(timeline, datetime.now(UTC) - timedelta(days=days))
    finally:
        await timeline.close()


@app.command("list")
def list_matters(
    days: Days = 30, most: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False
) -> None:
    """The costliest first: calls × time they took from the question on; with what would answer each."""
    with _reviewing(days) as (reviewing, calls):
        base = reviewing.base()
        found = reviewing.open_matters(calls)
        rows = [told_matter(one, reviewing.suggestion(one, base)) for one in found[:most]]
        if as_json:
            print(json.dumps({"calls": len(calls), "matters": rows}, ensure_ascii=False))
            return
        for row in rows:
            _print(row)
        out.print(f"{len(found)} matters in {len(calls)} calls of {days} days")


@app.command()
def show(name: Id, days: Days = 30, as_json: AsJson = False) -> None:
    """All of one matter: each question and its call, and the article as it would be."""
    with _reviewing(days) as (reviewing, calls):
        matter = reviewing.matter(calls, name)
        row = told_matter(matter, reviewing.suggestion(matter, reviewing.base()), whole=True)
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
            return
        _print(row)
        for miss in row["misses"]:
            out.print(
                f"  {miss['at']}  {miss['kind']:12} {miss['call']}  {miss['question']}", markup=False, soft_wrap=True
            )
            for words in miss["operator"]:
                out.print(f"      operator: {words}", markup=False, soft_wrap=True)
        print(row["suggestion"]["yaml"], end="")


@app.command()
def approve(
    name: Id,
    article: Annotated[str, typer.Option(help="Gets the phrasings in place of the suggested one.")] = "",
    phrasing: Annotated[list[str] | None, typer.Option(help="In place of the suggested ones; may be repeated.")] = None,
    spoken: Annotated[str, typer.Option(help="The answer.")] = "",
    more: Annotated[str, typer.Option(help="Its details.")] = "",
    title: Annotated[str, typer.Option(help="What `did you mean …?` offers.")] = "",
    days: Days = 30,
) -> None:
    """Publish what is suggested, with your changes; its question becomes a test."""
    with _reviewing(days) as (reviewing, calls):
        changes = Changes(article, tuple(phrasing or ()), spoken, more, title)
        done = reviewing.approve(calls, name, ACTOR, changes)
        how = "answered at once" if done.band == "answer" else "offered to choose"
        out.print(f"{done.article}: revision {done.revision.number}; {done.test!r} is {how} now", markup=False)
        out.print(f"the question was added to {done.questions}", markup=False, soft_wrap=True)


@app.command()
def dismiss(name: Id, days: Days = 30) -> None:
    """Nothing is to be done about it: it is not shown again."""
    with _reviewing(days) as (reviewing, calls):
        matter = reviewing.dismiss(calls, name, ACTOR)
        out.print(f"{matter.id} dismissed: {matter.questions[0][0]}", markup=False)


def test() -> None:
    """Ask the company's questions (questions/*.yaml). Exit code 1 when one is not answered as it should be."""
    with publishing() as here:
        base = Reviewing(here, shared_embedder()).base()
        sets = question_sets(here.company)
        if not sets:
            raise SettingsError(f"{here.company / 'questions'} has no questions; approving a review adds some")
        wrong = [row for questions in sets for row in unanswered(base, questions)]
        for question, wanted, found in wrong:
            err.print(f"{question!r}: wanted {wanted}; {found}", markup=False, soft_wrap=True)
        asked = sum(len(one.inside) + len(one.outside) for one in sets)
        out.print(f"{asked} questions, {len(wrong)} not as they should be")
        if wrong:
            raise typer.Exit(1)


def _print(row: dict[str, Any]) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in row["kinds"].items())
    out.print(
        f"{row['id']}  {row['language']}  {row['calls']} calls × {row['handling_s']:.0f} s  ({kinds})", markup=False
    )
    for question in row["questions"][:3]:
        out.print(f"  {question['calls']}× {question['text']}", markup=False, soft_wrap=True)
    one = row["suggestion"]
    what = f"phrasings for {one['article']}" if one["kind"] == "phrasings" else f"a new article {one['article']}"
    out.print(f"  → {what}: {one['why']}", markup=False, soft_wrap=True)
    if one["kind"] == "article" and one["spoken"]:
        out.print(f"    {one['spoken']}", markup=False, soft_wrap=True)
