"""What a worker does next: a caller who is waiting for an answer comes before one who is still speaking."""

from __future__ import annotations

import threading
from collections import deque
from typing import BinaryIO

from voice.listening.wire import BadFrame, Header, read_frame

Request = tuple[Header, bytes]

_URGENCY = {"final": 0, "look": 1}
"""The end of a turn, then a pause that may be one; sound of a turn that goes on can wait for both."""
_ORDINARY = 2


class Inbox:
    """Requests in the order in which they are to be answered: by urgency, then by age; those of one recognizer always
    in the order in which they came. A thread of its own reads them while the worker decodes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: deque[Request] = deque()
        self._changed = threading.Condition()
        self._over = False
        self._failure: BadFrame | None = None
        threading.Thread(target=self._read, daemon=True, name="inbox").start()

    def take(self) -> Request | None:
        """The next request, waiting for one; None once the other side has gone. Raises BadFrame."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._over)
            if self._failure:
                raise self._failure
            if self._over:
                return None
            chosen = most_urgent(self._waiting)
            request = self._waiting[chosen]
            del self._waiting[chosen]
            return request

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
                self._changed.notify()
                if self._over:
                    return


def most_urgent(waiting: deque[Request]) -> int:
    """The index of the request to answer first. Raises IndexError when there is none."""
    best, least = 0, _ORDINARY + 1
    seen = set()
    for index, (header, _) in enumerate(waiting):
        recognizer = header.get("recognizer", 0)
        urgency = _URGENCY.get(str(header.get("op")), _ORDINARY)
        if recognizer not in seen and urgency < least:
            best, least = index, urgency
        seen.add(recognizer)
    if not seen:
        raise IndexError("nothing is waiting")
    return best
