"""Whether operators' voices may go over WebRTC here, and a peer for each that does."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from telephony.webrtc.settings import WebrtcSettings

if TYPE_CHECKING:
    from telephony.webrtc.peer import Peer

NEEDED = ("aiortc", "aioice", "av")


class WebrtcUnavailable(RuntimeError):
    """`[webrtc]` wants what is not installed. Says what to do."""


class WebrtcVoices:
    """Raises WebrtcUnavailable."""

    def __init__(self, settings: WebrtcSettings) -> None:
        missing = [name for name in NEEDED if find_spec(name) is None]
        if missing:
            raise WebrtcUnavailable(f"[webrtc] needs {', '.join(missing)}: pip install 'centralino[webrtc]'")
        self._settings = settings

    def for_browsers(self) -> list[dict[str, Any]]:
        """The ICE servers, as RTCPeerConnection in a browser takes them."""
        return [
            {
                "urls": server.urls,
                **({"username": server.username} if server.username else {}),
                **({"credential": credential} if (credential := server.credential.get_secret_value()) else {}),
            }
            for server in self._settings.ice_servers
        ]

    def peer(self, heard: Callable[[bytes], None], joined: Callable[[], None], gone: Callable[[str], None]) -> Peer:
        """For one operator's connection, see `peer.py`."""
        from telephony.webrtc.peer import Peer

        return Peer(self._settings, heard, joined, gone)


def voices_of(settings: WebrtcSettings) -> WebrtcVoices | None:
    """None where they are off. Raises WebrtcUnavailable."""
    return WebrtcVoices(settings) if settings.mode == "prefer" else None
