"""What is offered after an article's answer: its details, and its address as a message. One at a time, if at all."""

from __future__ import annotations

from dialogs.events import Candidate, Message
from dialogs.moves import WAIT, Move
from dialogs.turn import Turn

MORE, LINK = "more", "link"
"""`State.mode` while the caller is asked for a yes to one of them."""
OFFERS = (MORE, LINK)
CHANNEL = "sms"


def next_offer(turn: Turn, article: Candidate, after: str = "") -> str:
    """The offer that comes now, '' for none. after: the one that was taken last, '' when the answer was just given.

    An offer needs the article's part, the flowbook's texts, and for a message somebody to send it and a number.
    """
    texts = turn.book.texts
    if not after and article.more and "more_offer" in texts:
        return MORE
    sendable = CHANNEL in turn.state.sends and bool(turn.state.caller)
    if after != LINK and article.link and sendable and "link_offer" in texts and "link_message" in texts:
        return LINK
    return ""


def send_link(turn: Turn, article: Candidate) -> Move:
    """Send the article's address to the number that called, and wait until it is handed over."""
    template, code = turn.text_of("link_message")
    text = turn.written(template, code, {"title": article.title, "link": article.link})
    number = turn.state.requests + 1
    turn.actions.append(Message(number, CHANNEL, turn.state.caller, text, code))
    turn.note("link_sent", article=article.article)
    turn.change(phase="calling", requests=number, listen=None, mode=LINK)
    return WAIT
