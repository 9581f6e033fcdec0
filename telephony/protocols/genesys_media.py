"""Which of the offered media a Genesys session uses: mu-law at 8 kHz with the caller, alone where possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telephony.media import ProtocolError

CALLER = "external"
MOST_OFFERS = 16


@dataclass(frozen=True)
class Media:
    """channels: of the sound that comes, interleaved by bytes."""

    channels: tuple[str, ...]

    def described(self) -> dict[str, Any]:
        """As Genesys offered it, and wants it back."""
        return {"type": "audio", "format": "PCMU", "channels": list(self.channels), "rate": 8000}

    def caller_sound(self, message: bytes) -> bytes:
        """The caller's mu-law of one message. Raises ProtocolError for a part of a sample."""
        if len(message) % len(self.channels):
            raise ProtocolError("wrong_codec", f"{len(self.channels)} channels in {len(message)} bytes")
        return message[self.channels.index(CALLER) :: len(self.channels)]


def chosen(offered: Any) -> Media:
    """Raises ProtocolError when nothing that is offered can be used."""
    offers = offered[:MOST_OFFERS] if isinstance(offered, list) else []
    usable = [Media(tuple(offer["channels"])) for offer in offers if _is_usable(offer)]
    if not usable:
        raise ProtocolError("wrong_codec", f"PCMU, 8000 Hz with the channel '{CALLER}' is not among the offered media")
    return min(usable, key=lambda media: len(media.channels))


def _is_usable(offer: Any) -> bool:
    if not isinstance(offer, dict):
        return False
    shape = [offer.get(name) for name in ("type", "format", "rate")]
    return shape == ["audio", "PCMU", 8000] and offer.get("channels") in (
        [CALLER], [CALLER, "internal"], ["internal", CALLER],
    )  # fmt: skip
