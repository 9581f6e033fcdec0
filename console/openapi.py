"""`python -m console.openapi FILE` writes the OpenAPI document of the console's whole API, without a running server.

From it the types of `console/react/src/api` are made.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from console.app import create_console


class _NotAsked:
    """Stands for every part that answers requests: a description of the routes asks none of them anything."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self


def document() -> dict[str, Any]:
    """With every route that any setting may switch on."""
    parameters = inspect.signature(create_console).parameters.values()
    parts: dict[str, Any] = {
        one.name: _NotAsked() for one in parameters if one.default in (inspect.Parameter.empty, None)
    }
    app = FastAPI(title="Centralino", docs_url=None, redoc_url=None)
    app.include_router(create_console(**{**parts, "public_origins": ()}))
    return app.openapi()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(document(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
