"""From a web page's question and answer to what can be said on the phone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.article_lint import LONGEST_SPOKEN_WORDS, MOST_SENTENCES
from knowledge.articles import LONGEST_TEXT
from knowledge.exchange.drafted import Drafted, id_for

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s\"<>\\^`{|}()\[\]]+", re.I)
_BRACKETS = re.compile(r"\s*[(\[{]\s*([^()\[\]{}]*?)\s*[)\]}]\s*([.,;:!?]?)\s*")
_SIGNS = re.compile(r"[()\[\]{}<>*#_|\\]+")
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2}[.!?…])\s+(?=\S)|(?<=[。！？])\s*(?=\S)")
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}[.)]\s+|[-–•*]\s+)")
_LONGEST_QUESTION = 200


def article_from(
    question: str, paragraphs: Sequence[str], language: str, place: str, link: str = "", *, whole: bool = False
) -> Drafted:
    """A draft. paragraphs: of the answer. whole: the first is the spoken answer, however long; otherwise its first
    sentences are."""
    notes: list[str] = []
    asked = _NUMBERING.sub("", " ".join(question.split()))[:_LONGEST_QUESTION].rstrip(" ?¿:？").lstrip("¿")
    said, found = [], [link] if link else []
    for paragraph in paragraphs:
        text, addresses, changed = speakable(paragraph)
        found += addresses
        notes += changed
        if text:
            said.append(text)
    spoken, more = (said[0], said[1:]) if said else ("", [])
    if not whole:
        spoken, rest = _first_sentences(spoken)
        more = [rest, *more] if rest else more
    details = _shortened(" ".join(more), notes)
    content: dict[str, object] = {
        "id": id_for(asked),
        "title": {language: asked},
        "phrasings": {language: [asked]},
        "spoken": {language: _shortened(spoken, notes)},
    }
    if details:
        content["more"] = {language: details}
    if found:
        content["link"] = {language: found[0]}
    return Drafted(content, place, tuple(dict.fromkeys(notes)))


def speakable(text: str) -> tuple[str, list[str], list[str]]:
    """(what can be read aloud, the addresses that stood in it, what was changed)."""
    changed = []
    addresses = [found.rstrip(".,;:!?'") for found in _ADDRESS.findall(text)]
    addresses = [one if one.lower().startswith("http") else f"https://{one}" for one in addresses]
    if addresses:
        text = _ADDRESS.sub(" ", text)
        changed.append("addresses were taken out of the spoken text; the first one is its link")
    if _BRACKETS.search(text):
        text = _BRACKETS.sub(lambda found: f", {found[1]}{found[2] or ','} " if found[1] else f"{found[2]} ", text)
        text = re.sub(r",\s*(?=[.,;:!?]|$)", "", text)
        changed.append("brackets became commas")
    if _SIGNS.search(text):
        text = _SIGNS.sub(" ", text)
        changed.append("signs that cannot be read aloud were taken out")
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split()).strip(" ,;"), addresses, changed


def _first_sentences(text: str) -> tuple[str, str]:
    """As many as can be remembered, one at least; and the rest."""
    sentences = _SENTENCE.split(text)
    taken = 1
    while taken < min(MOST_SENTENCES, len(sentences)):
        if len(" ".join(sentences[: taken + 1]).split()) > LONGEST_SPOKEN_WORDS:
            break
        taken += 1
    return " ".join(sentences[:taken]), " ".join(sentences[taken:])


def _shortened(text: str, notes: list[str]) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    notes.append(f"the text was cut at {LONGEST_TEXT} letters")
    cut = text[:LONGEST_TEXT]
    ends = [found.start() for found in _SENTENCE.finditer(cut)]
    return cut[: ends[-1]] if ends else cut.rpartition(" ")[0] or cut
