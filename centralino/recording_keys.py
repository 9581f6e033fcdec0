"""`[recording_keys]` in centralino.toml: the master key of recordings, when it is not a file in the data folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from telephony.recording.sealing.master_key import MasterKey


class RecordingKeySettings(BaseModel):
    """master_key (CENTRALINO_RECORDING_KEYS__MASTER_KEY): 32 bytes in base64. master_key_file: a file that holds them,
    best outside the data folder; it wins. With neither, one is made in the data folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    master_key: SecretStr = SecretStr("")
    master_key_file: Path | None = None

    def master(self, own: Path) -> MasterKey:
        """own: the file in the data folder."""
        if self.master_key_file is not None:
            return MasterKey(self.master_key_file.expanduser(), own=False)
        return MasterKey(own, given=self.master_key.get_secret_value())
