"""A company that answers everything it hears and listens again: for calls that have to last for minutes.

One article, whose phrasings are the words that the line's own recognizer makes of the callers' clips, so that the
clips find it as callers find the articles of a company that knows its callers; what is understood otherwise gets the
same kind of answer from a ladder that does not end for a whole call. Everything it says is in the prompt cache.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from centralino.settings import SettingsError

NO_INPUT_MS = 20_000
"""How long this company waits for a caller; a bot that is silent for so long heard nothing."""
MOST_TURNS = 48
"""Turns that a call can have whatever is understood: a flowbook lets 50 failures pass."""
TEXTS = {
    "ko": {
        "hello": "안녕하세요. 자동 음성 안내입니다.",
        "question": "말씀하세요.",
        "answer": "네, 사흘이나 나흘 안에 보내 드립니다.",
        "other": "알겠습니다. 그대로 전해 드리겠습니다.",
        "silence": "듣고 있습니다.",
        "options": "{options}, 맞습니까?",
        "title": "배송 기간",
    },
    "it": {
        "hello": "Buongiorno, le risponde un assistente automatico.",
        "question": "Mi dica.",
        "answer": "Sì, arriva in tre o quattro giorni.",
        "other": "Va bene, lo riferisco.",
        "silence": "La ascolto.",
        "options": "Intende: {options}?",
        "title": "i tempi di spedizione",
    },
    "en": {
        "hello": "Hello, this is an automated assistant.",
        "question": "Go ahead.",
        "answer": "Yes, it arrives within three or four days.",
        "other": "All right, I will pass that on.",
        "silence": "I am listening.",
        "options": "Do you mean: {options}?",
        "title": "delivery times",
    },
}
"""A second or two each: callers speak more than a third of the time."""


def write_company(folder: Path, line: str, language: str, recognizer: str, heard: Sequence[str]) -> None:
    """Write company.toml, flowbook.yaml and articles/ into `folder`.

    recognizer: 'vosk', 'whisper' or 'auto'. heard: what the recognizer makes of the callers' clips. Raises
    SettingsError for a language that this company does not speak.
    """
    if language not in TEXTS:
        raise SettingsError(f"the bench's company does not speak {language!r}; it speaks {', '.join(TEXTS)}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "articles").mkdir(exist_ok=True)
    described = {"id": line, "language": language, "recognizer": recognizer}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in described.items())
    (folder / "company.toml").write_text(f'name = "Bench"\n\n[[lines]]\n{lines}', encoding="utf-8")
    # JSON is YAML too.
    _write(folder / "flowbook.yaml", _flowbook(language))
    _write(folder / "articles" / "bench.yaml", [_article(language, heard)])


def _flowbook(language: str) -> dict[str, object]:
    said = TEXTS[language]
    texts = {
        "disclosure": said["hello"],
        "question": said["question"],
        "other": said["other"],
        "silence": said["silence"],
        "hearing_lost": said["silence"],
        "failure": said["other"],
        "nobody_available": said["other"],
        "queue_place": "{place}",
        "did_you_mean": said["options"],
        "did_you_mean_key": "{option} {key}",
    }
    listen = {"listen": {"say": "question", "kb": "main", "timeout": f"{NO_INPUT_MS // 1000}s"}}
    return {
        "flowbook": 1,
        "id": "bench",
        "languages": {"default": language},
        "start": "talk",
        "disclosure": "disclosure",
        "queues": {"desk": {}},
        "repair": {
            "no_input": [*[{"say": "silence"}] * MOST_TURNS, {"end": "silent"}],
            "no_match": [*[{"say": "other"}] * MOST_TURNS, {"end": "enough"}],
            "call_budget": 50,
        },
        "always": {"operator": {"handoff": "desk", "say": "other"}},
        "flows": {"talk": [listen, {"goto": "talk"}]},
        "texts": {key: {language: text} for key, text in texts.items()},
    }


def _article(language: str, heard: Sequence[str]) -> dict[str, object]:
    said = TEXTS[language]
    phrasings = list(dict.fromkeys([said["title"], *filter(None, heard)]))
    return {
        "id": "delivery",
        "title": {language: said["title"]},
        "phrasings": {language: phrasings},
        "spoken": {language: said["answer"]},
    }


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
