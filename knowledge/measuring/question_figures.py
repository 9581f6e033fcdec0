"""How callers' questions are answered: by the whole turn of understanding, with the company's articles."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Literal

from ruamel.yaml import YAML

from knowledge.heard import Unsure
from knowledge.measuring.word_errors import WordErrors
from knowledge.phrases import generic_outside

Outcome = Literal["at once", "offered", "rejected", "elsewhere"]
"""at once: an article was spoken. elsewhere: the caller is led to something that is no article (a flow)."""


@dataclass(frozen=True)
class Asked:
    """say: the manner of speaking, 'plain' where the file tells none. articles: any of them is right; none for a
    question that no article answers."""

    question: str
    articles: tuple[str, ...] = ()
    say: str = "plain"


@dataclass(frozen=True)
class QuestionSet:
    articles: Path
    language: str
    part: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Answered:
    """articles: the one spoken, or those offered."""

    outcome: Outcome
    articles: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionFigures:
    """Of `inside` questions: right at once, right among those offered, and the wrong ones. Of `outside` ones: those
    rejected, offered something, answered. wrong_spoken: share of all questions that got a wrong answer."""

    data: str
    part: str
    wer: float
    inside: int
    right_at_once: int
    right_offered: int
    wrong_at_once: int
    offered_without: int
    rejected: int
    elsewhere: int
    outside: int
    outside_rejected: int
    outside_offered: int
    outside_answered: int
    outside_elsewhere: int
    by_say: tuple[tuple[str, int, int], ...]
    median_ms: float
    p95_ms: float
    mistakes: tuple[str, ...] = ()

    @property
    def helped(self) -> float:
        return (self.right_at_once + self.right_offered) / self.inside if self.inside else 0.0

    @property
    def wrong_spoken(self) -> float:
        return (self.wrong_at_once + self.outside_answered) / (self.inside + self.outside)


def is_questions(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml")


def read_question_set(path: Path) -> QuestionSet:
    """Raises KeyError naming what the file lacks."""
    data = YAML(typ="safe").load(path.read_text("utf-8"))
    asked = []
    for entry in data["inside"]:
        gold = entry["article"]
        articles = (gold,) if isinstance(gold, str) else tuple(gold)
        asked.append(Asked(str(entry["ask"]), articles, str(entry.get("say", "plain"))))
    asked += [Asked(str(line)) for line in data["outside"]]
    folder = (path.parent / data["articles"]).resolve()
    return QuestionSet(folder, str(data["language"]), str(data.get("part", "dev")), tuple(asked))


def measure_questions(
    name: str,
    questions: QuestionSet,
    answer: Callable[[str, Unsure], Answered],
    vocabulary: Sequence[str],
    wer: float = 0.0,
    confidences: bool = False,
) -> QuestionFigures:
    """answer: what becomes of a question of which some words are doubted. vocabulary: sentences whose words others are
    taken for, with `wer`. confidences: words are doubted as `WordErrors.doubted` draws it, else none is."""
    language = questions.language
    words = [*vocabulary, *(one.question for one in questions.asked), *generic_outside().get(language, ())]
    noise = WordErrors(wer, words)
    counts: dict[tuple[bool, str], int] = {}
    helped: dict[str, list[bool]] = {}
    took_ms, mistakes = [], []
    for one in questions.asked:
        heard = noise.heard(one.question) if wer else one.question
        unsure = noise.doubted(one.question) if confidences else ()
        began = perf_counter()
        found = answer(heard, unsure)
        took_ms.append((perf_counter() - began) * 1000)
        right = bool(set(one.articles) & set(found.articles))
        kind = found.outcome + (" right" if right else "")
        counts[bool(one.articles), kind] = counts.get((bool(one.articles), kind), 0) + 1
        if one.articles:
            helped.setdefault(one.say, []).append(right)
        if kind not in ("at once right", "offered right") and (one.articles or kind != "rejected"):
            mistakes.append(
                f"{heard} → {kind} {', '.join(found.articles)}; wanted {'/'.join(one.articles) or 'nothing'}"
            )

    def of(inside: bool, kind: str) -> int:
        return counts.get((inside, kind), 0)

    return QuestionFigures(
        data=name,
        part=questions.part,
        wer=noise.errors / noise.words if noise.words else 0.0,
        inside=sum(bool(one.articles) for one in questions.asked),
        right_at_once=of(True, "at once right"),
        right_offered=of(True, "offered right"),
        wrong_at_once=of(True, "at once"),
        offered_without=of(True, "offered"),
        rejected=of(True, "rejected"),
        elsewhere=of(True, "elsewhere"),
        outside=sum(not one.articles for one in questions.asked),
        outside_rejected=of(False, "rejected"),
        outside_offered=of(False, "offered"),
        outside_answered=of(False, "at once"),
        outside_elsewhere=of(False, "elsewhere"),
        by_say=tuple((say, sum(each), len(each)) for say, each in sorted(helped.items())),
        median_ms=statistics.median(took_ms),
        p95_ms=statistics.quantiles(took_ms, n=20)[-1],
        mistakes=tuple(mistakes),
    )
