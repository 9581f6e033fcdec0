"""The server that runs on this data folder, as commands beside it see it."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

from centralino.settings import Settings, SettingsError
from history import writer_of

RELOAD_S = 300.0
"""Longest wait for a reload: a new voice may have hundreds of prompts to render."""


def server_of(settings: Settings) -> int | None:
    """The process that writes this data folder, as its history's lock says; None when there is none."""
    holder = writer_of(settings.history_path)
    status = status_of(settings)
    return holder if holder and status and status["pid"] == holder else None


def status_of(settings: Settings) -> dict[str, Any] | None:
    """What the server told of its lines last; None when it never did."""
    try:
        found: dict[str, Any] = json.loads(settings.lines_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def reload_server(settings: Settings) -> dict[str, Any]:
    """Have it take up the company's folder as it is now, and wait for the outcome. Raises SettingsError when none runs,
    or it does not answer."""
    pid = server_of(settings)
    before = status_of(settings)
    if pid is None or before is None:
        raise SettingsError(f"no server of this machine writes {settings.data_dir}: start one with `centralino run`")
    os.kill(pid, signal.SIGHUP)
    until_s = time.monotonic() + RELOAD_S
    while time.monotonic() < until_s:
        time.sleep(0.1)
        now = status_of(settings)
        if now and now["serial"] > before["serial"]:
            return now
    raise SettingsError(f"the server (process {pid}) did not reload within {RELOAD_S:.0f} s; its log says why")
