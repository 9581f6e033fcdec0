"""`centralino eval nlu`: how well callers are understood, on data sets and on questions of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table
from threadpoolctl import threadpool_limits

from centralino.commands.console import err, out, said_plainly
from centralino.logs import set_up_logs
from centralino.settings import load_settings
from dialogs.deciding import decide
from dialogs.events import Lookup
from dialogs.loading import load_flowbook
from dialogs.understanding import Understanding
from knowledge import KnowledgeBase, shared_embedder
from knowledge.embedding import choose_embedder
from knowledge.heard import Unsure
from knowledge.measuring.intent_figures import IntentFigures, measure
from knowledge.measuring.memory import resident_mb
from knowledge.measuring.question_figures import (
    Answered,
    QuestionFigures,
    is_questions,
    measure_questions,
    read_question_set,
)
from knowledge.measuring.sentences import read_sentences


def nlu(
    data: Annotated[
        list[Path],
        typer.Option("--data", exists=True, help="JSON of pairs, CSV, CoNLL, or questions in YAML; may be repeated."),
    ],
    wer: Annotated[float, typer.Option(min=0, max=0.9, help="Word errors in what is asked: 0.15 for 15 %.")] = 0.0,
    confidences: Annotated[
        bool, typer.Option("--confidences", help="The recognizer doubts words of questions (simulated).")
    ] = False,
    language: Annotated[str, typer.Option(help="Of the sentences; default: as the file's name begins, else en.")] = "",
    protocol: Annotated[
        Literal["auto", "train-val", "shots", "halves"], typer.Option(help="What is learned from, what reported.")
    ] = "auto",
    shots: Annotated[int, typer.Option(min=1, max=500, help="Sentences of each intent that are learned from.")] = 10,
    flowbook: Annotated[
        Path | None, typer.Option(exists=True, help="Its intents take part when questions are asked.")
    ] = None,
    spelling: Annotated[bool, typer.Option("--spelling", help="Without the sentence encoder.")] = False,
    mistakes: Annotated[bool, typer.Option("--mistakes", help="List the questions that went wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each file.")] = False,
) -> None:
    """Accuracy, what is outside, latency and memory. One thread; nothing is tuned on what is reported."""
    set_up_logs("text", "error")
    with said_plainly(), threadpool_limits(1):
        choose_embedder(load_settings().understanding.choice)
        before_mb = resident_mb()
        embedder = None if spelling else shared_embedder()
        encoder_mb = resident_mb() - before_mb
        for path in data:
            if confidences and not is_questions(path):
                raise typer.BadParameter(f"--confidences is for questions in YAML, which {path.name} does not hold")
            if is_questions(path):
                asked = _questions(path, flowbook, spelling, wer, confidences)
                _print(asdict(asked), partial(_show_questions, asked, mistakes), as_json)
            else:
                chosen = None if protocol == "auto" else protocol
                figures = measure(read_sentences(path, language), embedder, wer, chosen, shots, encoder_mb)
                _print(asdict(figures), partial(_show_intents, figures), as_json)
        err.print(
            f"[dim]{resident_mb():.0f} MB in this process, {before_mb:.0f} MB before the encoder was loaded[/dim]"
        )


def _print(values: dict[str, object], show: Callable[[], None], as_json: bool) -> None:
    if as_json:
        print(json.dumps(values, ensure_ascii=False))
    else:
        show()


def _questions(path: Path, flowbook: Path | None, spelling: bool, wer: float, confidences: bool) -> QuestionFigures:
    questions = read_question_set(path)
    kb = KnowledgeBase.load(questions.articles, None if spelling else "shared")
    vocabulary = kb.phrasings().get(questions.language, [])
    if flowbook is None:
        return measure_questions(path.name, questions, partial(_found, kb, questions.language), vocabulary, wer,
                                 confidences)  # fmt: skip
    book = load_flowbook(flowbook)
    finds = Understanding(book, kb)
    titles = {name: said[questions.language] for name, said in book.intent_titles.items() if questions.language in said}

    def turn(asked: str, unsure: Unsure) -> Answered:
        lookup = Lookup(asked, questions.language, tuple(book.intents), True, tuple(unsure))
        meant = decide(finds.lookup(lookup, 0), (), titles)
        if meant.intent:
            return Answered("elsewhere")
        if meant.article is not None:
            return Answered("at once", (meant.article.article,))
        return Answered("offered" if meant.choices else "rejected", tuple(one.article for one in meant.choices))

    return measure_questions(path.name, questions, turn, vocabulary, wer, confidences)


def _found(kb: KnowledgeBase, language: str, asked: str, unsure: Unsure) -> Answered:
    found = kb.search(asked, language, unsure=unsure)
    articles = tuple(hit.article for hit in found.candidates)
    match found.band:
        case "answer":
            return Answered("at once", articles[:1])
        case "choose":
            return Answered("offered", articles)
    return Answered("rejected")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _show_intents(one: IntentFigures) -> None:
    noise = f", {100 * one.wer:.1f} % of the words wrong" if one.wer else ""
    out.print(f"{escape(one.data)} ({one.language}): {one.intents} intents, learned from {one.learned}, "
              f"asked {one.tested} inside and {one.outside} outside{noise}", soft_wrap=True)  # fmt: skip
    out.print(f"{one.protocol}", soft_wrap=True)
    table = Table("%", "right", "in best 3", "AUROC", "accepted right", "accepted wrong", "outside rejected")
    for row in one.rows:
        cells = (row.right, row.in_three, row.auroc, row.right_accepted, row.wrong_accepted, row.outside_rejected)
        table.add_row(row.way, *map(_percent, cells))
    out.print(table)
    if len(one.accuracies) > 2:
        out.print("each split: " + ", ".join(map(_percent, one.accuracies)))
    for intent, other, count in one.confused[:5]:
        out.print(f"  {count} × {escape(intent)} taken for {escape(other)}", soft_wrap=True)
    out.print(f"training {one.train_s:.1f} s; a sentence {one.median_ms:.1f} ms, 95 %: {one.p95_ms:.1f} ms; "
              f"encoder {one.encoder_mb:.0f} MB, model {one.model_mb:.0f} MB", soft_wrap=True)  # fmt: skip


def _show_questions(one: QuestionFigures, mistakes: bool) -> None:
    noise = f", {100 * one.wer:.1f} % of the words wrong" if one.wer else ""
    out.print(
        f"{escape(one.data)} ({one.part}): {one.inside} questions inside, {one.outside} outside{noise}", soft_wrap=True
    )
    out.print(f"right at once {one.right_at_once}, among those offered {one.right_offered}: {_percent(one.helped)} %; "
              f"wrong at once {one.wrong_at_once}, offered without the right one {one.offered_without}, "
              f"rejected {one.rejected}, led to a flow {one.elsewhere}", soft_wrap=True)  # fmt: skip
    out.print(f"outside: rejected {one.outside_rejected}, offered {one.outside_offered}, "
              f"answered {one.outside_answered}, led to a flow {one.outside_elsewhere}; "
              f"wrong answers spoken {_percent(one.wrong_spoken)} %", soft_wrap=True)  # fmt: skip
    out.print("; ".join(f"{say}: {right} of {asked}" for say, right, asked in one.by_say))
    out.print(f"a turn {one.median_ms:.1f} ms, 95 %: {one.p95_ms:.1f} ms")
    if mistakes:
        for line in one.mistakes:
            out.print(f"  {line}", markup=False, soft_wrap=True)
