"""The pictures of the docs: each page as the sample company's admin sees it, with calls that were really made.

`make screenshots` makes them anew in docs/screenshots. One more picture is one more `Shot` and one more line in
docs/console.md.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import samples
from centralino.calling import Keys, Move, Say, Script, Silence, WaitFor, WaitForQuiet, place_call
from centralino.demo import clips, demonstrate
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, load_settings
from console.accounts import Accounts
from tests.console.pages.app import built, said_again_and_again

DOCS = Path(__file__).parents[3] / "docs"
FOLDER = os.environ.get("CENTRALINO_SCREENSHOTS", "")
LARGEST_BYTES = 150_000
LARGEST_ALL_BYTES = 2_000_000
PATIENCE_MS = 120_000
PASSWORD = "la nebbia agli irti colli"

pytestmark = pytest.mark.timeout(900)

Prepare = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Shot:
    """name: of the picture. path: the page's; `{call}` and `{contact}` stand for one that there is. shown: a text that
    is there once the page has its data. prepare: what is done on the page before. by: whose page."""

    name: str
    path: str
    shown: str
    prepare: Prepare | None = None
    by: str = "admin"


async def choose_step(page: Any) -> None:
    await page.get_by_role("button", name="Ascolta Come posso aiutarla?").click()
    await page.get_by_role("region", name="Passo scelto").wait_for()


async def dial(page: Any) -> None:
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await page.get_by_text("In linea").wait_for()
    await page.get_by_role("button", name="Silenzia il microfono").click()
    await page.locator("#words li").filter(has_text="Come posso aiutarla?").wait_for()


WHILE_SOMEBODY_TALKS = (
    Shot("desk", "", "copertina", by="operator"),
    Shot("wall", "/console/wall", "in chiamata"),
)
AFTERWARDS = (
    Shot("home", "/console", "Salve, Amministrazione"),
    Shot("dashboards", "/console/dashboards", "Chiamate, per giorno"),
    Shot("flows", "/console/flows", "nessun errore"),
    Shot("flow", "/console/flows/libreria_portici", "+ Dice", choose_step),
    Shot("knowledge", "/console/knowledge", "gli orari di apertura"),
    Shot("article", "/console/knowledge/articles/opening-hours", "Tutto a posto"),
    Shot("review", "/console/knowledge?tab=review", "Che tempo"),
    Shot("coverage", "/console/knowledge?tab=coverage", "Come cambia nel tempo"),
    Shot("callbacks", "/console/callbacks", "Prendo io"),
    Shot("history", "/console/history", "passata a una persona"),
    Shot("call", "/console/history/calls/{call}", "Perché"),
    Shot("contact", "/console/history/contacts/{contact}", "Chiamata"),
    Shot("users", "/console/users", "Operatore"),
    Shot("webhooks", "/console/webhooks", "Aggiungi un indirizzo"),
    Shot("settings", "/console/settings", "Aggiungi una linea"),
    Shot("account", "/console/account", "Attiva"),
    Shot("call-from-browser", "/call", "Come posso aiutarla?", dial),
)


@pytest.mark.parametrize("shot", [*WHILE_SOMEBODY_TALKS, *AFTERWARDS], ids=lambda shot: shot.name)
def test_each_picture_is_in_the_docs_and_small(shot: Shot) -> None:
    picture = DOCS / "screenshots" / f"{shot.name}.png"
    assert picture.is_file(), "make screenshots"
    assert picture.stat().st_size <= LARGEST_BYTES
    assert f"(screenshots/{shot.name}.png)" in (DOCS / "console.md").read_text(encoding="utf-8")


def test_all_pictures_together_are_small_and_nobody_forgot_an_old_one() -> None:
    pictures = list((DOCS / "screenshots").iterdir())
    assert {picture.stem for picture in pictures} == {shot.name for shot in (*WHILE_SOMEBODY_TALKS, *AFTERWARDS)}
    assert sum(picture.stat().st_size for picture in pictures) <= LARGEST_ALL_BYTES


def shop_in(folder: Path) -> Path:
    """The sample company without its Korean line, whose letters not every machine has."""
    company = shutil.copytree(samples.FOLDER / "bookshop", folder / "company")
    settings = company / "company.toml"
    head, *lines = settings.read_text(encoding="utf-8").split("[[lines]]")
    kept = (line for line in lines if 'language = "ko"' not in line)
    settings.write_text("[[lines]]".join([head, *kept]), encoding="utf-8")
    return company


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """The operator, who says the same again and again."""
    return said_again_and_again(tmp_path / "voice.wav", clips()["op_it_1"], 4, 12)


@dataclass
class Shop:
    """The sample company's server, and a signed-in browser for each of its people."""

    settings: Settings
    pages: Any

    async def signed_in(self, name: str) -> Any:
        """name: of one of the accounts that a new server makes."""
        accounts = await Accounts.open(self.settings.accounts_path)
        try:
            await accounts.set_password((await accounts.new_link(name)).token, PASSWORD)
        finally:
            await accounts.close()
        context = await self.pages.context(viewport={"width": 1280, "height": 800}, color_scheme="light")
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(f"{self.settings.own_url}/signin")
        await page.get_by_label("Nome utente").fill(name)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: "/signin" not in url)
        return page

    async def call(self, caller: str, *moves: Move) -> None:
        await place_call(
            self.settings.own_url, door="twilio", line="libreria", script=Script(moves),
            twilio_auth_token=self.settings.auth_token(), caller=caller,
        )  # fmt: skip

    async def handed_over(self, page: Any) -> str:
        """The call that the operator took, once it has ended; '' before."""
        answer = await page.request.get(f"{self.settings.own_url}/api/interactions?outcome=handed_off")
        return next((str(call["id"]) for call in (await answer.json())["interactions"]), "")

    @asynccontextmanager
    async def two_callers(self, desk: Any) -> AsyncIterator[None]:
        """One talks to the operator, one waits."""
        over = asyncio.Event()
        talking = desk.get_by_role("heading", name="In chiamata con")
        said = clips()
        joined = asyncio.Event()
        first = asyncio.create_task(
            self.call(
                "+390510000101", WaitForQuiet(), Say(said["it_operatore"]),
                WaitFor(joined.is_set, "the operator took the call", PATIENCE_MS), Silence(2000),
                Say(said["it_mi_chiamo"]), WaitFor(over.is_set, "the pictures were made", PATIENCE_MS),
            )
        )  # fmt: skip
        await desk.get_by_role("button", name="Rispondi").click()
        await talking.wait_for()
        joined.set()
        second = asyncio.create_task(
            self.call("+390510000102", WaitForQuiet(), Keys("0"), WaitFor(over.is_set, "the pictures", PATIENCE_MS))
        )
        await desk.get_by_text("+390510000102").first.wait_for()
        yield
        over.set()
        await asyncio.gather(first, second)

    async def takes(self, shot: Shot, page: Any, **there: str) -> None:
        if shot.path:
            await page.goto(self.settings.own_url + shot.path.format_map(there))
        if shot.prepare:
            await shot.prepare(page)
        await page.get_by_text(shot.shown).locator("visible=true").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=Path(FOLDER) / f"{shot.name}.png", animations="disabled", caret="hide")


