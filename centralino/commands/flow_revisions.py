"""`centralino flows list`, `revisions`, `show`, `diff`, `audit`: what was published, by whom, and what it changed."""

from __future__ import annotations

import json
import os
from datetime import datetime
from difflib import unified_diff
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from centralino.commands.console import out, said_plainly
from centralino.commands.flow_publishing import AsJson, Book, opened
from centralino.flow_files import FlowFile
from centralino.publishing import Publishing, document_of
from centralino.settings import SettingsError
from dialogs.difference_words import in_words, languages, none_in_words
from dialogs.differences import differences
from knowledge.revision import FLOWBOOK, Revision
from knowledge.revision_names import DRAFT, PUBLISHED, body_named

FILE = "file"
State = Annotated[str, typer.Argument(help="draft, published, file, a number, or the first digits of a hash.")]
Most = Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")]


def list_flowbooks(as_json: AsJson = False) -> None:
    """The company's flowbooks, their latest revisions and drafts."""
    with said_plainly():
        _, publishing = opened()
        rows = [_about(publishing, flow) for flow in publishing.files()]
    if as_json:
        print(json.dumps({"flowbooks": rows}, ensure_ascii=False))
        return
    table = Table(Column("flowbook", no_wrap=True), "file", "lines", "revision", "by", "message", "draft")
    for row in rows:
        table.add_row(*(str(row[key]) for key in ("id", "file", "lines", "revision", "by", "message", "draft")))
    out.print(table)


def revisions(book: Book, most: Most = 30, as_json: AsJson = False) -> None:
    """All that was published, the newest first."""
    with said_plainly():
        _, publishing = opened()
        flow = publishing.file(book)
        publishing.in_file(flow)
        found = publishing.revisions.revisions(document_of(flow), most=most)
    if as_json:
        print(json.dumps({"flowbook": flow.id, "revisions": [_entry(one) for one in found]}, ensure_ascii=False))
        return
    table = Table("revision", "when", "who", "how", "message", "hash")
    for one in found:
        how = f"{one.what} to {one.of}" if one.of else one.what
        table.add_row(str(one.number), _when(one.at), one.who or "(file)", how.replace("_", " "), one.message,
                      one.sha256[:12])  # fmt: skip
    out.print(table)


def show(book: Book, state: State = PUBLISHED) -> None:
    """Print a revision, or the draft."""
    with said_plainly():
        _, publishing = opened()
        flow = publishing.file(book)
        publishing.in_file(flow)
        print(_text(publishing, flow, state), end="")


def diff(
    book: Book,
    before: State = "",
    after: State = "",
    as_text: Annotated[bool, typer.Option("--text", help="Line by line, as diff does.")] = False,
    language: Annotated[str, typer.Option(help="it or en; none: this machine's.")] = "",
    as_json: AsJson = False,
) -> None:
    """What differs between two states, in sentences. Without names: what the draft changes, or the latest revision."""
    with said_plainly():
        _, publishing = opened()
        flow = publishing.file(book)
        publishing.in_file(flow)
        before, after = _chosen(publishing, flow, before, after)
        old, new = _text(publishing, flow, before), _text(publishing, flow, after)
        code = language or ("it" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("it") else "en")
        if code not in languages():
            raise SettingsError(f"differences are told in {' and '.join(languages())}, not in {code!r}")
    found = differences(old, new)
    sentences = in_words(found, code)
    names = (f"{flow.id} {before}", f"{flow.id} {after}")
    lines = unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    if as_json:
        told = [{"what": one.what, "at": one.at, "values": one.values, "words": words}
                for one, words in zip(found, sentences, strict=True)]  # fmt: skip
        whole = {"flowbook": flow.id, "before": before, "after": after, "differences": told, "text": list(lines)}
        print(json.dumps(whole, ensure_ascii=False, default=str))
    elif as_text:
        for line in lines:
            out.print(line, markup=False, soft_wrap=True)
    else:
        out.print(f"{names[0]} → {after}:", soft_wrap=True, markup=False)
        for sentence in sentences or [none_in_words(code)]:
            out.print(f"  {sentence}", soft_wrap=True, markup=False)


def audit(
    book: Annotated[str, typer.Argument(help="Its id or file; none: of everything, articles too.")] = "",
    most: Most = 50,
    as_json: AsJson = False,
) -> None:
    """Who did what and when: drafts begun and discarded, publications, rollbacks, files edited by hand."""
    with said_plainly():
        _, publishing = opened()
        document = document_of(publishing.file(book)) if book else None
        found = publishing.revisions.audit(document, most=most)
    if as_json:
        told = [{"at": one.at.isoformat(), "who": one.who, "what": one.what, "kind": one.document.kind,
                 "name": one.document.name, "revision": one.number, "sha256": one.sha256, "message": one.message}
                for one in found]  # fmt: skip
        print(json.dumps({"audit": told}, ensure_ascii=False))
        return
    table = Table("when", "who", "what", "of", "revision", "message")
    for one in found:
        of = one.document.name if one.document.kind == FLOWBOOK else str(one.document)
        table.add_row(_when(one.at), one.who or "(file)", one.what.replace("_", " "), of, str(one.number or ""),
                      one.message)  # fmt: skip
    out.print(table)


def _chosen(publishing: Publishing, flow: FlowFile, before: str, after: str) -> tuple[str, str]:
    has_draft = publishing.revisions.draft(document_of(flow)) is not None
    if before:
        return before, after or (DRAFT if has_draft and before != DRAFT else PUBLISHED)
    if has_draft:
        return PUBLISHED, DRAFT
    latest = publishing.revisions.latest(document_of(flow))
    if latest is None or latest.number == 1:
        raise SettingsError(f"{flow.id} has one revision and no draft: there is nothing to compare")
    return str(latest.number - 1), str(latest.number)


def _text(publishing: Publishing, flow: FlowFile, state: str) -> str:
    if state == FILE:
        if flow.text is None:
            raise SettingsError(f"{flow.path} cannot be read")
        return flow.text
    return body_named(publishing.revisions, document_of(flow), state).decode()


def _about(publishing: Publishing, flow: FlowFile) -> dict[str, Any]:
    latest, draft = publishing.in_file(flow), publishing.revisions.draft(document_of(flow))
    return {
        "id": flow.id,
        "file": flow.place,
        "lines": ", ".join(flow.lines),
        "revision": latest.number if latest else 0,
        "by": (latest.who or "(file)") if latest else "",
        "message": latest.message if latest else "",
        "draft": f"{draft.who}, {_when(draft.at)}, on {draft.base}" if draft else "",
    }


def _entry(one: Revision) -> dict[str, Any]:
    return {"number": one.number, "sha256": one.sha256, "what": one.what, "of": one.of, "who": one.who,
            "at": one.at.isoformat(), "message": one.message}  # fmt: skip


def _when(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
