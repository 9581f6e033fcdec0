"""What tests of the application under `/console` share: whether it was built, and what axe finds on a page."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import pytest

from centralino.calling import Clip

CONSOLE = Path(__file__).parents[3] / "console"
AXE = CONSOLE / "react" / "node_modules" / "axe-core" / "axe.min.js"

built = pytest.mark.skipif(
    not (CONSOLE / "built" / "index.html").is_file() or not AXE.is_file(),
    reason="the application is not built: make console",
)

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


async def barriers(page: Any) -> list[str]:
    """What axe calls serious or critical on this page as it is now (WCAG 2.2 A and AA), with the elements."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        """async () => {
          const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
          const {violations} = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
          return violations.map(({id, impact, help, nodes}) =>
            ({id, impact, help, nodes: nodes.map((node) => node.html + " " + node.failureSummary)}));
        }"""
    )
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['help']}: {node}" for one in serious for node in one["nodes"]]


async def fits_the_width(page: Any) -> bool:
    """Nothing makes the page itself scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def said_again_and_again(path: Path, clip: Clip, before_s: int, after_s: int) -> Path:
    """A file for Chromium's microphone: a silence, the clip, a silence, and all over."""
    rate_hz = 48_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(bytes(2 * rate_hz * before_s) + clip.at(rate_hz).pcm + bytes(2 * rate_hz * after_s))
    return path
