"""All that is stored of a person as one file, for privacy officers and for commands of this machine."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path as File
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Path
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from console.api.webhooks import Who
from console.guard import refusal
from history import Journal, Media, Timeline, UnknownContact
from history.privacy.audit import Audit
from history.privacy.chain import Act
from history.privacy.portability import write_portable
from telephony.recording.shelf import Shelf


def portability(timeline: Timeline, journal: Journal, who: Who, shelf: Shelf | None) -> APIRouter:
    """The route. shelf: where recordings lie, None where nothing is recorded."""
    router = APIRouter(prefix="/api", tags=["privacy"])
    asking = Annotated[str, Depends(who)]
    audit = Audit(journal, timeline)

    def sound_of(media: Media) -> BinaryIO | None:
        with suppress(FileNotFoundError):
            return shelf.open(media.file) if shelf is not None else None
        return None

    @router.get("/contacts/{contact_id}/portable", response_class=FileResponse)
    async def take(actor: asking, contact_id: Annotated[str, Path(min_length=1, max_length=64)]) -> FileResponse:
        """A zip: JSON, vCons, recordings as anybody can play them. In the audit log before it is sent, deleted here
        afterwards."""
        descriptor, name = tempfile.mkstemp(prefix="centralino-portable-", suffix=".zip")
        os.close(descriptor)
        try:
            found, count = await write_portable(timeline, contact_id, File(name), sound_of)
            act = Act(actor, "privacy-officer", "contact.exported", "contact", found.id, detail={"interactions": count})
            await audit.write(act)
        except UnknownContact:
            os.unlink(name)
            raise refusal(404, "unknown_contact", f"there is no contact {contact_id!r}") from None
        except BaseException:
            os.unlink(name)
            raise
        after = BackgroundTask(os.unlink, name)
        return FileResponse(name, media_type="application/zip", filename="contact.zip", background=after)

    return router
