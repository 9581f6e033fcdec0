"""What stands in the way of saving or publishing a flowbook, as an answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import HTTPException

from console.api.flow_views import draft_view, problem_views, revision_view
from console.api.revision_answers import told_of_revisions
from dialogs.problems import FlowbookErrors
from knowledge.revision import Conflict


@asynccontextmanager
async def told(unusable: tuple[type[Exception], ...]) -> AsyncIterator[None]:
    """409 `conflict` (with `latest` and `draft`) and `nothing_new`, 422 `flowbook_errors` (with `problems`) and
    `unusable`, 404 `no_such_revision`, 503 `revisions_unavailable`. unusable: what the house raises besides."""
    async with told_of_revisions(unusable):
        try:
            yield
        except FlowbookErrors as error:
            problems = [one.model_dump() for one in problem_views([*error.errors, *error.warnings])]
            why = f"{len(error.errors)} errors; nothing was published"
            raise _with(422, "flowbook_errors", why, problems=problems) from None
        except Conflict as error:
            latest = revision_view(error.latest).model_dump(mode="json") if error.latest else None
            draft = draft_view(error.draft, error.latest).model_dump(mode="json") if error.draft else None
            raise _with(409, "conflict", str(error), latest=latest, draft=draft) from None


def _with(status: int, code: str, message: str, **more: Any) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message, "retry_after_s": 0, **more})