@pytest.mark.skipif(not FOLDER, reason="pictures are made by `make screenshots`")
@built
async def test_the_pictures_are_made(tmp_path: Path, pages: Any) -> None:
    settings = settings_beside(load_settings(), tmp_path / "data").model_copy(update={"company": shop_in(tmp_path)})
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    async with own_server(settings, tmp_path / "server.log"):
        shop = Shop(settings, pages)
        await demonstrate(settings.own_url, settings, lambda *_: None, short=True)
        await shop.call("+390510000101", WaitForQuiet(), Say(clips()["it_fuori"]), WaitForQuiet())
        # While nobody works: a call-back is noted.
        await shop.call("+390510000103", WaitForQuiet(), Say(clips()["it_operatore"]), WaitForQuiet())
        admin = await shop.signed_in("admin")
        operator = await shop.signed_in("operatore")
        await operator.goto(f"{settings.own_url}/console/desk")
        await operator.get_by_role("button", name="Diventa disponibile").click()
        by = {"admin": admin, "operator": operator}
        async with shop.two_callers(operator):
            for shot in WHILE_SOMEBODY_TALKS:
                await shop.takes(shot, by[shot.by])
        call = await pages.until(lambda: shop.handed_over(admin))
        known = await (await admin.request.get(f"{settings.own_url}/api/interactions/{call}/contact")).json()
        for shot in AFTERWARDS:
            await shop.takes(shot, by[shot.by], call=call, contact=known["contact"]["id"])
