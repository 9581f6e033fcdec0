"""`centralino flows draft`, `publish`, `rollback`: from a text on somebody's desk to what callers hear."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from centralino.commands.console import err, out, said_plainly
from centralino.flow_files import FlowFile
from centralino.logs import set_up_logs
from centralino.publishing import Checked, Publishing, document_of
from centralino.running_server import reload_server, server_of
from centralino.settings import Settings, SettingsError, load_settings
from dialogs.loading import text_of
from knowledge.revision import Revision
from knowledge.revisions import Revisions

Book = Annotated[str, typer.Argument(help="The flowbook's id, or its file.")]
Message = Annotated[str, typer.Option("--message", "-m", help="What it changes, for those who read the list later.")]
Who = Annotated[str, typer.Option("--as", help="Who does it; none: the user of this machine.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def opened() -> tuple[Settings, Publishing]:
    """The company's flowbooks. What stands in their files has a number from now on. Raises SettingsError."""
    set_up_logs("text", "error")
    settings = load_settings()
    return settings, Publishing(settings.company, Revisions(settings.revisions_path))


def draft(
    book: Book,
    file: Annotated[str, typer.Argument(help="The new text; - for standard input; none: print the draft.")] = "",
    base: Annotated[
        int | None, typer.Option(help="The revision it is based on, once its changes were taken up.")
    ] = None,
    discard: Annotated[bool, typer.Option("--discard", help="Throw the draft away.")] = False,
    who: Who = "",
) -> None:
    """Keep a text as the flowbook's draft, which nobody hears until it is published; or print the draft."""
    with said_plainly():
        _, publishing = opened()
        flow = publishing.file(book)
        document = document_of(flow)
        if discard:
            was = publishing.revisions.discard_draft(document, who=_who(who), at=datetime.now(UTC))
            err.print("the draft is gone" if was else "there was no draft")
            return
        if not file:
            if (kept := publishing.revisions.draft(document)) is None:
                raise SettingsError(f"{flow.id} has no draft; `centralino flows draft {flow.id} FILE` makes one")
            print(kept.body.decode(), end="")
            return
        text = _read(file)
        publishing.in_file(flow)
        saved = publishing.revisions.save_draft(
            document, text.encode(), who=_who(who), at=datetime.now(UTC), base=base
        )  # fmt: skip
        checked = publishing.check(flow, text, rehearse=False)
    out.print(f"draft of {flow.id}, on revision {saved.base}: {_counts(checked)}", soft_wrap=True)
    _tell(checked)
    out.print(f"next: centralino flows diff {flow.id}; centralino flows publish {flow.id} -m '…'", soft_wrap=True)


def publish(
    book: Book,
    file: Annotated[str, typer.Argument(help="What to publish; none: the draft, or the edited file itself.")] = "",
    message: Message = "",
    as_json: AsJson = False,
    who: Who = "",
) -> None:
    """Check the draft (or FILE), carry out its tests, and let new calls use it. Exit code 1 when something is wrong."""
    with said_plainly():
        settings, publishing = opened()
        flow = publishing.file(book)
        text, base = _to_publish(publishing, flow, file)
        checked = publishing.check(flow, text)
        if checked.errors:
            _refuse(flow, checked, as_json)
        made = publishing.commit(flow, text, who=_who(who), message=message, base=base)
        _report(settings, flow, made, checked, as_json)


def rollback(
    book: Book,
    revision: Annotated[str, typer.Argument(help="Its number, or the first digits of its hash.")],
    message: Message = "",
    as_json: AsJson = False,
    who: Who = "",
) -> None:
    """Publish an earlier revision again, as a new one. Exit code 1 when it cannot be used any more."""
    with said_plainly():
        settings, publishing = opened()
        flow = publishing.file(book)
        publishing.in_file(flow)
        old = publishing.revisions.revision(document_of(flow), revision)
        latest = publishing.revisions.latest(document_of(flow))
        text = publishing.revisions.read(document_of(flow), old.number).decode()
        checked = publishing.check(flow, text)
        if checked.errors:
            _refuse(flow, checked, as_json)
        base = latest.number if latest else 0
        made = publishing.commit(flow, text, who=_who(who), message=message, base=base, again=old.number)
        _report(settings, flow, made, checked, as_json)


def _to_publish(publishing: Publishing, flow: FlowFile, file: str) -> tuple[str, int]:
    """The text, and the revision that it goes on from."""
    document = document_of(flow)
    latest = publishing.revisions.latest(document)
    newest = latest.number if latest else 0
    if file:
        same = file != "-" and Path(file).absolute() == flow.path.absolute()
        return _read(file), newest if same else _numbered(publishing, flow)
    if (kept := publishing.revisions.draft(document)) is not None:
        return kept.body.decode(), kept.base
    if flow.text is not None and (not latest or publishing.revisions.read(document, newest) != flow.text.encode()):
        return flow.text, newest
    raise SettingsError(
        f"{flow.id} has no draft, and {flow.place} is revision {newest}: there is nothing to publish; "
        f"edit the file, or `centralino flows draft {flow.id} FILE`"
    )


def _numbered(publishing: Publishing, flow: FlowFile) -> int:
    found = publishing.in_file(flow)
    return found.number if found else 0


def _refuse(flow: FlowFile, checked: Checked, as_json: bool) -> None:
    if as_json:
        problems = [asdict(one) for one in checked.problems]
        print(json.dumps({"ok": False, "flowbook": flow.id, "problems": problems}, ensure_ascii=False))
    else:
        _tell(checked)
        err.print(f"{flow.id} was not published: {len(checked.errors)} errors")
    raise typer.Exit(1)


def _report(settings: Settings, flow: FlowFile, made: Revision, checked: Checked, as_json: bool) -> None:
    outcome = reload_server(settings) if server_of(settings) else None
    served = outcome is None or outcome["ok"]
    if as_json:
        told = {"ok": served, "flowbook": flow.id, "revision": made.number, "sha256": made.sha256,
                "problems": [asdict(one) for one in checked.problems], "server": outcome}  # fmt: skip
        print(json.dumps(told, ensure_ascii=False))
    else:
        _tell(checked)
        again = f", which is revision {made.of} again" if made.of else ""
        out.print(f"{flow.id} {made.number} is published{again}: {_counts(checked)}", soft_wrap=True)
        if outcome is None:
            out.print("no server runs; it begins with it")
        elif served:
            out.print("new calls are answered with it; running ones keep what they began with", soft_wrap=True)
    if outcome is not None and not served:
        for error in outcome["errors"]:
            err.print(f"error: {error}", markup=False, soft_wrap=True)
        err.print(f"the server could not take it up and goes on as before; mend it, or "
                  f"`centralino flows rollback {flow.id} {made.number - 1}`", soft_wrap=True)  # fmt: skip
        raise typer.Exit(1)


def _tell(checked: Checked) -> None:
    for one in checked.problems:
        error = "" if one.is_warning else "error: "
        out.print(f"{error}{one if one.file else one.message}", markup=False, soft_wrap=True)


def _counts(checked: Checked) -> str:
    tests = f", {len(checked.tests.results)} tests passed" if checked.tests and not checked.errors else ""
    return f"{len(checked.errors)} errors, {len(checked.warnings)} warnings{tests}"


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return text_of(file)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None


def _who(given: str) -> str:
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "command line"
