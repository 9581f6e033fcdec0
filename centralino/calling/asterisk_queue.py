"""What chan_websocket makes of the bytes it is sent: frames of one size in a queue of bounded length."""

from __future__ import annotations

MOST_FRAMES = 1000
XOFF_FRAMES = 900
XON_FRAMES = 800
FRAME_MS = 20
LARGEST_MESSAGE = 65_500


class FrameQueue:
    """Cuts messages into frames as Asterisk does. frame_bytes: its 'optimal_frame_size'."""

    def __init__(self, frame_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self._buffering = False
        self._left_over = b""
        self.dropped_bytes = 0
        """That filled no frame while nothing was buffered."""
        self.full = False
        """Between XOFF and XON."""

    def start_buffering(self) -> None:
        self._buffering = True

    def stop_buffering(self) -> bytes:
        """What is left over: a frame that is shorter."""
        self._buffering = False
        rest, self._left_over = self._left_over, b""
        return rest

    def flush(self) -> None:
        self._buffering, self._left_over = False, b""

    def sound(self, message: bytes) -> bytes:
        """Whole frames."""
        sound = self._left_over + message
        whole = len(sound) // self._frame_bytes * self._frame_bytes
        self._left_over = sound[whole:] if self._buffering else b""
        if not self._buffering:
            self.dropped_bytes += len(sound) - whole
        return sound[:whole]

    def xoff(self, waiting_ms: float) -> bool:
        """Whether to ask for a pause now, when so much waits to be played."""
        if self.full or waiting_ms < XOFF_FRAMES * FRAME_MS:
            return False
        self.full = True
        return True

    def xon(self, waiting_ms: float) -> bool:
        """Whether to ask for more now."""
        if not self.full or waiting_ms >= XON_FRAMES * FRAME_MS:
            return False
        self.full = False
        return True
