"""What a worker does next."""

from __future__ import annotations

import socket
from collections import deque

import pytest

from voice.listening.inbox import Inbox, Request, most_urgent
from voice.listening.wire import BadFrame, encode


def requests(*wanted: tuple[int, str]) -> deque[Request]:
    return deque(({"id": number, "recognizer": who, "op": what}, b"") for number, (who, what) in enumerate(wanted))


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ([(1, "accept"), (2, "accept")], 0),
        ([(1, "accept"), (2, "look"), (3, "final")], 2),
        ([(1, "accept"), (2, "look"), (3, "look")], 1),
        ([(1, "accept"), (1, "final")], 0),
        ([(1, "accept"), (1, "final"), (2, "partial"), (3, "look")], 3),
        ([(1, "open"), (2, "partial"), (3, "close")], 0),
        ([(1, "glance"), (2, "accept")], 1),
        ([(1, "glance"), (1, "look"), (2, "accept")], 1),
        ([(1, "glance")], 0),
    ],
)
def test_who_waits_for_an_answer_comes_first_and_nobody_overtakes_himself(
    wanted: list[tuple[int, str]], first: int
) -> None:
    assert most_urgent(requests(*wanted)) == first


def test_an_empty_inbox_has_nothing_to_do() -> None:
    assert most_urgent(deque()) is None


def test_a_recognizer_that_is_at_work_waits_while_the_others_do_not() -> None:
    waiting = requests((1, "final"), (2, "accept"))
    assert most_urgent(waiting, busy={1}) == 1
    assert most_urgent(waiting, busy={1, 2}) is None


def test_what_comes_over_a_socket_is_taken_until_the_other_side_goes() -> None:
    server, worker = socket.socketpair()
    with server, worker, worker.makefile("rb") as stream:
        inbox = Inbox(stream)
        server.sendall(encode({"id": 1, "op": "accept", "recognizer": 1}, b"pcm"))
        server.sendall(encode({"id": 2, "op": "final", "recognizer": 1}))
        server.sendall(encode({"id": 3, "op": "accept", "recognizer": 2}))
        first = inbox.take()
        assert first == ({"id": 1, "op": "accept", "recognizer": 1}, b"pcm")
        assert inbox.take() == ({"id": 3, "op": "accept", "recognizer": 2}, b"")
        inbox.done(first)
        assert inbox.take() == ({"id": 2, "op": "final", "recognizer": 1}, b"")
        server.shutdown(socket.SHUT_WR)
        assert inbox.take() is None
        assert inbox.take() is None


def test_nonsense_is_said_and_not_read_on() -> None:
    server, worker = socket.socketpair()
    with server, worker, worker.makefile("rb") as stream:
        inbox = Inbox(stream)
        server.sendall(b"\xff" * 64)
        with pytest.raises(BadFrame):
            inbox.take()
