"""Files that browsers load, read once into memory: a request can reach no other file, and needs none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    body: bytes
    media_type: str
    etag: str


def load_assets(folder: Traversable) -> Mapping[str, Asset]:
    """Every file under `folder` of a type that is served, by its path relative to it."""
    found: dict[str, Asset] = {}

    def walk(here: Traversable, path: str) -> None:
        for entry in here.iterdir():
            if entry.is_dir():
                walk(entry, f"{path}{entry.name}/")
                continue
            media_type = _TYPES.get(entry.name[entry.name.rfind(".") :])
            if media_type:
                body = entry.read_bytes()
                found[path + entry.name] = Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    walk(folder, "")
    return found
