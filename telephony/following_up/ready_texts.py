"""Texts of a flowbook that can be sent as they stand: of its `message` steps, those without fields. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.flowbook import Flowbook
from dialogs.rendering import fields
from dialogs.steps.message import MessageStep
from dialogs.walking import every_step
from telephony.following_up.recipients import Channel
from voice.speaking.ssml import plain

LINK_TEXT = "link_message"
_OF_A_LINK = frozenset(("title", "link"))


@dataclass(frozen=True)
class ReadyText:
    """subject: of an e-mail; '' for an SMS."""

    channel: Channel
    text: str
    subject: str = ""


def ready_texts(book: Flowbook, language: str) -> list[ReadyText]:
    """In that language, else in the flowbook's own; each once, in the order of the file."""
    found: dict[ReadyText, None] = {}
    for _, step in every_step(book.flows):
        if not isinstance(step, MessageStep):
            continue
        of = step.message
        text, subject = _text(book, of.text, language), _text(book, of.subject, language)
        if text and not _named(text) | _named(subject):
            found[ReadyText("sms" if of.sms else "email", plain(text), plain(subject))] = None
    return list(found)


def link_text(book: Flowbook, language: str) -> str:
    """With what an article's address is sent: `{title}` and `{link}` are to be filled in; '' without such a text."""
    text = _text(book, LINK_TEXT, language)
    return plain(text) if _named(text) <= _OF_A_LINK else ""


def _text(book: Flowbook, key: str, language: str) -> str:
    said = book.texts.get(key, {})
    return next((said[code] for code in (language, *book.codes) if said.get(code, "").strip()), "")


def _named(text: str) -> set[str]:
    return {f"{one.name}:{one.formatter}" if one.formatter else one.name for one in fields(text)}
