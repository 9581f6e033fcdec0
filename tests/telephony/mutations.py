"""A recorded session in which messages are lost, doubled, swapped, cut, or have something in them replaced.

Whatever of this a protocol is fed, nothing but a `ProtocolError` may come of it. How many mutations are tried is in
the environment, CENTRALINO_MUTATIONS.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from telephony.media import KeyPressed, MediaEvent, MediaProtocol, ProtocolError, SoundIn, Started

Message = str | bytes
MUTATIONS = int(os.environ.get("CENTRALINO_MUTATIONS", "400"))
CLOSE_CODES = (1002, 1003, 1007, 1008, 1009)
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 7, 8000, 2**63, 10**400, 1.5, float("nan"), "", "x", "-1", "8000", "\ud800", "\0", "più",
    "A" * 5000, [], [[]], ["x"], {}, {"event": "start"}, {"": None},
)  # fmt: skip


def check_mutations(session: Sequence[Message], protocol: Callable[[], MediaProtocol]) -> None:
    """Feed mutations of `session`, each to a protocol of its own."""

    @settings(max_examples=MUTATIONS, deadline=None, database=None)
    @given(st.integers(0, 2**64))
    def check(seed: int) -> None:
        messages = mutated(session, random.Random(seed))
        try:
            error_of(protocol(), messages)
        except Exception:
            note(f"messages: {messages!r}"[:4000])
            raise

    check()


def error_of(protocol: MediaProtocol, messages: Sequence[Message]) -> ProtocolError | None:
    """Decode until the first error. Fails for events or errors that no door could use."""
    for message in messages:
        events, error = _decoded(protocol, message)
        if error:
            assert error.close in CLOSE_CODES
            assert len(error.detail.encode()) < 300
            assert len(error.code) < 40
            return error
        for event in events:
            _check(event)
    return None


def _decoded(protocol: MediaProtocol, message: Message) -> tuple[Sequence[MediaEvent], ProtocolError | None]:
    try:
        return protocol.decode(message), None
    except ProtocolError as error:
        return (), error


def _check(event: MediaEvent) -> None:
    assert isinstance(event, MediaEvent)
    match event:
        case SoundIn():
            assert len(event.pcm) % 2 == 0
        case KeyPressed():
            assert len(event.key) == 1
            assert event.key in "0123456789*#"
        case Started():
            str(event).encode()


def mutated(session: Sequence[Message], dice: random.Random) -> list[Message]:
    """One to four changes to a session."""
    messages = list(session)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(messages))
        change = dice.choice((_lose, _double, _swap, _cut, _insert, _replace, _value, _value, _value, _other_kind))
        change(messages, at, dice)
    return messages


def _lose(messages: list[Message], at: int, dice: random.Random) -> None:
    if len(messages) > 1:
        del messages[at]


def _double(messages: list[Message], at: int, dice: random.Random) -> None:
    messages.insert(at, messages[at])


def _swap(messages: list[Message], at: int, dice: random.Random) -> None:
    other = dice.randrange(len(messages))
    messages[at], messages[other] = messages[other], messages[at]


def _cut(messages: list[Message], at: int, dice: random.Random) -> None:
    message = messages[at]
    begin, end = sorted((dice.randint(0, len(message)), dice.randint(0, len(message))))
    messages[at] = message[:end] if dice.random() < 0.5 else message[begin:]


def _insert(messages: list[Message], at: int, dice: random.Random) -> None:
    message = messages[at]
    position = dice.randint(0, len(message))
    messages[at] = message[:position] + _noise(message, dice) + message[position:]  # type: ignore[operator]


def _replace(messages: list[Message], at: int, dice: random.Random) -> None:
    message = messages[at]
    noise = _noise(message, dice)
    position = dice.randint(0, len(message))
    messages[at] = message[:position] + noise + message[position + len(noise) :]  # type: ignore[operator]


def _noise(like: Message, dice: random.Random) -> Message:
    if isinstance(like, bytes):
        return dice.randbytes(dice.randint(1, 5))
    return "".join(dice.choice('"{}[]:, \\\0\x7fA0.-=+/è\U0001f4de') for _ in range(dice.randint(1, 5)))


def _value(messages: list[Message], at: int, dice: random.Random) -> None:
    """Another value somewhere in a JSON object; the whole message where it is none."""
    message = messages[at]
    try:
        whole = json.loads(message)
    except (ValueError, RecursionError):
        _replace(messages, at, dice)
        return
    part = whole
    while isinstance(part, dict | list) and part:
        name = dice.choice(sorted(part)) if isinstance(part, dict) else dice.randrange(len(part))
        if not isinstance(part[name], dict | list) or dice.random() < 0.3:
            if isinstance(part, dict) and dice.random() < 0.2:
                del part[name]
            else:
                part[name] = dice.choice(VALUES)
            break
        part = part[name]
    messages[at] = json.dumps(whole)


def _other_kind(messages: list[Message], at: int, dice: random.Random) -> None:
    message = messages[at]
    messages[at] = message.encode("utf-8", "replace") if isinstance(message, str) else message.hex()
