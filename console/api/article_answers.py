"""What stands in the way of saving or publishing an article, as an answer."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import HTTPException

from console.api.revision_answers import told_of_revisions
from console.guard import refusal
from knowledge.articles import ArticlesUnreadable, Fault
from knowledge.exchange.drafted import ImportRefused
from knowledge.revision import Conflict


@asynccontextmanager
async def told(unusable: tuple[type[Exception], ...]) -> AsyncIterator[None]:
    """409 `conflict` and `nothing_new`, 422 `article_errors` (with `problems`) and `unusable`, 404 `no_such_revision`,
    503 `revisions_unavailable`. unusable: what the house raises besides."""
    async with told_of_revisions(unusable):
        try:
            yield
        except ArticlesUnreadable as error:
            detail = {"code": "article_errors", "message": str(error)[:2000], "problems": problems(error.located)}
            raise HTTPException(422, {**detail, "retry_after_s": 0}) from None
        except Conflict as error:
            raise refusal(409, "conflict", str(error)) from None
        except ImportRefused as error:
            raise refusal(422, "import_refused", str(error)) from None


def problems(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """JSON-ready."""
    return [
        {
            "article": fault.article,
            "file": fault.file.rpartition("/")[2],
            "line": fault.line,
            "rule": fault.rule,
            "severity": "warning" if fault.is_warning else "error",
            "message": fault.message,
        }
        for fault in faults
    ]
