"""Lines, their calendars and words, and retention: written into the files they stand in, each change in the audit log
before it is done."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request

from console.api.settings_views import (
    CalendarGiven,
    Given,
    KeptView,
    LineGiven,
    NewLineGiven,
    RetentionGiven,
    RetentionView,
    SettingsView,
    WordsGiven,
)
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.sessions import Session
from console.settings_shelf import (
    AfterRestart,
    ChangedMeanwhile,
    Kept,
    NoSuchSetting,
    Note,
    NotWritten,
    SettingsRefused,
    SettingsShelf,
    Wanted,
)

log = structlog.get_logger()

LineId = Annotated[str, Path(min_length=1, max_length=64)]
CalendarName = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")]
Revision = Annotated[str, Query(max_length=64)]


def settings(shelf: SettingsShelf, guard: Guard, auditing: Auditing) -> APIRouter:
    """The routes under `/api/settings`."""
    router = APIRouter(prefix="/api/settings", tags=["settings"])
    sysadmin = Annotated[Session, Depends(guard.having("sysadmin"))]
    either = Annotated[Session, Depends(guard.having("sysadmin", "flow-admin"))]

    def noting(session: Session, request: Request) -> Note:
        async def note(action: str, kind: str, name: str, changes: Mapping[str, Any]) -> None:
            await auditing.write(session, request, action, kind, name, **{"changes": changes})
            log.info(f"console.{action.replace('.', '_')}", name=name, by=session.account.name)

        return note

    @router.get("")
    async def look(session: either) -> SettingsView:
        """Lines and calendars, as they are written now."""
        async with told(shelf):
            return SettingsView.model_validate(await shelf.look())

    @router.post("/lines", status_code=201)
    async def add_line(session: sysadmin, request: Request, given: NewLineGiven) -> KeptView:
        """409 `after_restart` when its language has no recognizer yet."""
        async with told(shelf):
            values = given.line.model_dump(mode="json")
            return _kept(await shelf.add_line(given.id, values, _wanted(given), noting(session, request)))

    @router.put("/lines/{line_id}")
    async def set_line(session: sysadmin, request: Request, line_id: LineId, given: LineGiven) -> KeptView:
        """422 `settings_refused` with `problems` (`field`, `message`), 409 `changed_meanwhile`, `after_restart` (unless
        `restart` is sent), `file_not_written`. New calls are on the line as it is now."""
        async with told(shelf):
            values = given.line.model_dump(mode="json")
            return _kept(await shelf.set_line(line_id, values, _wanted(given), noting(session, request)))

    @router.put("/lines/{line_id}/words")
    async def set_words(session: either, request: Request, line_id: LineId, given: WordsGiven) -> KeptView:
        """Words that are worth expecting on this line."""
        async with told(shelf):
            values = {"words": given.words}
            return _kept(await shelf.set_line(line_id, values, _wanted(given), noting(session, request)))

    @router.delete("/lines/{line_id}")
    async def remove_line(session: sysadmin, request: Request, line_id: LineId, revision: Revision) -> KeptView:
        async with told(shelf):
            return _kept(await shelf.remove_line(line_id, Wanted(revision), noting(session, request)))

    @router.put("/calendars/{name}")
    async def set_calendar(session: either, request: Request, name: CalendarName, given: CalendarGiven) -> KeptView:
        """Makes it when there is none of this name."""
        async with told(shelf):
            values = given.calendar.model_dump()
            return _kept(await shelf.set_calendar(name, values, _wanted(given), noting(session, request)))

    @router.delete("/calendars/{name}")
    async def remove_calendar(session: either, request: Request, name: CalendarName, revision: Revision) -> KeptView:
        async with told(shelf):
            return _kept(await shelf.remove_calendar(name, Wanted(revision), noting(session, request)))

    @router.get("/retention")
    async def retention(session: sysadmin) -> RetentionView:
        async with told(shelf):
            return RetentionView.model_validate(await shelf.retention())

    @router.put("/retention")
    async def set_retention(session: sysadmin, request: Request, given: RetentionGiven) -> KeptView:
        """Valid from the next start on."""
        async with told(shelf):
            values = given.retention.model_dump()
            return _kept(await shelf.set_retention(values, _wanted(given), noting(session, request)))

    return router


@asynccontextmanager
async def told(shelf: SettingsShelf) -> AsyncIterator[None]:
    """What stands in the way, as an answer."""
    try:
        yield
    except SettingsRefused as error:
        problems = [asdict(one) for one in error.faults]
        detail = {"code": "settings_refused", "message": str(error), "retry_after_s": 0, "problems": problems}
        raise HTTPException(422, detail) from None
    except ChangedMeanwhile as error:
        raise refusal(409, "changed_meanwhile", str(error)) from None
    except AfterRestart as error:
        raise refusal(409, "after_restart", str(error)) from None
    except NotWritten as error:
        raise refusal(409, "file_not_written", str(error)) from None
    except NoSuchSetting as error:
        raise refusal(404, "no_such_setting", str(error)) from None
    except shelf.unusable as error:
        raise refusal(422, "unusable", str(error)) from None


def _wanted(given: Given) -> Wanted:
    return Wanted(given.revision, given.restart)


def _kept(kept: Kept) -> KeptView:
    return KeptView(revision=kept.revision, served=kept.served, why=list(kept.why))
