"""The shapes of requests and answers about flowbooks. Times are UTC; lines and columns count from 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from console.flow_shelf import Shelved
from dialogs.problems import Located
from knowledge.revision import LARGEST_BYTES, LONGEST_MESSAGE, AuditEntry, Draft, Revision

Text = Annotated[str, Field(max_length=LARGEST_BYTES)]
Number = Annotated[int, Field(ge=0, le=10**9)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DraftGiven(_Given):
    """seen: the serial of the draft that was read, 0 when there was none. base: the revision that it is based on now,
    once that one's changes were taken up; left out: as before."""

    text: Text
    seen: Number
    base: Number | None = None


class TextGiven(_Given):
    """tests: carry out the flowbook's own tests, too, which takes a second or more."""

    text: Text
    tests: bool = True


class PublishGiven(_Given):
    """serial: of the draft that was read and is meant."""

    serial: Number
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)] = ""


class RollBackGiven(_Given):
    """revision: the one to come back. latest: the one that was the latest when this was decided."""

    revision: Annotated[int, Field(ge=1, le=10**9)]
    latest: Number
    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)] = ""


class ProblemView(BaseModel):
    """node: the path in the file, "flows.resi.2"; place: the same in words. file: '' for what is wrong elsewhere."""

    severity: Literal["error", "warning"]
    rule: str
    message: str
    file: str
    line: int
    column: int
    node: str
    place: str


class RevisionView(BaseModel):
    """what: published, rolled_back (of: the number it came back from) or found in the file, edited by hand."""

    number: int
    sha256: str
    what: str
    of: int | None
    who: str
    at: datetime
    message: str


class DraftView(BaseModel):
    """overtaken: another revision than its base is the latest now."""

    base: int
    serial: int
    who: str
    at: datetime
    overtaken: bool


class FlowbookView(BaseModel):
    """published: the latest revision, None before the first. file_differs: the file was edited by hand and could not be
    taken up."""

    id: str
    file: str
    lines: list[str]
    published: RevisionView | None
    file_differs: bool
    draft: DraftView | None


class WholeFlowbookView(FlowbookView):
    """text: of the draft when there is one, else what is published."""

    text: str


class SavedView(BaseModel):
    draft: DraftView
    problems: list[ProblemView]


class CheckView(BaseModel):
    """ok: it may be published. tests: how many passed; None: not carried out."""

    ok: bool
    problems: list[ProblemView]
    tests: int | None


class PublishedView(BaseModel):
    revision: RevisionView
    warnings: list[ProblemView]


class DifferenceView(BaseModel):
    """at: the place in the newer text (in the older one for what is gone). words: the sentence."""

    what: str
    at: list[str | int]
    values: dict[str, Any]
    words: str


class DiffView(BaseModel):
    """text: line by line, as diff does."""

    before: str
    after: str
    differences: list[DifferenceView]
    text: list[str]


class AuditView(BaseModel):
    """before: pass it to get the entries before this one."""

    id: int
    at: datetime
    who: str
    what: str
    flowbook: str
    revision: int | None
    sha256: str
    message: str


def problem_views(problems: Sequence[Located]) -> list[ProblemView]:
    return [
        ProblemView(
            severity="warning" if one.is_warning else "error", rule=one.rule, message=one.message, file=one.file,
            line=one.line, column=one.column, node=one.node, place=one.place,
        )
        for one in problems
    ]  # fmt: skip


def revision_view(one: Revision) -> RevisionView:
    return RevisionView(
        number=one.number, sha256=one.sha256, what=one.what, of=one.of, who=one.who, at=one.at, message=one.message
    )


def draft_view(one: Draft, latest: Revision | None) -> DraftView:
    overtaken = one.base != (latest.number if latest else 0)
    return DraftView(base=one.base, serial=one.serial, who=one.who, at=one.at, overtaken=overtaken)


def flowbook_view(one: Shelved, latest: Revision | None, draft: Draft | None, file_differs: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "file": one.file,
        "lines": list(one.lines),
        "published": revision_view(latest) if latest else None,
        "file_differs": file_differs,
        "draft": draft_view(draft, latest) if draft else None,
    }


def audit_view(one: AuditEntry) -> AuditView:
    return AuditView(
        id=one.id, at=one.at, who=one.who, what=one.what, flowbook=one.document.name, revision=one.number,
        sha256=one.sha256, message=one.message,
    )  # fmt: skip
