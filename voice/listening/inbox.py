"""What a worker does next: a caller who is waiting for an answer comes before one who is still speaking."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Container
from typing import BinaryIO

from voice.listening.wire import BadFrame, Header, read_frame

Request = tuple[Header, bytes]

_URGENCY = {"final": 0, "look": 1, "glance": 3}
"""The end of a turn, then a pause that may be one; sound of a turn that goes on can wait for both, and words that are
only to be shown wait for everything."""
_ORDINARY = 2


class Inbox:
    """Requests in the order in which they are to be answered: by urgency, then by age; those of one recognizer always
    one after the other, as they came. A thread of its own reads them; any number of threads may take them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: deque[Request] = deque()
        self._busy: set[int] = set()
        """Recognizers whose request was taken and is not done."""
        self._changed = threading.Condition()
        self._over = False
        self._failure: BadFrame | None = None
        threading.Thread(target=self._read, daemon=True, name="inbox").start()

    def take(self) -> Request | None:
        """The next request, waiting for one; None once the other side has gone. Raises BadFrame.

        Nothing else of its recognizer is given out until it is `done`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._over or most_urgent(self._waiting, self._busy) is not None)
            if self._failure:
                raise self._failure
            chosen = most_urgent(self._waiting, self._busy)
            if self._over or chosen is None:
                return None
            request = self._waiting[chosen]
            del self._waiting[chosen]
            self._busy.add(_recognizer(request))
            return request

    @property
    def pressed(self) -> bool:
        """Whether somebody waits for an answer, and not only sound or another glance for their turn."""
        with self._changed:
            return any(header.get("op") not in ("glance", "accept") for header, _ in self._waiting)

    def done(self, request: Request) -> None:
        """It was answered."""
        with self._changed:
            self._busy.discard(_recognizer(request))
            self._changed.notify_all()

    def _read(self) -> None:
        request: Request | None = None
        failure: BadFrame | None = None
        while True:
            try:
                request = read_frame(self._stream)
            except BadFrame as bad:
                failure = bad
            except (OSError, ValueError):  # the connection broke, or was closed here
                request = None
            with self._changed:
                if failure or request is None:
                    self._over, self._failure = True, failure
                else:
                    self._waiting.append(request)
                self._changed.notify_all()
                if self._over:
                    return


def most_urgent(waiting: deque[Request], busy: Container[int] = ()) -> int | None:
    """The index of the request to answer first, None when there is none; those of `busy` recognizers wait."""
    best, least = None, max(_URGENCY.values()) + 1
    seen = set()
    for index, request in enumerate(waiting):
        header = request[0]
        recognizer = _recognizer(request)
        urgency = int(header.get("urgency", _URGENCY.get(str(header.get("op")), _ORDINARY)))
        if recognizer not in seen and recognizer not in busy and urgency < least:
            best, least = index, urgency
        if header.get("op") != "glance":  # it changes nothing, so the same recognizer's requests may overtake it
            seen.add(recognizer)
    return best


def _recognizer(request: Request) -> int:
    return int(request[0].get("recognizer", 0))
