"""`centralino knowledge import`, `drafts`, `publish` and the rest: articles on their way to callers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from centralino.article_publishing import ArticlePublishing, drafted
from centralino.commands.console import err, out, said_plainly
from centralino.company_file import CompanyFile
from centralino.logs import set_up_logs
from centralino.settings import SettingsError, load_settings
from console.command_token import ACTOR
from knowledge.embedding import shared_embedder
from knowledge.exchange.drafted import LARGEST_IMPORT_BYTES, ImportRefused
from knowledge.exchange.duplicates import duplicates
from knowledge.exchange.forms import FORMS, Form, read, write
from knowledge.revision import RevisionError
from knowledge.revisions import Revisions

Name = Annotated[str, typer.Argument(help="The article's id.")]
Names = Annotated[list[str] | None, typer.Argument(help="Ids; without any, all.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why, for who looks at the revisions.")]


@contextmanager
def publishing() -> Iterator[ArticlePublishing]:
    """Of the company in the settings; what goes wrong is said plainly."""
    set_up_logs("text", "error")
    with said_plainly():
        settings = load_settings()
        try:
            yield ArticlePublishing(settings.company, Revisions(settings.revisions_path))
        except (RevisionError, ImportRefused) as error:
            raise SettingsError(str(error)) from error


def take_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, Markdown, JSON-LD, HTML or YAML.")],
    form: Annotated[str, typer.Option(help=f"{', '.join(FORMS)}; by default as the file looks.")] = "",
    language: Annotated[str, typer.Option(help="Of texts that do not say theirs; by default the first line's.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report.")] = False,
    as_json: AsJson = False,
) -> None:
    """Questions and answers of a file become drafts; tells which are asked already. Callers hear nothing of it."""
    with publishing() as here:
        if form and form not in FORMS:
            raise SettingsError(f"there is no form {form!r}; there are {', '.join(FORMS)}")
        if file.stat().st_size > LARGEST_IMPORT_BYTES:
            raise SettingsError(f"{file} has more than {LARGEST_IMPORT_BYTES >> 20} MiB; split it")
        code = language or CompanyFile(load_settings().company / "company.toml").described.lines[0].language
        chosen: Form | None = next((one for one in FORMS if one == form), None)
        found = read(file.read_bytes(), file.name, chosen, code)
        served = here.served().by_id
        alike = duplicates(found.drafts, served, shared_embedder())
        if not dry_run:
            here.save(found.drafts, ACTOR)
        if as_json:
            report = [
                {
                    "id": one.id,
                    "place": one.place,
                    "replaces": one.id in served,
                    "faults": one.faults,
                    "notes": one.notes,
                    "alike": [asdict(each) for each in alike.get(one.id, ())],
                }
                for one in found.drafts
            ]
            print(json.dumps({"form": found.form, "encoding": found.encoding, "drafts": report}, ensure_ascii=False))
            return
        for one in found.drafts:
            out.print(f"{one.id}  ({one.place}){'  replaces the article' if one.id in served else ''}", markup=False)
            for each in alike.get(one.id, ()):
                how = "the same question" if each.same else f"{each.likeness:.0%} alike"
                out.print(f"  {how}: {'draft' if each.is_draft else 'article'} {each.article}", markup=False)
            for line in (*(f"error: {fault}" for fault in one.faults), *(f"note: {note}" for note in one.notes)):
                out.print(f"  {line}", markup=False, soft_wrap=True)
        wrong = sum(1 for one in found.drafts if one.faults)
        kept = "nothing was kept" if dry_run else "centralino knowledge drafts lists them"
        out.print(f"{len(found.drafts)} drafts from {found.form} ({found.encoding}), {len(alike)} asked already, "
                  f"{wrong} with errors; {kept}", soft_wrap=True)  # fmt: skip


def put_out(
    names: Names = None,
    form: Annotated[str, typer.Option(help=", ".join(FORMS))] = "yaml",
    to: Annotated[Path | None, typer.Option("--out", help="A file; by default standard output.")] = None,
) -> None:
    """The served articles in another form; the same command's `import` gives them back as they are."""
    with publishing() as here:
        chosen: Form | None = next((one for one in FORMS if one == form), None)
        if chosen is None:
            raise SettingsError(f"there is no form {form!r}; there are {', '.join(FORMS)}")
        served = here.served().by_id
        if unknown := [name for name in names or () if name not in served]:
            raise SettingsError(f"there is no article {', '.join(unknown[:5])}")
        text = write([served[name] for name in names or served], chosen)
        if to is None:
            print(text, end="")
        else:
            to.write_text(text, encoding="utf-8-sig" if chosen == "csv" else "utf-8", newline="")
            out.print(f"{len(names or served)} articles in {to}")


