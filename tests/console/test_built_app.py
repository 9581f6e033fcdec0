"""How the application under `/console` is served, and that its build brings nothing from elsewhere."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from console.built_app import NONCE_MARK, built_app, read_built
from console.guard import Guard
from console.headers import SecurityHeaders
from console.openapi import document

REACT = Path(__file__).parents[2] / "console" / "react"
BUILT = REACT.parent / "built"
MOST_SCRIPT_BYTES = 300_000
"""Zipped, that the operators' desk may load before it works."""
SCRIPT = "export const x = 1;\n" * 200


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "built" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "built" / "index.html").write_text(
        f'<meta property="csp-nonce" nonce="{NONCE_MARK}"><title>app</title>'
    )
    (assets / "main-1a2b.js").write_text(SCRIPT)
    (assets / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (assets / "main-1a2b.css").write_text("body{}")
    return tmp_path / "built"


def served(house: Any, folder: Path) -> Any:
    """The house with what was built in `folder`."""
    app = FastAPI()
    app.add_middleware(SecurityHeaders)
    app.include_router(built_app(Guard(house.accounts, [house.origin]), read_built(folder)))
    house.app = app
    return house


async def test_every_address_below_leads_to_the_same_page_with_a_nonce_of_its_own(house: Any, built: Path) -> None:
    _, client = await served(house, built).member("anna", "operator")
    nonces = set()
    for path in ("/console", "/console/", "/console/users", "/console/calls/0191-abc"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        [nonce] = re.findall(r'nonce="([\w-]+)"', answer.text)
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'self' 'nonce-{nonce}';" in policy
        assert "script-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert not re.search(r"unsafe|\*|https?:", policy)
        nonces.add(nonce)
    assert len(nonces) == 4


async def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(house: Any, built: Path) -> None:
    async with served(house, built).browser() as nobody:
        answer = await nobody.get("/console/users")
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/console/users")


async def test_its_files_are_kept_for_ever_and_sent_zipped_to_who_takes_it(house: Any, built: Path) -> None:
    async with served(house, built).browser() as client:
        plain = await client.get("/console/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
        zipped = await client.get("/console/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
        assert plain.text == zipped.text == SCRIPT
        assert "content-encoding" not in plain.headers
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) < len(SCRIPT) / 10
        for answer in (plain, zipped):
            assert "immutable" in answer.headers["cache-control"]
            assert (answer.headers["vary"], answer.headers["x-content-type-options"]) == ("Accept-Encoding", "nosniff")
        assert (await client.get("/console/assets/main-1a2b.css")).headers["content-type"].startswith("text/css")
        for other in ("gone.js", "../index.html", "..%2f..%2faccounts.py", "main-1a2b.js.gz"):
            assert (await client.get(f"/console/assets/{other}")).status_code in (303, 404), other


async def test_where_nothing_was_built_the_page_says_what_to_do(house: Any, tmp_path: Path) -> None:
    _, client = await served(house, tmp_path / "nowhere").member("anna", "operator")
    answer = await client.get("/console/users")
    assert answer.status_code == 503
    assert "make console" in answer.text


def test_the_openapi_document_refers_to_nothing_that_is_not_in_it() -> None:
    api = document()
    refs = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(api)))
    assert refs <= {f"#/components/schemas/{name}" for name in api["components"]["schemas"]}
    assert {"/api/me", "/api/accounts", "/api/kpis", "/api/flowbooks/{flowbook}/simulations"} <= api["paths"].keys()


@pytest.mark.skipif(not (BUILT / "manifest.json").is_file(), reason="the application is not built: make console")
def test_the_operators_desk_loads_little_script() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    loaded: set[str] = set()

    def load(chunk: str) -> None:
        file = str(manifest[chunk]["file"])
        if file not in loaded:
            loaded.add(file)
            for one in manifest[chunk].get("imports", ()):
                load(one)

    load("index.html")
    load("src/pages/desk/DeskPage.tsx")
    # What the desk takes from the plain pages when the first call sounds, sent as it lies there.
    sound = sum(len(file.read_bytes()) for file in (REACT.parent / "web" / "audio").glob("*.js"))
    script = sum((BUILT / f"{file}.gz").stat().st_size for file in loaded)
    assert len(loaded) > 5
    assert 100_000 < script + sound <= MOST_SCRIPT_BYTES, f"{script} bytes zipped and {sound} of sound"


def test_the_lock_file_names_no_host() -> None:
    lock = (REACT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock, "npm install with console/react/.npmrc leaves these out"
    assert "://" not in lock, "npm run lock takes the addresses out"
    assert lock.count('"integrity"') > 50


def test_its_sources_build_no_markup_from_strings_and_load_nothing_from_elsewhere() -> None:
    for file in (REACT / "src").rglob("*.ts*"):
        if file.name == "schema.d.ts" or file.name.endswith(".test.ts"):
            continue
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"dangerouslySetInnerHTML|innerHTML =|insertAdjacentHTML|\beval\(|new Function", text), (
            file
        )
        assert not re.search(r"https?://\w", text), file
