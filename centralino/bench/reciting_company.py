"""A company that answers six typed digits by what it always says, or by four sentences with the digits in all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from voice.speaking.synthesizer import Voice

ALWAYS = "111111"
"""The digits that are answered by a text that never changes."""
TEXTS: Mapping[str, Mapping[str, str]] = {
    "it": {
        "ask_number": "Il numero?",
        "fixed": "Siamo aperti dal lunedì al sabato, dalle nove alle diciannove. La domenica siamo chiusi.",
        "changing": "L'ordine {number:digits} è stato spedito ieri. Il pacco {number:digits} arriva domani mattina, di "
        "solito prima delle dieci. Se non è in casa, il corriere lascia un avviso con il numero {number:digits}. Per "
        "cambiare indirizzo, dica il numero {number:digits} a un operatore.",
        "one_moment": "Un momento.",
        "other": "Mi scusi.",
    },
    "en": {
        "ask_number": "The number?",
        "fixed": "We are open from Monday to Saturday, from nine to seven. On Sundays we are closed.",
        "changing": "Order {number:digits} was sent yesterday. Parcel {number:digits} will arrive tomorrow morning, "
        "usually before ten. If you are out, the courier leaves a note with the number {number:digits}. To change the "
        "address, tell the number {number:digits} to one of our people.",
        "one_moment": "One moment.",
        "other": "I am sorry.",
    },
}


def write_company(folder: Path, voice: Voice, filler: bool) -> None:
    """Write company.toml, flowbook.yaml and articles/ into `folder`: one line, 'bench', that speaks by `voice`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "articles").mkdir(exist_ok=True)
    line = {
        "id": "bench",
        "language": voice.language,
        "recognizer": "whisper",
        "voice_engine": voice.engine,
        "voice": voice.name,
    }
    described = "".join(f"{name} = {json.dumps(value)}\n" for name, value in line.items())
    (folder / "company.toml").write_text(f'name = "Bench"\n\n[[lines]]\n{described}', encoding="utf-8")
    _write(folder / "flowbook.yaml", _flowbook(voice.language, filler))
    _write(folder / "articles" / "bench.yaml", [_article(voice.language)])


def _flowbook(language: str, filler: bool) -> dict[str, object]:
    """JSON is YAML too."""
    said = TEXTS[language]
    own = ("ask_number", "fixed", "changing", *(["one_moment"] if filler else []))
    reserved = ("disclosure", "sorry", "hearing_lost", "failure", "nobody_available")
    texts = {key: said[key] for key in own} | dict.fromkeys(reserved, said["other"]) | {"queue_place": "{place}"}
    return {
        "flowbook": 1,
        "id": "bench",
        "languages": {"default": language},
        "start": "talk",
        "disclosure": "disclosure",
        "queues": {"desk": {}},
        "repair": {"no_input": [{"handoff": "desk"}], "no_match": [{"handoff": "desk"}]},
        "always": {"operator": {"handoff": "desk", "say": "sorry"}},
        "flows": {
            "talk": [
                {"fill": {"number": {"type": "digits", "length": 6}}, "timeout": "600s"},
                {
                    "if": f'number == "{ALWAYS}"',
                    "then": [{"say": "fixed"}, {"goto": "talk"}],
                    "else": [{"say": "changing"}, {"goto": "talk"}],
                },
            ]
        },
        "texts": {key: {language: text} for key, text in texts.items()},
    }


def _article(language: str) -> dict[str, object]:
    said = TEXTS[language]["fixed"]
    return {"id": "bench", "title": {language: said}, "phrasings": {language: [said]}, "spoken": {language: said}}


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
