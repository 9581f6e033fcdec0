"""The README's first five minutes: from `centralino run` with nothing there to a new article that a caller hears."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import samples
from centralino.demo import clips
from centralino.own_server import environment_of, settings_beside
from centralino.settings import load_settings
from tests.console.pages.app import DESKTOP, built, said_again_and_again

pytestmark = [built, pytest.mark.timeout(600)]

QUESTION = clips()["it_bar"]
ANSWER = "Sì, al primo piano, con caffè e torte fatte in casa."
ADDED = "Spero di esserle stato utile."
GREETING_S = 12
"""Silence before the caller asks, and asks again when the greeting took longer than that."""
PATIENCE_MS = 120_000


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """A caller who lets the bot greet, asks, and listens."""
    return said_again_and_again(tmp_path / "voice.wav", QUESTION, GREETING_S, 25)


@dataclass
class Terminal:
    """What `centralino run` printed until it said that Ctrl-C stops it."""

    printed: str

    def address_after(self, words: str) -> str:
        found = re.search(rf"{re.escape(words)}.*?(http://\S+)", self.printed)
        assert found, self.printed
        return found[1]


@asynccontextmanager
async def first_run(folder: Path) -> AsyncIterator[Terminal]:
    """`centralino run` with the sample company, its demo, and an empty data folder. The models are there, as `make run`
    has fetched them; no prompt was rendered yet."""
    usual = load_settings()
    shutil.copytree(samples.FOLDER / "bookshop", folder / "company")
    (folder / "cache").mkdir()
    (folder / "cache" / "models").symlink_to(usual.cache_dir / "models")
    settings = settings_beside(usual, folder / "data")
    settings = settings.model_copy(update={"company": folder / "company", "cache_dir": folder / "cache"})
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "centralino", "run"),
            env=environment_of(settings), stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert server.stdout
    printed = ""
    try:
        while "Ctrl-C stops it." not in printed:
            line = (await server.stdout.readline()).decode()
            assert line, printed + (folder / "log").read_text(encoding="utf-8")
            printed += line
        yield Terminal(printed)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.communicate()


async def write_an_article(page: Any) -> None:
    await page.get_by_role("link", name="Conoscenza").first.click()
    await page.get_by_role("link", name="Nuovo articolo").click()
    await page.get_by_label("Titolo").fill("il bar")
    await page.get_by_label("Come lo chiedono").fill("avete un bar\nsi può bere un caffè\nc'è un posto per mangiare")
    await page.get_by_role("textbox", name="Risposta detta").fill(ANSWER)
    await page.get_by_text("Tutto a posto: si può pubblicare.").wait_for()
    await page.get_by_role("button", name="Pubblica").click()
    await page.get_by_role("dialog").get_by_role("button", name="Pubblica").click()
    await page.get_by_text("Pubblicato: le prossime chiamate lo usano.").wait_for()


async def add_a_step(page: Any) -> None:
    await page.get_by_role("link", name="Flussi").first.click()
    await page.get_by_role("link", name="libreria_portici").click()
    await page.get_by_role("button", name="Ascolta Come posso aiutarla?").click()
    form = page.get_by_role("region", name="Passo scelto")
    await form.get_by_role("button", name="+ Dice").click()
    await form.get_by_label("Che cosa dice").fill(ADDED)
    await form.get_by_role("button", name="Aggiungi").click()
    await page.get_by_role("button", name=re.compile(f"Dice .*{ADDED}")).wait_for()
    await page.get_by_role("button", name="Pubblica", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Perché").fill("un saluto in più")
    await dialog.get_by_role("button", name="Pubblica").click()
    await page.get_by_text("in servizio: revisione 2").wait_for()


async def call_and_hear(page: Any, pages: Any) -> None:
    await page.get_by_role("link", name="Prova una chiamata").first.click()
    await page.get_by_role("button", name="Chiama", exact=True).click()
    words = page.locator("#words li")
    await words.filter(has_text="bar in libreria").first.wait_for()
    await pages.until(lambda: page.locator("#theirs").evaluate("meter => meter.value > 0.3"), 60)
    await words.filter(has_text=ANSWER).first.wait_for()
    await words.filter(has_text=ADDED).first.wait_for()
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_text("Chiamata conclusa: ha riagganciato chi chiamava").wait_for()


async def look_at_the_call(page: Any, url: str) -> None:
    await page.goto(f"{url}/history")
    await page.get_by_role("table", name="Chiamate").get_by_role("link").first.click()
    said = page.get_by_role("list", name="Che cosa è stato detto").get_by_role("listitem")
    await said.filter(has_text=ANSWER).first.wait_for()
    await said.filter(has_text=ADDED).first.wait_for()


async def test_a_new_admin_hears_a_new_article_and_a_new_step(
    tmp_path: Path, pages: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    began_s = time.monotonic()
    took_s: dict[str, float] = {}

    def done(what: str) -> None:
        took_s[what] = time.monotonic() - began_s - sum(took_s.values())

    async with first_run(tmp_path) as terminal:
        done("server and demo call")
        context = await pages.context(viewport=DESKTOP)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(terminal.address_after("first sign-in of admin"))
        await page.get_by_label("Nuova password").fill("la nebbia agli irti colli")
        await page.get_by_label("Conferma della password").fill("la nebbia agli irti colli")
        await page.get_by_role("button", name="Salva ed entra").click()
        await page.get_by_role("heading", name="Salve, Amministrazione").wait_for()
        done("password")
        await write_an_article(page)
        done("article")
        await add_a_step(page)
        done("step")
        await call_and_hear(page, pages)
        done("call")
        await look_at_the_call(page, terminal.address_after("admins sign in at"))
        done("history")
    with capsys.disabled():
        parts = (f"{what} {spent_s:.0f} s" for what, spent_s in took_s.items())
        print("\nfirst five minutes:", ", ".join(parts), f"= {sum(took_s.values()):.0f} s")
