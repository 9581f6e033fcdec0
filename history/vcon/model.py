"""vCon 0.4.0 as draft-ietf-vcon-vcon-core-04 has it, unsigned: what is checked of one. Fields beyond these are kept.

https://datatracker.ietf.org/doc/draft-ietf-vcon-vcon-core/
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

VERSION = "0.4.0"
MOST_PARTIES = 1000
MOST_DIALOGS = 20_000
MOST_OTHERS = 2000

Index = int
Indices = Index | list[Index]
Encoding = Literal["base64url", "json", "none"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class Party(_Part):
    """tel: as '+39…'. type: 'person', 'bot' or 'organization'. validation: how it was proved who they are."""

    tel: str | None = None
    sip: str | None = None
    mailto: str | None = None
    name: str | None = None
    uuid: str | None = None
    type: str | None = None
    validation: str | None = None


class Content(_Part):
    """Bytes or text: inline (`body`, `encoding`), or elsewhere (`url`, `content_hash`: 'sha512-' and base64url)."""

    mediatype: str | None = None
    filename: str | None = None
    body: Any = None
    encoding: Encoding | None = None
    url: str | None = None
    content_hash: str | list[str] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Content:
        if self.body is not None and self.url is not None:
            raise ValueError("content is inline (body) or elsewhere (url), not both")
        if self.body is not None and self.encoding is None:
            raise ValueError("a body needs its encoding: 'base64url', 'json' or 'none'")
        if self.body is not None and self.encoding != "json" and not isinstance(self.body, str):
            raise ValueError(f"a body in encoding {self.encoding!r} is a string")
        if self.url is not None and (not self.url.startswith("https://") or self.content_hash is None):
            raise ValueError("content elsewhere has an https url and a content_hash")
        return self


class PartyHistory(_Part):
    """button: of keydown and keyup, which are not written by us: keys may be a card's number."""

    party: Index
    time: AwareDatetime
    event: Literal["join", "drop", "hold", "unhold", "mute", "unmute", "keydown", "keyup"]
    button: str | None = None


class Dialog(Content):
    """A piece of the conversation. start: when it began; duration: seconds. parties: who is in it, the first began
    it; of a recording, one entry for each channel. disposition: why an 'incomplete' one came to nothing."""

    type: Literal["recording", "recording-set", "text", "transfer", "incomplete"]
    start: AwareDatetime
    duration: float | None = Field(default=None, ge=0)
    parties: Index | list[Index | list[Index] | None] | None = None
    originator: Index | None = None
    disposition: Literal["no-answer", "congestion", "failed", "busy", "hung-up", "voicemail-no-message"] | None = None
    party_history: list[PartyHistory] | None = None
    transferee: Index | None = None
    transferor: Index | None = None
    transfer_target: Indices | None = None
    original: Indices | None = None
    consultation: Indices | None = None
    target_dialog: Indices | None = None
    application: str | None = None
    message_id: str | None = None

    @model_validator(mode="after")
    def _of_its_type(self) -> Dialog:
        if self.type in ("transfer", "incomplete") and (self.body is not None or self.url is not None):
            raise ValueError(f"a dialog of type {self.type!r} has no content")
        if (self.type == "incomplete") != (self.disposition is not None):
            raise ValueError("a dialog of type 'incomplete', and no other, has a disposition")
        if self.type == "transfer" and (self.transferee is None or self.transferor is None):
            raise ValueError("a transfer names transferee and transferor")
        return self


class Analysis(Content):
    """Something found out about the conversation. schema: the form of the body, as its vendor calls it."""

    type: str
    vendor: str
    dialog: Indices | None = None
    attachment: Indices | None = None
    product: str | None = None


class Attachment(Content):
    """A document beside the conversation. purpose: what it is for."""

    start: AwareDatetime
    party: Index
    dialog: Index
    purpose: str | None = None


class Redacted(_Part):
    """Of which vCon this is a redacted one."""

    type: str
    uuid: str | None = None


class Vcon(_Part):
    """critical: extensions without which it must not be processed; we know none."""

    vcon: Literal["0.4.0"] | None = None
    uuid: UUID
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    subject: str | None = None
    extensions: list[str] | None = None
    critical: list[str] | None = None
    redacted: Redacted | None = None
    amended: dict[str, Any] | None = None
    parties: list[Party] = Field(default=[], max_length=MOST_PARTIES)
    dialog: list[Dialog] = Field(default=[], max_length=MOST_DIALOGS)
    analysis: list[Analysis] = Field(default=[], max_length=MOST_OTHERS)
    attachments: list[Attachment] = Field(default=[], max_length=MOST_OTHERS)

    @model_validator(mode="after")
    def _holds_together(self) -> Vcon:
        if self.critical:
            raise ValueError(f"it needs extensions that this program does not know: {', '.join(self.critical)[:200]}")
        if self.redacted and self.amended:
            raise ValueError("a vCon is redacted or amended, not both")
        for number, dialog in enumerate(self.dialog):
            theirs = [dialog.parties, dialog.originator, dialog.transferee, dialog.transferor, dialog.transfer_target]
            theirs += [event.party for event in dialog.party_history or ()]
            _within(theirs, len(self.parties), f"dialog {number}", "parties")
            others = [dialog.original, dialog.consultation, dialog.target_dialog]
            _within([one for one in others if one != -1], len(self.dialog), f"dialog {number}", "dialogs")
        for number, analysis in enumerate(self.analysis):
            _within([analysis.dialog], len(self.dialog), f"analysis {number}", "dialogs")
            _within([analysis.attachment], len(self.attachments), f"analysis {number}", "attachments")
        for number, attachment in enumerate(self.attachments):
            _within([attachment.party], len(self.parties), f"attachment {number}", "parties")
            _within([attachment.dialog], len(self.dialog), f"attachment {number}", "dialogs")
        return self


def _within(indices: Any, count: int, where: str, what: str) -> None:
    """Raises ValueError for an index, at any depth, of something that is not there."""
    for index in indices:
        if isinstance(index, list):
            _within(index, count, where, what)
        elif index is not None and not 0 <= index < count:
            raise ValueError(f"{where} names number {index} of {count} {what}")
