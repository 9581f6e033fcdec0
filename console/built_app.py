"""The console's application under `/console`: what Vite built from `console/react` into `console/built`.

All files are read once, as those of `console.pages`. Where nothing was built, its page says what to do.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console.assets import Asset, load_assets
from console.guard import Guard
from console.headers import policy_of_the_app

NONCE_MARK = "nonce-of-this-answer"
"""Where `index.html` has the nonce of its style elements."""
_FOR_EVER = "public, max-age=31536000, immutable"

_NOT_BUILT = """<!doctype html>
<html lang="it">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Centralino</title>
<link rel="stylesheet" href="/web/base.css">
</head>
<body>
<main class="narrow stack">
<h1>Questa pagina non è stata costruita</h1>
<p>Serve un passo: <code>make console</code> nella cartella del progetto, con la rete raggiungibile (usa Node 20.19
o più recente, o lo scarica); poi va riavviato il server. Funziona già
<a href="/call">la pagina da cui chiamare</a>.</p>
<div lang="en">
<h2>This page has not been built</h2>
<p>One step is missing: run <code>make console</code> in the project's folder, with a network (it takes Node 20.19 or
newer, or fetches it); then start the server again. <a href="/call">The page to call from</a> works already.</p>
</div>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class BuiltApp:
    """index: the page with NONCE_MARK in it, None when nothing was built. assets, zipped: by path; zipped with gzip."""

    index: str | None
    assets: Mapping[str, Asset]
    zipped: Mapping[str, bytes]

    def page(self, nonce: str) -> str | None:
        return self.index.replace(NONCE_MARK, nonce) if self.index is not None else None


def read_built(folder: Traversable) -> BuiltApp:
    """What lies in `folder`, which need not exist."""
    if not (folder / "index.html").is_file():
        return BuiltApp(None, {}, {})
    found = load_assets(folder)
    zipped = {name: folder.joinpath(f"{name}.gz") for name in found}
    return BuiltApp(
        found["index.html"].body.decode(),
        {name: asset for name, asset in found.items() if name != "index.html"},
        {name: file.read_bytes() for name, file in zipped.items() if file.is_file()},
    )


@cache
def _ours() -> BuiltApp:
    return read_built(files("console") / "built")


def built_app(guard: Guard, built: BuiltApp | None = None) -> APIRouter:
    """The routes `/console…`. built: None for the one that comes with this package."""
    router = APIRouter(include_in_schema=False)
    app = built if built is not None else _ours()

    @router.get("/console/assets/{path:path}")
    async def asset(request: Request, path: str) -> Response:
        """Its name holds a hash of its content: a browser never needs to ask again."""
        name = f"assets/{path}"
        found = app.assets.get(name)
        if found is None:
            raise HTTPException(404, {"code": "not_found", "message": f"no file {name[:100]!r}; reload the page"})
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if name in app.zipped and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(app.zipped[name], media_type=found.media_type, headers=headers)
        return Response(found.body, media_type=found.media_type, headers=headers)

    @router.get("/console")
    @router.get("/console/{path:path}")
    async def page(request: Request, path: str = "") -> Response:
        """The same for every address below: the application itself knows its pages. It holds no data of its own."""
        if await guard.visitor(request) is None:
            return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
        nonce = secrets.token_urlsafe(16)
        text = app.page(nonce)
        if text is None:
            return Response(_NOT_BUILT, 503, media_type="text/html; charset=utf-8")
        headers = {"Content-Security-Policy": policy_of_the_app(nonce), "Cache-Control": "no-store"}
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)

    return router
