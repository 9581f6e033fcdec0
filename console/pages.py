"""The plain pages: HTML, ES modules and CSS as they lie in `console/web`, no build step.

All files are read once, when the console is made: a request can reach no other file, and needs none.
"""

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from console.assets import load_assets

PAGES = {"/": "index", "/signin": "signin", "/welcome": "welcome", "/call": "call"}
"""Pages for anybody: the page of each address."""
MOVED = {"/operator": "/console/desk", "/admin": "/console/history"}
"""Where pages went that moved into the application: bookmarks still lead there."""


def pages() -> APIRouter:
    """Routes of the pages and of the files they load (`/web/…`)."""
    router = APIRouter(include_in_schema=False)
    assets = load_assets(files("console") / "web")

    def send(request: Request, name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404, {"code": "not_found", "message": f"no file {name[:100]!r}"})
        # Always asked again, rarely sent again: after an update no page runs with yesterday's script.
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, media_type=asset.media_type, headers=headers)

    def add_page(path: str, name: str) -> None:
        @router.get(path, name=name)
        async def page(request: Request) -> Response:
            return send(request, f"{name}.html")

    for path, name in PAGES.items():
        add_page(path, name)

    def add_moved(path: str, now_at: str) -> None:
        @router.get(path)
        async def moved() -> RedirectResponse:
            return RedirectResponse(now_at, status_code=308)

    for path, now_at in MOVED.items():
        add_moved(path, now_at)

    @router.get("/favicon.ico")
    async def favicon(request: Request) -> Response:
        return send(request, "icon.svg")

    @router.get("/web/{path:path}")
    async def asset(request: Request, path: str) -> Response:
        return send(request, path)

    return router
