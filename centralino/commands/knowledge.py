"""`centralino knowledge`: what the company knows, checked before callers hear it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from centralino.article_checks import advised, unfit
from centralino.commands import article_drafts, review
from centralino.commands.console import err, out
from centralino.company import load_company
from centralino.company_file import CompanyFile
from centralino.flow_reports import entry, located, told, with_paths
from centralino.logs import set_up_logs
from centralino.settings import SettingsError, load_settings
from dialogs.problems import FlowbookErrors, Located
from dialogs.sarif import sarif
from knowledge.article_files import Articles, load_articles
from knowledge.articles import ArticlesUnreadable

app = typer.Typer(
    help="Articles: check them, take them in and out, review what was not answered.", no_args_is_help=True
)


article_drafts.add_to(app)
app.command("test")(review.test)
app.add_typer(review.app, name="review")


@app.callback()
def knowledge() -> None:
    pass


@dataclass(frozen=True)
class _Checked:
    """read: None when there are errors."""

    read: Articles | None
    problems: list[Located]


@app.command()
def check(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[COMPANY|FOLDER]", exists=True, help="A company, or a folder of articles alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for editors and code hosts.")] = False,
) -> None:
    """All errors and warnings of the articles, with file and line. Exit code 1 when there are errors.

    In a company's folder queues and languages are checked against its flowbooks and lines, too.
    """
    set_up_logs("text", "error")
    path = (target or load_settings().company).absolute()
    checked = _check(path)
    problems = with_paths(checked.problems, path)
    errors = [one for one in problems if not one.is_warning]
    warnings = [one for one in problems if one.is_warning]
    count = len(checked.read.by_id) if checked.read else 0
    if as_sarif:
        print(json.dumps(sarif(problems, version("centralino")), ensure_ascii=False))
    elif as_json:
        found = {
            "ok": not errors,
            "articles": count,
            "errors": [entry(one) for one in errors],
            "warnings": [entry(one) for one in warnings],
        }
        print(json.dumps(found, ensure_ascii=False))
    else:
        for one in (*errors, *warnings):
            out.print(f"error: {one}" if not one.is_warning else str(one), markup=False, soft_wrap=True)
        if errors:
            err.print(f"{len(errors)} errors")
        else:
            out.print(f"{count} articles: no errors, {len(warnings)} warnings")
    if errors:
        raise typer.Exit(1)


def _check(path: Path) -> _Checked:
    today = datetime.now().astimezone().date()
    company = (path / "company.toml").is_file()
    spoken_on: dict[str, str] = {}
    try:
        folder = path
        if company:
            described = CompanyFile(path / "company.toml").described
            folder = path / described.articles
            for line in reversed(described.lines):
                spoken_on[line.language] = line.id
        read = load_articles(folder)
        books = [book for book, _ in load_company(path).books] if company else []
    except (ArticlesUnreadable, SettingsError, FlowbookErrors) as error:
        return _Checked(None, told(error))
    if faults := unfit(read, books):
        return _Checked(None, [located(fault) for fault in faults])
    return _Checked(read, [located(fault) for fault in advised(read, spoken_on, today)])
