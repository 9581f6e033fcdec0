"""How soon the console's pages can be used, and how much script they load, in a real Chromium.

On a server of its own; every page is opened in a new browser context, so that nothing is cached but by the server.
usable: from the navigation until the page shows what it has for its user (what `PAGES` names is there, no place holder
is left) and the browser's main thread is idle.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from centralino.bench.calls_report import Spread
from centralino.bench.console_ends import people
from centralino.company import load_company
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, SettingsError
from console.roles import ROLES
from console.sessions import Session

FLOW = "flows/{book}"
"""The first line's flowbook."""
PAGES = {
    "desk": '#state:not([data-state="offline"])',
    "wall": "table",
    "callbacks": '[role="tab"]',
    "dashboards": '[role="tab"]',
    "history": "h1",
    "flows": 'a[href^="/console/flows/"]',
    FLOW: ".react-flow__node",
    "knowledge": "tbody tr",
    "settings": '[role="tab"]',
}
"""Address below /console: what is there once it is usable; the desk first, as operators open it first."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000
_WATCH = """
(() => {
  const whole = () => {
    const main = document.querySelector("main");
    return main && main.querySelector(SELECTOR) && !main.querySelector('[class*="Skeleton"], [class*="Loader"]');
  };
  const look = () => {
    if (!whole()) return requestAnimationFrame(look);
    requestIdleCallback(() => {
      if (whole()) window.usableMs = performance.now();
      else look();
    });
  };
  look();
})();
"""
_SCRIPT = """performance.getEntriesByType("resource").filter((one) => new URL(one.name).pathname.endsWith(".js"))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""


@dataclass(frozen=True)
class PageFigures:
    """script_kb: 1,000 bytes, as they are sent (zipped)."""

    address: str
    runs: int
    usable_ms: Spread
    script_kb: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def run(settings: Settings, runs: int, say: Callable[[str], None]) -> list[PageFigures]:
    """Open each page `runs` times. Raises SettingsError when there is no browser to open them in."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        raise SettingsError(f"no browser: install Chromium ({', '.join(BROWSERS)} were looked for)")
    try:
        from playwright.async_api import async_playwright  # a developer's package, needed for nothing else here
    except ImportError:
        raise SettingsError("the package playwright is missing: pip install playwright") from None
    with tempfile.TemporaryDirectory(prefix="centralino-bench-") as folder:
        own = settings_beside(settings, Path(folder))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(own_server(own, Path(folder) / "server.log"))
            (session,) = await people(own, ["anna"], ROLES)
            driver = await stack.enter_async_context(async_playwright())
            browser = await driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            stack.push_async_callback(browser.close)
            figures = []
            book = next(iter(load_company(own.company).lines)).book.id
            for page, there in PAGES.items():
                address = page.format(book=book)
                say(f"/console/{address}")
                opened = [await _open(browser, own.own_url, address, there, session) for _ in range(runs)]
                usable = Spread.of([usable_ms for usable_ms, _ in opened])
                figures.append(PageFigures(address, runs, usable, round(opened[-1][1] / 1000, 1)))
            return figures


async def _open(browser: Any, server_url: str, address: str, there: str, session: Session) -> tuple[float, float]:
    """Milliseconds until it can be used, bytes of script. Raises playwright's TimeoutError when what is to be there
    never is."""
    context = await browser.new_context(locale="it-IT", viewport={"width": 1280, "height": 800})
    try:
        await context.add_cookies([{"name": "centralino", "value": session.token, "url": server_url}])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.add_init_script(_WATCH.replace("SELECTOR", json.dumps(there)))
        await page.goto(f"{server_url}/console/{address}")
        await page.wait_for_function("() => window.usableMs")
        return float(await page.evaluate("window.usableMs")), float(await page.evaluate(_SCRIPT))
    finally:
        await context.close()
