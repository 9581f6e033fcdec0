"""One server for each data folder, whichever database holds the history."""

from __future__ import annotations

from collections.abc import Callable

from centralino.settings import Settings
from history import Database, SoleWriter, SqliteFile


def data_folder_of(settings: Settings, database: Database) -> Callable[[], None]:
    """Claims the folder: accounts, recordings and outgoing calls are in it. Returns what lets go of it.

    A history in a file claims it by itself. Raises HistoryUnavailable when another server has the folder.
    """
    if isinstance(database, SqliteFile):
        return lambda: None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return SoleWriter(settings.history_path, node=settings.history.node).release
