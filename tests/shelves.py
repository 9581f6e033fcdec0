"""Recordings of a data folder, as the settings make them."""

from __future__ import annotations

from pathlib import Path

from telephony.recording.sealing.key_store import KeyStore
from telephony.recording.sealing.master_key import MasterKey
from telephony.recording.shelf import Shelf


def shelf_in(data: Path) -> Shelf:
    """The keys and their master key lie beside the folder of recordings, with their usual names."""
    keys = KeyStore(data / "recording_keys.db", MasterKey(data / "recording_master.key"))
    return Shelf(data / "recordings", keys)
