"""How well a company's articles answer a set of questions: `python -m knowledge.evaluate QUESTIONS.yaml`.

The file names the folder of the articles (relative to itself) and the language, and holds questions that an article
answers and questions that none does. It must have had no part in writing phrasings or choosing thresholds.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from ruamel.yaml import YAML

from knowledge.embedding import Embedder, shared_embedder
from knowledge.mishearing import misheard
from knowledge.search import KnowledgeBase
from knowledge.wording import level


@dataclass(frozen=True)
class Questions:
    """inside: (question, ids of the articles that answer it); outside: questions that none answers."""

    articles: Path
    language: str
    inside: tuple[tuple[str, tuple[str, ...]], ...]
    outside: tuple[str, ...]

    def misheard(self) -> Questions:
        """The same questions as a recognizer with a bad line might write them."""
        inside = tuple((misheard(level(question)), gold) for question, gold in self.inside)
        return Questions(self.articles, self.language, inside, tuple(misheard(level(line)) for line in self.outside))


@dataclass(frozen=True)
class Report:
    """Counts of questions. Wrong answers spoken are `wrong_at_once` and `outside_answered`."""

    inside: int
    right_at_once: int
    right_among_offered: int
    wrong_at_once: int
    offered_without_right: int
    rejected: int
    outside: int
    outside_rejected: int
    outside_offered: int
    outside_answered: int
    median_ms: float
    p95_ms: float


def read_questions(path: Path) -> Questions:
    """Raises KeyError naming what the file lacks."""
    data = YAML(typ="safe").load(path.read_text("utf-8"))
    inside = []
    for entry in data["inside"]:
        gold = entry["article"]
        inside.append((str(entry["ask"]), (gold,) if isinstance(gold, str) else tuple(gold)))
    folder = (path.parent / data["articles"]).resolve()
    return Questions(folder, str(data["language"]), tuple(inside), tuple(map(str, data["outside"])))


def evaluate(base: KnowledgeBase, questions: Questions, mistakes: list[str] | None = None) -> Report:
    """Ask everything once. mistakes: receives a line for each question not answered right at once, or not rejected."""
    counts = dict.fromkeys(("answer+", "choose+", "answer-", "choose-", "reject-", "reject+"), 0)
    strangers = dict.fromkeys(("answer", "choose", "reject"), 0)
    took_ms = []
    for question, gold in questions.inside:
        if unknown := set(gold) - base.articles.keys():
            raise KeyError(f"{question!r}: no article {', '.join(sorted(unknown))}")
        found = base.search(question, questions.language)
        took_ms.append(found.took_ms)
        offered = found.candidates[: 1 if found.band == "answer" else 3]
        right = any(hit.article in gold for hit in offered)
        counts[f"{found.band}{'+' if right else '-'}"] += 1
        if mistakes is not None and not (right and found.band == "answer"):
            mistakes.append(
                _told(question, found.band, [(h.article, h.score) for h in found.candidates], "/".join(gold))
            )
    for question in questions.outside:
        found = base.search(question, questions.language)
        took_ms.append(found.took_ms)
        strangers[found.band] += 1
        if mistakes is not None and found.band != "reject":
            mistakes.append(_told(question, found.band, [(h.article, h.score) for h in found.candidates], "nothing"))
    return Report(
        inside=len(questions.inside),
        right_at_once=counts["answer+"],
        right_among_offered=counts["choose+"],
        wrong_at_once=counts["answer-"],
        offered_without_right=counts["choose-"],
        rejected=counts["reject+"] + counts["reject-"],
        outside=len(questions.outside),
        outside_rejected=strangers["reject"],
        outside_offered=strangers["choose"],
        outside_answered=strangers["answer"],
        median_ms=round(statistics.median(took_ms), 1),
        p95_ms=round(statistics.quantiles(took_ms, n=20)[-1], 1),
    )


def _told(question: str, band: str, candidates: list[tuple[str, float]], wanted: str) -> str:
    listed = ", ".join(f"{article} {score:.2f}" for article, score in candidates)
    return f"{question} → {band}: {listed}; wanted {wanted}"


def _resident_mb() -> float:
    """Peak resident memory of this process (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m knowledge.evaluate", description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--spelling", action="store_true", help="without embeddings")
    parser.add_argument("--misheard", action="store_true", help="alter about every fifth word, as a bad line would")
    parser.add_argument("--mistakes", action="store_true", help="list what was not answered right at once")
    arguments = parser.parse_args()
    questions = read_questions(arguments.questions)
    if arguments.misheard:
        questions = questions.misheard()
    before_mb, began = _resident_mb(), perf_counter()
    embedder: Embedder | None = None if arguments.spelling else shared_embedder()
    loaded, loaded_mb = perf_counter(), _resident_mb()
    base = KnowledgeBase.load(questions.articles, embedder)
    built, built_mb = perf_counter(), _resident_mb()
    mistakes: list[str] = []
    report = evaluate(base, questions, mistakes)
    bands = base.bands
    print(f"{len(base.articles)} articles, {base.mode}, answer from {bands.answer:.2f}, choose from {bands.choose:.2f}")
    print(f"encoder {loaded - began:.2f} s, {loaded_mb - before_mb:.0f} MB")
    print(f"index   {built - loaded:.2f} s, {built_mb - loaded_mb:.0f} MB")
    for name, value in asdict(report).items():
        print(f"{name:22} {value}")
    if arguments.mistakes:
        print(*mistakes, sep="\n")


if __name__ == "__main__":
    main()
