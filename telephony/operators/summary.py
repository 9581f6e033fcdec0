"""What an operator hears on the phone before they take a call: who, why, the flowbook's own line about it, and what
the caller has told. Short, once.

Values that a flowbook calls sensitive arrive masked, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.rendering import MASK

MOST_SLOTS = 6
LONGEST_VALUE = 60
LONGEST_BRIEFING = 240
"""A flowbook's line is a sentence or two, and the operator waits for its end."""
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LAST_DIGITS = 4
BRIEFING = "briefing"
"""Among a handoff's slots: the line that its flowbook has for the operator."""


@dataclass(frozen=True)
class Words:
    """One language's. reasons: by the `reason` of a handoff."""

    call: str
    number: str
    nobody: str
    reasons: Mapping[str, str]
    choose: str
    gone: str
    taken: str


WORDS: Mapping[str, Words] = {
    "it": Words(
        "Chiamata per {queue}.",
        "Numero che finisce con {digits}.",
        "Numero nascosto.",
        {
            "asked": "Ha chiesto di parlare con una persona.",
            "repair": "L'assistente non è riuscito a capire.",
            "flow": "La richiesta passa a una persona.",
            "angry": "Chi chiama è molto contrariato.",
            "urgent": "Dice che è urgente.",
            "failure": "L'assistente ha avuto un guasto.",
        },
        "Prema 1 per rispondere, 2 per rifiutare.",
        "Il chiamante ha riagganciato.",
        "La chiamata non è più in attesa.",
    ),
    "en": Words(
        "A call for {queue}.",
        "The number ends with {digits}.",
        "The number is withheld.",
        {
            "asked": "They asked for a person.",
            "repair": "The assistant could not understand them.",
            "flow": "This request goes to a person.",
            "angry": "The caller is upset.",
            "urgent": "They say it is urgent.",
            "failure": "The assistant had a fault.",
        },
        "Press 1 to take the call, 2 to decline.",
        "The caller has hung up.",
        "The call is no longer waiting.",
    ),
    "ko": Words(
        "{queue} 전화입니다.",
        "번호 끝자리는 {digits}입니다.",
        "발신 번호가 표시되지 않았습니다.",
        {
            "asked": "상담원을 요청했습니다.",
            "repair": "자동 안내가 알아듣지 못했습니다.",
            "flow": "상담원이 처리할 요청입니다.",
            "angry": "고객이 매우 불쾌해합니다.",
            "urgent": "급하다고 합니다.",
            "failure": "자동 안내에 문제가 있었습니다.",
        },
        "받으시려면 1번, 거절하시려면 2번을 눌러 주세요.",
        "고객이 전화를 끊었습니다.",
        "이 전화는 더 이상 대기 중이 아닙니다.",
    ),
}


def words(language: str) -> Words:
    return WORDS.get(language, WORDS["en"])


def summary(language: str, queue: str, caller: str, reason: str, slots: Mapping[str, str]) -> str:
    """slots: as the handoff has them. Without the choice of keys, which is said behind it."""
    said = words(language)
    digits = " ".join([letter for letter in caller if letter.isdigit()][-LAST_DIGITS:])
    parts = [said.call.format(queue=_plain(queue)), said.number.format(digits=digits) if digits else said.nobody]
    if reason in said.reasons:
        parts.append(said.reasons[reason])
    known = {name: value for name, value in slots.items() if value and MASK not in value}
    known.pop(BRIEFING, None)
    if briefing := _briefing(slots.get(BRIEFING, "")):
        parts.append(briefing if briefing[-1] in ".!?" else f"{briefing}.")
    told = list(known.items())[:MOST_SLOTS]
    parts += [f"{_plain(name)}: {_plain(value)}." for name, value in told]
    return " ".join(parts)


def _briefing(line: str) -> str:
    """Without the sentences that hold a masked value: what is left of them would say nothing."""
    kept = [sentence for sentence in SENTENCE_END.split(line) if MASK not in sentence]
    return _plain(" ".join(kept), LONGEST_BRIEFING)


def _plain(value: str, longest: int = LONGEST_VALUE) -> str:
    """Read as words, and no markup: what a caller has said is never an instruction to the synthesizer."""
    return "".join(" " if letter in "_<>&{}" else letter for letter in value)[:longest].strip()