def list_articles() -> None:
    """The served articles: id, languages, and what their first phrasing asks."""
    with publishing() as here:
        served = here.served().by_id.values()
        for one in served:
            asked = next(iter(one.phrasings.values()))[0]
            out.print(f"{one.id}  {', '.join(one.spoken)}  {asked}", markup=False, soft_wrap=True)
        out.print(f"{len(served)} articles")


def list_drafts(as_json: AsJson = False) -> None:
    """Drafts, and whether they could be published."""
    with publishing() as here:
        rows: list[dict[str, Any]] = []
        drafts = here.drafts()
        checked = here.check([draft.document.name for draft in drafts])
        for draft in drafts:
            faults = checked[draft.document.name]
            rows.append(
                {
                    "id": draft.document.name,
                    "who": draft.who,
                    "at": draft.at.isoformat(timespec="seconds"),
                    "base": draft.base,
                    "errors": [str(fault) for fault in faults if not fault.is_warning],
                    "warnings": [str(fault) for fault in faults if fault.is_warning],
                }
            )
        if as_json:
            print(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            state = "new" if not row["base"] else f"from revision {row['base']}"
            out.print(f"{row['id']}  {state}, by {row['who']}, {row['at']}", markup=False)
            for line in (*(f"error: {one}" for one in row["errors"]), *row["warnings"]):
                out.print(f"  {line}", markup=False, soft_wrap=True)
        out.print(f"{len(rows)} drafts")


def show(
    name: Name,
    revision: Annotated[str, typer.Option(help="A number, or `draft`; by default what is served.")] = "",
) -> None:
    """An article's YAML."""
    with publishing() as here:
        print(here.text(name, revision), end="")


def save(
    name: Name,
    file: Annotated[typer.FileText, typer.Argument(help="The article's YAML; - for standard input.")],
) -> None:
    """Keep the YAML of an article as its draft."""
    with publishing() as here:
        draft = drafted(file.read(LARGEST_IMPORT_BYTES), name)
        here.save([draft], ACTOR)
        for fault in here.check([name])[name]:
            out.print(f"{'' if fault.is_warning else 'error: '}{fault}", markup=False, soft_wrap=True)
        out.print(f"draft of {name} kept")


def discard(name: Name) -> None:
    """Throw a draft away."""
    with publishing() as here:
        if not here.discard(name, ACTOR):
            raise SettingsError(f"article {name!r} has no draft")
        out.print(f"draft of {name} discarded")


def publish(names: Names = None, message: Message = "") -> None:
    """Drafts become what callers hear: all of those named, or none when one is wrong. A running server takes it up."""
    with publishing() as here:
        wanted = names or [draft.document.name for draft in here.drafts()]
        if not wanted:
            raise SettingsError("there are no drafts")
        made = here.publish(wanted, ACTOR, message)
        for fault in made.warnings:
            err.print(str(fault), markup=False, soft_wrap=True)
        for revision in made.revisions:
            out.print(f"{revision.document.name}: revision {revision.number}", markup=False)
        for name in made.unchanged:
            out.print(f"{name}: nothing new", markup=False)


def revisions(name: Name, as_json: AsJson = False) -> None:
    """The revisions of an article, the newest first."""
    with publishing() as here:
        here.in_file(name)
        rows = here.revisions_of(name)
        if as_json:
            print(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            of = f" of {row['of']}" if row["of"] else ""
            out.print(f"{row['number']}  {row['at']}  {row['what']}{of}  {row['who']}  {row['message']}", markup=False)


def rollback(name: Name, number: Annotated[int, typer.Argument(min=1)], message: Message = "") -> None:
    """An earlier revision is served again, as the next one."""
    with publishing() as here:
        (made,) = here.roll_back(name, number, ACTOR, message).revisions
        out.print(f"{name}: revision {made.number} is revision {number} again", markup=False)


def diff(
    name: Name,
    before: Annotated[str, typer.Argument(help="A number, `draft`, or '' for what is served.")] = "",
    after: Annotated[str, typer.Argument(help="The same.")] = "draft",
) -> None:
    """What differs between two revisions of an article, line by line."""
    with publishing() as here:
        print(here.diff(name, before, after), end="")


def audit(
    name: Annotated[str, typer.Argument(help="An article's id; '' for all.")] = "",
    most: Annotated[int, typer.Option(min=1, max=1000)] = 50,
) -> None:
    """Who did what to articles, the newest first."""
    with publishing() as here:
        for row in here.audit(name, most):
            out.print("  ".join(row), markup=False)


def add_to(app: typer.Typer) -> None:
    """Makes these commands of `centralino knowledge`."""
    app.command("import")(take_in)
    app.command("export")(put_out)
    app.command("list")(list_articles)
    app.command("drafts")(list_drafts)
    for command in (show, save, discard, publish, revisions, rollback, diff, audit):
        app.command()(command)
