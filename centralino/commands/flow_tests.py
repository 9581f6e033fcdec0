"""`centralino flows test`: a flowbook's own tests, and how much of it they come by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from threadpoolctl import threadpool_limits

from centralino.commands.console import err, out, said_plainly
from centralino.junit import junit
from centralino.logs import set_up_logs
from centralino.rehearsed_company import read_rehearsed
from dialogs.rehearsal import TestReport, run_tests

_SHOWN = 20


def run(
    target: Annotated[
        Path, typer.Argument(metavar="BOOK|COMPANY", exists=True, help="A flowbook, or the folder of a company.")
    ],
    only: Annotated[list[str] | None, typer.Option(help="Only tests whose names hold this; may be repeated.")] = None,
    articles: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Articles for a flowbook that stands alone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    junit_to: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML into this file, too.")] = None,
    at_least: Annotated[
        int, typer.Option(min=0, max=100, help="Percent of steps and branches that the tests must come by.")
    ] = 0,
    missed: Annotated[bool, typer.Option("--missed", help="List all that no test came by.")] = False,
) -> None:
    """Run the flowbook's own tests: no sound, no network, no waiting. Exit code 1 when one fails or coverage is short.

    A flowbook beside a company.toml is tested with that company's articles.
    """
    set_up_logs("text", "error")
    with said_plainly():
        rehearsed = read_rehearsed(target.absolute(), articles)
    with threadpool_limits(1, user_api="blas"):  # as in the server: a second thread only costs
        report = run_tests(rehearsed.book, rehearsed.finds, only or ())
    if junit_to:
        junit_to.write_text(junit(report), encoding="utf-8")
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        _print(report, missed)
    if not report.passed:
        raise typer.Exit(1)
    if report.coverage.percent < at_least:
        err.print(f"coverage {report.coverage.percent} % is less than the {at_least} % that were asked for")
        raise typer.Exit(1)


def _print(report: TestReport, missed: bool) -> None:
    for result in report.results:
        mark = "[green]✓[/green]" if result.passed else "[red]✗[/red]"
        out.print(f"{mark} {escape(result.name)} [dim]{result.took_ms:.1f} ms[/dim]", soft_wrap=True)
        for failure in result.failures:
            out.print(f"  {failure}", markup=False, soft_wrap=True)
    seen = report.coverage
    passed = sum(result.passed for result in report.results)
    out.print(
        f"{report.book} {report.revision}: {passed} of {len(report.results)} tests passed in {report.took_ms:.0f} ms; "
        f"{seen.steps_walked} of {seen.steps} steps, {seen.branches_walked} of {seen.branches} branches "
        f"({seen.percent} %)",
        soft_wrap=True,
    )
    for one in seen.missed if missed else seen.missed[:_SHOWN]:
        out.print(f"  not tested: {one}", markup=False, soft_wrap=True)
    if len(seen.missed) > _SHOWN and not missed:
        out.print(f"  … and {len(seen.missed) - _SHOWN} more (--missed)")
