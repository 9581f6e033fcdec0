"""The key that wraps the keys of recordings: given in the settings, or made once in the data folder."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path

from telephony.recording.sealing.sealed_file import KEY_BYTES

MAKE_ONE = "make one with: openssl rand -base64 32"


class KeysUnavailable(OSError):
    """The keys of recordings cannot be used now; the message says why and what to do."""


@dataclass(frozen=True)
class MasterKey:
    """given: 32 bytes in base64; '' when `file` has them. own: `file` is in the data folder and made when it is needed
    first; any other file must be there."""

    file: Path
    own: bool = True
    given: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        return "the setting recording_keys.master_key" if self.given else str(self.file)

    def read(self) -> bytes:
        """Read anew each time: a file that was put back is found without a restart. Raises KeysUnavailable."""
        return self._decoded(self.given or self._text())

    def read_or_make(self) -> bytes:
        """The same, for the very first key."""
        if self.own and not self.given and not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
                file.flush()
                os.fsync(file.fileno())
        return self.read()

    def _text(self) -> str:
        try:
            return self.file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            way_out = "put it back from where you keep a copy" if self.own else f"put it back, or, new here, {MAKE_ONE}"
            raise KeysUnavailable(f"the master key of the recordings, {self.file}, is missing: {way_out}") from None
        except (OSError, ValueError) as error:
            raise KeysUnavailable(f"the master key of the recordings cannot be read: {self.file}: {error}") from error

    def _decoded(self, text: str) -> bytes:
        try:
            key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeysUnavailable(f"{self.where} must hold {KEY_BYTES} bytes in base64; {MAKE_ONE}")
        return key
