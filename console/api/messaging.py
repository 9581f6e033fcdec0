"""An operator sends a caller an SMS or an e-mail, during the call or after it: whom to, ready texts, and sending."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from console.api.signing_in import Strict
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.rate import RateLimit
from console.sessions import Session
from history import Contacts, Interaction, Timeline, UnknownContact, UnknownInteraction
from telephony.following_up.ready_texts import link_text, ready_texts
from telephony.following_up.recipients import Channel, Recipient, recipients
from telephony.following_up.sending import AnotherMessage, FollowUp, FollowUps
from telephony.lines import UnknownLine
from telephony.outbound.office import Outbound

LONGEST: dict[Channel, int] = {"sms": 600, "email": 5000}
"""Characters of a text. An SMS of 600 is sent in four parts, in nine with letters beyond GSM 7-bit."""

Id = Annotated[str, Path(min_length=1, max_length=64)]


def _sendable(text: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise ValueError("control characters cannot be sent")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("a subject is one line")
    return text


_Text = Annotated[str, AfterValidator(_sendable)]


class MessageIn(Strict):
    """id: made by the page, another one for each message; a second attempt has the same, and what has been sent is not
    sent again. to: one of those that the GET names. subject: of an e-mail."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str = Field(pattern="^[A-Za-z0-9-]{16,64}$")
    channel: Channel
    to: str = Field(min_length=1, max_length=255)
    text: _Text = Field(min_length=1, max_length=max(LONGEST.values()))
    subject: Annotated[_Text, AfterValidator(_one_line)] = Field(default="", max_length=150)


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class RecipientView(_View):
    """called: the call came from this number. landline: few of them take an SMS. opted_out: wants nothing from us."""

    channel: Channel
    address: str
    called: bool
    landline: bool
    opted_out: bool = False


class ReadyTextView(_View):
    """One that the flowbook sends, too, and that needs nothing filled in."""

    channel: Channel
    text: str
    subject: str


class MessageChoices(BaseModel):
    """longest: characters of a text, for each channel that is configured; without any, nothing can be sent. link_text:
    what an article's address is sent with, {title} and {link} to be filled in; '' without such a text."""

    longest: dict[Channel, int]
    recipients: list[RecipientView]
    texts: list[ReadyTextView]
    link_text: str


class MessageSent(BaseModel):
    """sent: its gateway has it. error: why not, in the server's words."""

    sent: bool
    error: str


def messaging(
    timeline: Timeline, follow_ups: FollowUps, outbound: Outbound, guard: Guard, auditing: Auditing, limit: RateLimit
) -> APIRouter:
    """The routes. limit: messages of one account. Addresses are chosen, never written: nothing said in a call can have
    the company's words sent to somebody else."""
    router = APIRouter(prefix="/api", tags=["messages"])
    operator = Annotated[Session, Depends(guard.having("operator", "supervisor"))]
    people = Contacts(timeline)

    async def call_of(interaction_id: str) -> Interaction:
        try:
            return (await timeline.get(interaction_id)).interaction
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None

    async def addresses(call: Interaction) -> list[Recipient]:
        try:
            points = (await people.get(call.contact_id)).points
        except UnknownContact:
            points = ()
        return recipients(call.caller, points, follow_ups.channels, outbound.settings.country)

    async def opted_out(one: Recipient) -> bool:
        return one.channel == "sms" and await outbound.opt_outs.has(one.address)

    @router.get("/interactions/{interaction_id}/message")
    async def choices(session: operator, interaction_id: Id, request: Request) -> MessageChoices:
        """To whom something can be sent, and which texts there are."""
        call = await call_of(interaction_id)
        found = await addresses(call)
        if found:
            await auditing.write(session, request, "contact.viewed", "contact", call.contact_id)
        shown = [RecipientView.model_validate(one) for one in found]
        for view, one in zip(shown, found, strict=True):
            view.opted_out = await opted_out(one)
        try:
            book = outbound.lines().get(call.line).book
        except UnknownLine:  # of another channel, or a line that is gone: nobody has prepared a text
            texts, of_links = [], ""
        else:
            texts, of_links = ready_texts(book, call.language), link_text(book, call.language)
        return MessageChoices(
            longest={name: longest for name, longest in LONGEST.items() if name in follow_ups.channels},
            recipients=shown,
            texts=[ReadyTextView.model_validate(one) for one in texts if one.channel in follow_ups.channels],
            link_text=of_links,
        )

    @router.post("/interactions/{interaction_id}/message")
    async def send(session: operator, interaction_id: Id, wanted: MessageIn, request: Request) -> MessageSent:
        """200 with what came of it, which is in the history by then."""
        call = await call_of(interaction_id)
        if wanted.channel not in follow_ups.channels:
            section = "sms" if wanted.channel == "sms" else "mail"
            raise refusal(
                409, "no_gateway", f"nothing is configured to send it: [messages.{section}], docs/calling-systems.md"
            )
        if len(wanted.text) > LONGEST[wanted.channel]:
            raise refusal(422, "text_too_long", f"at most {LONGEST[wanted.channel]} characters are sent")
        if (wanted.channel == "email") != bool(wanted.subject):
            raise refusal(422, "subject", "an e-mail has a subject, an SMS has none")
        found = [one for one in await addresses(call) if (one.channel, one.address) == (wanted.channel, wanted.to)]
        if not found:
            raise refusal(409, "not_an_address", "it is not the number of this call, nor known to be this person's")
        if await opted_out(found[0]):
            raise refusal(409, "opted_out", "this person wants nothing from this server")
        if wait_s := limit.use(session.account.id):
            raise refusal(429, "too_many_messages", f"too many messages; in {wait_s} s again", retry_after_s=wait_s)
        message = FollowUp(wanted.id, wanted.channel, wanted.to, wanted.text, wanted.subject)
        told = {"channel": message.channel, "message": message.id}
        await auditing.write(session, request, "message.sent", "interaction", call.id, **told)
        try:
            error = await follow_ups.send(call, message, session.account.id)
        except AnotherMessage:
            raise refusal(409, "another_message", "this id was given to another message; make a new one") from None
        return MessageSent(sent=not error, error=error)

    return router
