"""What the store of revisions refuses, as an answer: the same for flowbooks and articles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console.guard import refusal
from knowledge.revision import NoSuchRevision, NothingNew, RevisionsUnavailable


@asynccontextmanager
async def told_of_revisions(unusable: tuple[type[Exception], ...]) -> AsyncIterator[None]:
    """409 `nothing_new`, 404 `no_such_revision`, 503 `revisions_unavailable`, 422 `unusable`.

    unusable: what the house raises besides ValueError when a text cannot be used. What is not known here, or is an
    answer already, passes.
    """
    refused: tuple[type[Exception], ...] = (ValueError, *unusable)
    try:
        yield
    except NothingNew as error:
        raise refusal(409, "nothing_new", str(error)) from None
    except NoSuchRevision as error:
        raise refusal(404, "no_such_revision", str(error)) from None
    except RevisionsUnavailable as error:
        raise refusal(503, "revisions_unavailable", str(error), retry_after_s=5) from None
    except refused as error:
        raise refusal(422, "unusable", str(error)) from None
