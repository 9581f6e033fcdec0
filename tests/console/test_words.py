"""The words of the pages: both languages say the same things, and every page asks only for words there are."""

from __future__ import annotations

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "console" / "web"


def words(language: str) -> dict[str, str]:
    text = (WEB / "words" / f"{language}.js").read_text(encoding="utf-8")
    return dict(re.findall(r'^  "([\w.]+)": "(.*)",$', text, re.MULTILINE))


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    italian, english = words("it"), words("en")
    assert len(italian) > 90
    assert italian.keys() == english.keys()
    for key, text in italian.items():
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", english[key]) or set(
            re.findall(r"\{\w+\}", text)
        ) == set(re.findall(r"\{\w+\}", english[key])), key


def test_every_key_that_pages_ask_for_exists() -> None:
    known = words("it").keys()
    asked = set()
    for page in WEB.glob("*.html"):
        asked |= set(re.findall(r'data-t(?:-label)?="([\w.]+)"', page.read_text(encoding="utf-8")))
        asked |= set(re.findall(r'data-title="([\w.]+)"', page.read_text(encoding="utf-8")))
    for script in WEB.rglob("*.js"):
        asked |= set(re.findall(r'\bt\("([\w.]+)"', script.read_text(encoding="utf-8")))
    assert len(asked) > 50
    assert asked <= known, asked - known


def test_no_words_are_left_of_pages_that_are_gone() -> None:
    files = [script for script in WEB.rglob("*.js") if script.parent.name != "words"]
    scripts = "".join(script.read_text(encoding="utf-8") for script in files)
    pages = "".join(page.read_text(encoding="utf-8") for page in WEB.glob("*.html"))
    named = ("error", "mic", "speaker", *re.findall(r'\bnamed\("(\w+)"', scripts))  # asked for by a code's name
    left = [key for key in words("it") if f'"{key}"' not in scripts + pages and key.partition(".")[0] not in named]
    assert left == []


def test_pages_have_no_inline_script_or_style_and_load_nothing_from_elsewhere() -> None:
    for page in WEB.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), page
        assert "<style" not in text, page
        assert not re.search(r"\s(style|on\w+)=", text), page
        assert "//" not in text.replace("http://www.w3.org", ""), page
    for script in WEB.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            script
        )
